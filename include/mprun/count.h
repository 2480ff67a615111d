/* SPDX-License-Identifier: MIT */
/* What comes and goes, counted: the hooks of Python's allocators and of malloc are built from what
 * stands here.
 *
 * Who holds the GIL writes the plain fields of nodes, sites and levels; who does not has fields of
 * its own and locked instructions. They meet where a peak is tested. So the total at a peak may be
 * off by what other threads allocate or free at that very moment without the GIL: at most one block
 * for each of them. Everything else is exact.
 *
 * Cost of an allocation under the GIL whose line is known: some 25 loads and stores, no call, no
 * locked instruction; of a free, as many. */
#ifndef MPRUN_COUNT_H
#define MPRUN_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/blocks.h"
#include "mprun/hot.h"
#include "mprun/nodes.h"
#include "mprun/probe.h"
#include "mprun/recording.h"

/* Where the session counts: what the probe page says, and still there while a hold lasts, and in a
 * child that was made in the middle of a hook (by a signal's handler), where the page is wiped. To
 * be asked for by who has seen before the allocator's call that the heap is tracked. */
extern MPR_EXPORT struct mpr_rec_heap *mpr_heap_counted;

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
    struct mpr_rec_site *site = mpr_node_site(node);
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
    if (total <= MPR_READ(heap->high))
        return;
    heap->high_before = MPR_READ(heap->high);
    heap->high_when = counts->allocations;
    MPR_HELD_SET(heap->high, total);
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
MPR_HOT void mpr_heap_take(struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts,
    struct mpr_rec_node *node, uint64_t size, uint32_t frees)
{
    struct mpr_rec_site *site = mpr_node_site(node);
    if (__builtin_expect(MPR_READ(node->epoch) != MPR_READ(heap->epoch), 0))
        mpr_node_rebase(node, MPR_READ(heap->epoch));
    MPR_HELD_ADD(node->freed, size);
    MPR_HELD_ADD(node->frees, frees);
    MPR_HELD_ADD(site->live, -(int64_t)size);
    counts->freed += size;
    MPR_HELD_ADD(mpr_site_level(heap, site)->gil, -(int64_t)size);
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
    MPR_HELD_SET(*word, node->number << MPR_BLOCK_NODE | (uint32_t)size);
    thread->heap.last_block = block;
    mpr_heap_credit(heap, thread->heap.counts, node, size, domain);
}

/* Take a block out of the table and count nothing yet. `at` is where its word stands, and `word`
 * what it is; 0 if there is none. */
MPR_HOT struct mpr_taken mpr_heap_take_word(uint32_t *at, uint32_t word, const void *block)
{
    struct mpr_taken taken = {NULL, 0};
    if ((int32_t)word <= 0) /* none, or one that holds a size */
        return taken;
    taken.node = mpr_node_at(word >> MPR_BLOCK_NODE);
    taken.size = word & MPR_BLOCK_SIZE;
    if (__builtin_expect(taken.size >= MPR_BLOCK_WIDE, 0))
        taken.size = mpr_block_clear_wide(block, word);
    MPR_HELD_SET(*at, 0);
    return taken;
}

MPR_HOT struct mpr_taken mpr_heap_take_out(const void *block)
{
    uint32_t *at = mpr_block_word(block);
    return mpr_heap_take_word(at, at ? *at : 0, block);
}

/* Under the GIL: a block is about to be freed. Blocks that nobody entered are no concern of ours.
 */
MPR_HOT void mpr_heap_remove(
    struct mpr_thread *thread, struct mpr_rec_heap *heap, const void *block)
{
    struct mpr_taken taken = mpr_heap_take_out(block);
    if (!taken.node)
        return;
    mpr_heap_debit(heap, thread->heap.counts, taken.node, taken.size, 1);
}

/* Under the GIL: a reallocation has succeeded. One event: what grew did not shrink before. */
MPR_HOT void mpr_heap_move(struct mpr_thread *thread, struct mpr_rec_heap *heap,
    struct mpr_taken old, struct mpr_rec_node *node, const void *block, uint64_t size,
    uint32_t domain)
{
    if (old.node && size < old.size)
        mpr_heap_debit(heap, thread->heap.counts, old.node, old.size, 1);
    else if (old.node)
        mpr_heap_take(heap, thread->heap.counts, old.node, old.size, 1);
    mpr_heap_add(thread, heap, node, block, size, domain);
}

/* --- for callers that may or may not hold the GIL: malloc and its family --- */

/* The thread has been guarded (MPR_GUARD_INNER) since before the allocator was called, and is so no
 * more. Until then a signal's handler may come at any instruction: what it allocates meanwhile is
 * not counted, since it would find counters half written and locks taken, and what it frees is
 * counted as if it were another thread, without the GIL. The fence is the compiler's: no
 * instruction.
 */
MPR_HOT void mpr_heap_done(struct mpr_thread *thread)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    thread->heap.guard = 0;
}

/* All do nothing while the heap is not tracked. Callers ask for the guard first, and set it; the
 * thread is done with a block that it got. */
MPR_EXPORT void mpr_heap_got(
    struct mpr_thread *thread, const void *block, uint64_t size, uint32_t domain);
MPR_EXPORT void mpr_heap_gives(struct mpr_thread *thread, const void *block);

/* Is an allocation of this thread to be counted now? Sets up a new thread's block. */
static inline bool mpr_heap_counts(struct mpr_thread *thread)
{
    if (__builtin_expect(thread->heap.guard == 0, 1))
        return true;
    if (!(thread->heap.guard & MPR_GUARD_NEW))
        return false;
    mpr_thread_counts(thread);
    return thread->heap.guard == 0;
}

/* A reallocation that is under way: by malloc, or by a domain of Python's that may lack the GIL. */
struct mpr_resize {
    struct mpr_taken old;
    uint32_t session; /* in which it began: in another one `old` is nothing */
    uint32_t guard;
    bool gil;     /* held all the time, or not at all */
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

#endif
