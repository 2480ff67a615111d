/* SPDX-License-Identifier: MIT */
/* Exact heap: which block was asked for where, and what a free takes from whom. The hooks of
 * Python's allocators and of malloc are built from what stands here.
 *
 * Blocks live in a shadow table, one 32-bit word for each 16 bytes of address space that holds
 * blocks: the number of the block's node and its size. No header in front of a block, no lock, no
 * hash. A block's word is written by who got it from the allocator and cleared by who gives it
 * back, before that: the allocator orders the two.
 *
 * Who holds the GIL writes the plain fields of nodes, sites and levels; who does not has fields of
 * its own and locked instructions. They meet where a peak is tested. So the total at a peak may be
 * off by what other threads allocate or free at that very moment without the GIL: at most one block
 * for each of them. Everything else is exact.
 *
 * Cost of an allocation under the GIL whose line is known: some 25 loads and stores, no call, no
 * locked instruction; of a free, as many. */
#ifndef MPRUN_HEAP_H
#define MPRUN_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/probe.h"

/* In the hooks there is no call but the allocator's; what is seldom called stands off the way. */
#define MPR_HOT static inline __attribute__((always_inline))
#define MPR_COLD __attribute__((cold))

/* --- the shadow table --- */

/* A word: node << MPR_BLOCK_NODE | size; 0: no block. A larger size stands in the words of the next
 * granules, which the block covers too, 31 bits in each, marked as such. */
#define MPR_BLOCK_NODE 12
#define MPR_BLOCK_SIZE ((1u << MPR_BLOCK_NODE) - 1)
#define MPR_BLOCK_WIDE (MPR_BLOCK_SIZE - 1) /* the next word holds the size */
#define MPR_BLOCK_HUGE MPR_BLOCK_SIZE       /* the next two do */
#define MPR_BLOCK_MORE (1u << 31)           /* mark of a word that holds a size */

#define MPR_LEAF_BITS 14 /* a page of words: 16 KiB of addresses */
#define MPR_LOW_BITS 9
#define MPR_MIDDLE_BITS 12
#define MPR_TOP_BITS 12 /* 2^47 in all */

struct mpr_blocks_leaf {
    uint32_t word[1u << (MPR_LEAF_BITS - 4)];
};

struct mpr_blocks_low {
    struct mpr_blocks_leaf *leaf[1u << MPR_LOW_BITS];
};

struct mpr_blocks_middle {
    struct mpr_blocks_low *low[1u << MPR_MIDDLE_BITS];
};

struct mpr_blocks_top {
    struct mpr_blocks_middle *middle[1u << MPR_TOP_BITS];
};

/* Where an address stands in each level. */
MPR_HOT size_t mpr_blocks_top_index(uintptr_t at)
{
    return at >> (MPR_LEAF_BITS + MPR_LOW_BITS + MPR_MIDDLE_BITS) & ((1u << MPR_TOP_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_middle_index(uintptr_t at)
{
    return at >> (MPR_LEAF_BITS + MPR_LOW_BITS) & ((1u << MPR_MIDDLE_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_low_index(uintptr_t at)
{
    return at >> MPR_LEAF_BITS & ((1u << MPR_LOW_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_word_index(uintptr_t at)
{
    return at >> 4 & ((1u << (MPR_LEAF_BITS - 4)) - 1);
}

/* NULL: no leaf there. */
MPR_HOT uint32_t *mpr_blocks_word(const struct mpr_blocks_top *top, uintptr_t at)
{
    const struct mpr_blocks_middle *middle = top->middle[mpr_blocks_top_index(at)];
    if (__builtin_expect(!middle, 0))
        return NULL;
    const struct mpr_blocks_low *low = middle->low[mpr_blocks_middle_index(at)];
    if (__builtin_expect(!low, 0))
        return NULL;
    struct mpr_blocks_leaf *leaf = low->leaf[mpr_blocks_low_index(at)];
    return __builtin_expect(!leaf, 0) ? NULL : &leaf->word[mpr_blocks_word_index(at)];
}

/* Of blocks at multiples of 16, which glibc and pymalloc give. */
extern MPR_EXPORT struct mpr_blocks_top mpr_blocks;
/* Of those 8 past one: small blocks of other allocators. */
MPR_EXPORT MPR_COLD uint32_t *mpr_block_word_odd(uintptr_t address);

/* The word of that address; NULL if there never was a block near it. */
MPR_HOT uint32_t *mpr_block_word(const void *block)
{
    uintptr_t at = (uintptr_t)block;
    if (__builtin_expect((at & 8) != 0, 0))
        return mpr_block_word_odd(at);
    return mpr_blocks_word(&mpr_blocks, at);
}

/* Enter a block; false if there is no memory for the table. The word was 0. */
MPR_EXPORT bool mpr_block_put(const void *block, uint32_t node, uint64_t size);
/* Forget the sizes in the words behind the block's own, `word`; returns its size. */
MPR_EXPORT uint64_t mpr_block_clear_wide(const void *block, uint32_t word);
/* Call for each block in ascending order of addresses (multiples of 16 first, then the odd ones).
 */
void mpr_block_each(
    void (*visit)(uintptr_t block, uint32_t node, uint64_t size, void *data), void *data);

/* --- nodes --- */

#define MPR_NODES_BLOCK 256u
#define MPR_NODES_BLOCKS 2047u /* less than 2^19 nodes: a word has 19 bits for them */

/* By number; number 0 is none. */
extern MPR_EXPORT struct mpr_rec_node *mpr_node_blocks[MPR_NODES_BLOCKS];

static inline struct mpr_rec_node *mpr_node_at(uint32_t number)
{
    return &mpr_node_blocks[number / MPR_NODES_BLOCK][number % MPR_NODES_BLOCK];
}

/* The leaf for an allocation: a source line, or a special place, within a context. Any thread.
 * Never NULL once the heap is tracked: what finds no room folds into its context. */
MPR_EXPORT struct mpr_rec_node *mpr_node_leaf(
    uint32_t context, uint32_t place, uint32_t line, uint32_t domain);
/* The leaf of a special place, in no context. */
MPR_EXPORT MPR_COLD struct mpr_rec_node *mpr_node_special(
    enum mpr_special_place place, uint32_t domain);
/* The number of a code's place, see struct mpr_heap_ops. Any thread. */
MPR_EXPORT uint32_t mpr_node_place(
    const char *file, const char *qualname, uint32_t first_line, uint32_t last_line);
/* Where the standard library is, "" unknown: whose code a place is goes with it. Before the first
 * place. */
MPR_EXPORT void mpr_node_stdlib(const char *folder);
/* As struct mpr_heap_ops has it. */
uint32_t mpr_node_row(uint32_t context, uint32_t place, uint32_t line);
/* Make the nodes that must always be there. */
bool mpr_nodes_start(void);
/* How many there are; numbers 1 … count. */
uint32_t mpr_nodes_count(void);

/* --- counting --- */

/* A field that only the holder of the GIL writes and anybody may read: a plain addition. The thread
 * sanitizer wants to be told that this is meant. */
#ifdef __SANITIZE_THREAD__
#define MPR_HELD_ADD(field, value)                                                                 \
    __atomic_store_n(                                                                              \
        &(field), __atomic_load_n(&(field), __ATOMIC_RELAXED) + (value), __ATOMIC_RELAXED)
#define MPR_HELD_SET(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELAXED)
#else
#define MPR_HELD_ADD(field, value) ((field) += (value))
#define MPR_HELD_SET(field, value) ((field) = (value))
#endif
#define MPR_READ(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

static inline int64_t mpr_level_now(const struct mpr_rec_level *level)
{
    return MPR_READ(level->gil) + MPR_READ(level->nogil);
}

static inline int64_t mpr_heap_total(const struct mpr_rec_heap *heap)
{
    return mpr_level_now(&heap->level[MPR_HEAP_PYTHON]) +
           mpr_level_now(&heap->level[MPR_HEAP_NATIVE]);
}

/* A node that was not touched since the last peak closed held then what it holds now. */
static inline void mpr_node_rebase(struct mpr_rec_node *node, uint32_t epoch)
{
    int64_t live = (int64_t)(MPR_READ(node->allocated) + MPR_READ(node->allocated_nogil) -
                             MPR_READ(node->freed) - MPR_READ(node->freed_nogil));
    MPR_HELD_SET(node->at_peak, live);
    MPR_HELD_SET(node->epoch, epoch);
}

/* What the thread itself has done, whoever holds the GIL. */
MPR_HOT void mpr_heap_count_own(struct mpr_rec_heap_counts *counts, uint64_t size)
{
    counts->allocated += size;
    counts->allocations++;
    int64_t own = (int64_t)(counts->allocated - counts->freed);
    if (own > counts->high) {
        counts->high_before = counts->high;
        counts->high_when = counts->allocations;
        counts->high = own;
    }
}

/* Under the GIL: bytes come to a node of that domain (a constant: then NATIVE's level is MMAP's).
 */
MPR_HOT void mpr_heap_credit(struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts,
    struct mpr_rec_node *node, uint64_t size, uint32_t domain)
{
    struct mpr_rec_site *site = node->site_here;
    struct mpr_rec_level *level = &heap->level[domain != MPR_HEAP_PYTHON];
    if (__builtin_expect(MPR_READ(node->epoch) != MPR_READ(heap->epoch), 0))
        mpr_node_rebase(node, MPR_READ(heap->epoch));
    MPR_HELD_ADD(node->allocated, size);
    MPR_HELD_ADD(node->allocations, 1);
    MPR_HELD_ADD(site->live, (int64_t)size);
    int64_t here = site->live + MPR_READ(site->live_nogil);
    if (here > MPR_READ(site->peak))
        MPR_HELD_SET(site->peak, here);
    mpr_heap_count_own(counts, size);
    MPR_HELD_ADD(level->gil, (int64_t)size);
    int64_t now = mpr_level_now(level);
    if (now > MPR_READ(level->peak)) {
        level->peak_before = MPR_READ(level->peak);
        level->peak_when = counts->allocations;
        MPR_HELD_SET(level->peak, now);
    }
    int64_t total = now + mpr_level_now(&heap->level[domain == MPR_HEAP_PYTHON]);
    if (total > MPR_READ(heap->peak)) {
        uint32_t on_free = MPR_READ(heap->on_free);
        heap->peak_before = MPR_READ(heap->peak);
        heap->rising_before = on_free & MPR_ON_FREE_RISING;
        MPR_HELD_SET(heap->on_free, on_free | MPR_ON_FREE_RISING);
        MPR_HELD_SET(heap->peak, total);
        MPR_HELD_SET(heap->peak_node, node->number);
    }
}

/* … and leave it. */
MPR_HOT void mpr_heap_take(const struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts,
    struct mpr_rec_node *node, uint64_t size, uint32_t frees)
{
    struct mpr_rec_site *site = node->site_here;
    if (__builtin_expect(MPR_READ(node->epoch) != MPR_READ(heap->epoch), 0))
        mpr_node_rebase(node, MPR_READ(heap->epoch));
    MPR_HELD_ADD(node->freed, size);
    MPR_HELD_ADD(node->frees, frees);
    MPR_HELD_ADD(site->live, -(int64_t)size);
    counts->freed += size;
    MPR_HELD_ADD(site->level_here->gil, -(int64_t)size);
}

/* While a frame of this thread may be on its way out: `size` bytes are about to be freed. */
MPR_EXPORT MPR_COLD void mpr_heap_frees_watched(uint64_t size);

/* The first free after a peak was reached closes it. */
MPR_HOT void mpr_heap_debit(struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts,
    struct mpr_rec_node *node, uint64_t size, uint32_t frees)
{
    uint32_t on_free = MPR_READ(heap->on_free);
    if (__builtin_expect(on_free, 0)) {
        if (on_free & MPR_ON_FREE_LEAVING)
            mpr_heap_frees_watched(size);
        if (on_free & MPR_ON_FREE_RISING) {
            MPR_HELD_SET(heap->on_free, MPR_READ(heap->on_free) & ~MPR_ON_FREE_RISING);
            MPR_HELD_ADD(heap->epoch, 1);
        }
    }
    mpr_heap_take(heap, counts, node, size, frees);
}

/* What a block was, taken out of the table. */
struct mpr_taken {
    struct mpr_rec_node *node; /* NULL: it was in none */
    uint64_t size;
};

/* Out of line: a wide block, a word that is taken (its block was freed unseen), a missing leaf. */
MPR_EXPORT MPR_COLD void mpr_heap_add_slow(struct mpr_thread *thread, struct mpr_rec_node *node,
    const void *block, uint64_t size, uint32_t domain);
/* Without the GIL. */
MPR_EXPORT void mpr_heap_add_nogil(
    struct mpr_thread *thread, struct mpr_rec_node *node, const void *block, uint64_t size);
/* With or without it: bytes only, no block. */
struct mpr_rec_node *mpr_heap_node_any(struct mpr_thread *thread, uint32_t domain);
void mpr_heap_credit_any(struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size);
void mpr_heap_debit_any(
    struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size, uint32_t frees);

/* Under the GIL: the allocator gave a block. */
MPR_HOT void mpr_heap_add(struct mpr_thread *thread, struct mpr_rec_heap *heap,
    struct mpr_rec_node *node, const void *block, uint64_t size, uint32_t domain)
{
    uint32_t *word = mpr_block_word(block);
    if (__builtin_expect(!word || *word != 0 || size >= MPR_BLOCK_WIDE, 0)) {
        mpr_heap_add_slow(thread, node, block, size, domain);
        return;
    }
    *word = node->number << MPR_BLOCK_NODE | (uint32_t)size;
    thread->last_block = block;
    mpr_heap_credit(heap, thread->counts, node, size, domain);
}

/* Take a block out of the table and count nothing yet. */
MPR_HOT struct mpr_taken mpr_heap_take_out(const void *block)
{
    struct mpr_taken taken = {NULL, 0};
    uint32_t *at = mpr_block_word(block);
    uint32_t word = at ? *at : 0;
    if ((int32_t)word <= 0) /* none, or one that holds a size */
        return taken;
    taken.node = mpr_node_at(word >> MPR_BLOCK_NODE);
    taken.size = word & MPR_BLOCK_SIZE;
    if (__builtin_expect(taken.size >= MPR_BLOCK_WIDE, 0))
        taken.size = mpr_block_clear_wide(block, word);
    *at = 0;
    return taken;
}

/* Under the GIL: a block is about to be freed. Blocks that nobody entered are no concern of ours.
 */
MPR_HOT void mpr_heap_remove(
    struct mpr_thread *thread, struct mpr_rec_heap *heap, const void *block)
{
    struct mpr_taken taken = mpr_heap_take_out(block);
    if (!taken.node)
        return;
    mpr_heap_debit(heap, thread->counts, taken.node, taken.size, 1);
}

/* Under the GIL: a reallocation has succeeded. One event: what grew did not shrink before. */
MPR_HOT void mpr_heap_move(struct mpr_thread *thread, struct mpr_rec_heap *heap,
    struct mpr_taken old, struct mpr_rec_node *node, const void *block, uint64_t size,
    uint32_t domain)
{
    if (old.node && size < old.size)
        mpr_heap_debit(heap, thread->counts, old.node, old.size, 1);
    else if (old.node)
        mpr_heap_take(heap, thread->counts, old.node, old.size, 1);
    mpr_heap_add(thread, heap, node, block, size, domain);
}

/* --- for callers that may or may not hold the GIL: malloc and its family --- */

/* All do nothing while the heap is not tracked. Callers ask for the guard first. */
MPR_EXPORT void mpr_heap_got(
    struct mpr_thread *thread, const void *block, uint64_t size, uint32_t domain);
MPR_EXPORT void mpr_heap_gives(struct mpr_thread *thread, const void *block);

/* Is an allocation of this thread to be counted now? Sets up a new thread's block. */
static inline bool mpr_heap_counts(struct mpr_thread *thread)
{
    if (__builtin_expect(thread->guard == 0, 1))
        return true;
    if (!(thread->guard & MPR_GUARD_NEW))
        return false;
    mpr_thread_counts(thread);
    return thread->guard == 0;
}

/* A reallocation that is under way: by malloc, or by a domain of Python's that may lack the GIL. */
struct mpr_resize {
    struct mpr_taken old;
    uint32_t guard;
    bool counted; /* the new block is the program's */
};

/* Before the allocator is called: the old block (or NULL) is out of the table, and the thread
 * guarded. Not while it is in another allocation. */
MPR_EXPORT struct mpr_resize mpr_heap_resize_begin(struct mpr_thread *thread, const void *block);
/* After it gave `result`. NULL: it failed, and the old block is where it was, unless it `freed` it.
 */
MPR_EXPORT void mpr_heap_resize_end(struct mpr_thread *thread, struct mpr_resize resize,
    const void *block, const void *result, uint64_t size, uint32_t domain, bool freed);
/* A block that was taken out stays after all. */
MPR_EXPORT void mpr_heap_restore(const void *block, struct mpr_taken old);

/* --- maps --- */

/* Private anonymous writable memory from mmap is heap. The lock is held around the system call, so
 * that what it changes and what is known of it change together. Any thread. */
void mpr_maps_lock(void);
void mpr_maps_unlock(void);
/* [start, start + size) is mapped now, with the other arguments of mmap, in place of whatever was
 * there. With the lock, as the others. */
void mpr_maps_mapped(
    struct mpr_thread *thread, uintptr_t start, uint64_t size, int protection, int flags, int fd);
void mpr_maps_unmapped(struct mpr_thread *thread, uintptr_t start, uint64_t size);
/* What was at [from, from + old_size) now is at [to, to + new_size); `kept`: and stays mapped
 * there, empty (MREMAP_DONTUNMAP). */
void mpr_maps_moved(struct mpr_thread *thread, uintptr_t from, uint64_t old_size, uintptr_t to,
    uint64_t new_size, bool kept);
/* What the program has mapped at that address, if it is no heap. With the lock. */
enum mpr_mapped { MPR_MAPPED_NOTHING, MPR_MAPPED_FILE, MPR_MAPPED_SHARED };
enum mpr_mapped mpr_maps_nonheap(uintptr_t at);
/* Is what /proc calls a mapping or a descriptor memory that has no file, or one in /dev/shm? */
bool mpr_path_is_memory(const char *path);
/* Bytes of heap maps that are not resident. With the lock. */
int64_t mpr_maps_untouched(void);
/* Bytes of [start, end) that lie in pages which are not resident. */
int64_t mpr_untouched(uintptr_t start, uintptr_t end);

/* --- the whole --- */

/* Track from now on. After mpr_probe_attach, in the main thread, before others exist. */
MPR_EXPORT int mpr_heap_start(struct mpr_error *err);
/* Facts for the reconciliation that only the allocators' hooks know. */
struct mpr_arenas {
    const uintptr_t *start; /* ascending is not required */
    const uint64_t *size;
    uint32_t count;
};
extern MPR_EXPORT struct mpr_arenas mpr_arenas;
/* Tables that pymalloc takes from malloc to find its arenas by: large, zeroed and mostly untouched.
 */
#define MPR_ARENA_TABLES 64
struct mpr_arena_tables {
    uintptr_t start[MPR_ARENA_TABLES];
    uint64_t size[MPR_ARENA_TABLES];
    uint32_t count;
};
extern MPR_EXPORT struct mpr_arena_tables mpr_arena_tables;
/* Bytes that malloc has from the kernel, and of them handed out; unknown for other allocators. Set
 * by interpose. */
struct mpr_malloc_facts {
    bool known;
    int64_t held;
    int64_t used;
    const char *owner; /* file name of whose malloc it is; NULL: the C library's */
};
extern struct mpr_malloc_facts (*mpr_malloc_ask)(void);

#endif
