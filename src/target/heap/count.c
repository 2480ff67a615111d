/* SPDX-License-Identifier: MIT */
/* Counting out of line: the rare cases under the GIL, and all of them without it. */
#include <errno.h>
#include <pthread.h>

#include "mprun/count.h"

#include "count.h"

struct mpr_rec_heap *mpr_heap_counted;

static struct {
    const struct mpr_heap_runtime *runtime; /* NULL: there is no Python yet */
    const struct mpr_thread *starter;
    void (*leaving)(struct mpr_thread *thread, uint64_t size);
} state;

static void forget_contexts(void)
{
    if (state.runtime && state.runtime->contexts_changed)
        state.runtime->contexts_changed();
}

void mpr_count_start(struct mpr_rec_heap *heap, const struct mpr_heap_runtime *runtime)
{
    mpr_heap_counted = heap;
    state.starter = &mpr_thread_block;
    __atomic_store_n(&state.runtime, runtime, __ATOMIC_RELEASE);
    state.leaving = NULL;
    forget_contexts(); /* the last session's: until its holds had ended, more could be found */
}

void mpr_count_stop(void)
{
    state.leaving = NULL;
}

void mpr_heap_set_runtime(const struct mpr_heap_runtime *runtime)
{
    __atomic_store_n(&state.runtime, runtime, __ATOMIC_RELEASE);
}

void mpr_heap_set_leaving(void (*frees)(struct mpr_thread *thread, uint64_t size))
{
    state.leaving = frees;
}

void mpr_heap_contexts_changed(void)
{
    if (mpr_probe->heap)
        forget_contexts();
}

static void debit_free(
    struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size, uint32_t frees);

static void debit(struct mpr_thread *thread, struct mpr_taken taken, bool gil)
{
    if (gil)
        mpr_heap_debit(mpr_heap_counted, thread->heap.counts, taken.node, taken.size, 1);
    else
        debit_free(thread, taken.node, taken.size, 1);
}

/* Where a block begins, a word says that another one is there: that was freed unseen (by a call
 * that went past the hooks), or it is a size, and the block in front was. */
static void retire(struct mpr_thread *thread, const void *block, bool gil)
{
    for (size_t back = 0; back <= 32; back += 16) {
        const char *at = (const char *)block - back;
        const uint32_t *word = mpr_block_word(at);
        if (!word || *word == 0)
            return;
        if (*word & MPR_BLOCK_MORE)
            continue;
        if (back == 0 || (*word & MPR_BLOCK_SIZE) >= MPR_BLOCK_WIDE)
            debit(thread, mpr_heap_take_out(at), gil);
        return;
    }
}

/* Enter a block, after what stood there before it. False: no memory for the table. */
static bool replace(struct mpr_thread *thread, const struct mpr_rec_node *node, const void *block,
    uint64_t size, bool gil)
{
    retire(thread, block, gil);
    if (size >= MPR_BLOCK_WIDE)
        retire(thread, (const char *)block + 16, gil);
    if (size >= MPR_BLOCK_MORE)
        retire(thread, (const char *)block + 32, gil);
    if (mpr_block_put(block, node->number, size))
        return true;
    mpr_note(MPR_NOTE_HEAP_LOST);
    return false;
}

void mpr_heap_add_slow(struct mpr_thread *thread, struct mpr_rec_node *node, const void *block,
    uint64_t size, uint32_t domain)
{
    int saved = errno;
    thread->heap.last_block = block;
    if (replace(thread, node, block, size, true))
        mpr_heap_credit(mpr_heap_counted, thread->heap.counts, node, size, domain);
    errno = saved;
}

void mpr_heap_frees_watched(uint64_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (thread->stack->leaving && state.leaving)
        state.leaving(thread, size);
}

/* --- without the GIL --- */

#define ADD(field, value) __atomic_add_fetch(&(field), (value), __ATOMIC_RELAXED)

static bool raise_to(int64_t *peak, int64_t value)
{
    int64_t seen = MPR_READ(*peak);
    while (value > seen)
        if (__atomic_compare_exchange_n(
                peak, &seen, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return true;
    return false;
}

static void rebase_if_new(struct mpr_rec_node *node, const struct mpr_rec_heap *heap)
{
    uint32_t epoch = MPR_READ(heap->epoch);
    uint32_t seen = MPR_READ(node->epoch);
    if (__builtin_expect(seen == epoch, 1))
        return;
    int64_t live = (int64_t)(MPR_READ(node->allocated) + MPR_READ(node->allocated_nogil) -
                             MPR_READ(node->freed) - MPR_READ(node->freed_nogil));
    if (__atomic_compare_exchange_n(
            &node->epoch, &seen, epoch, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        __atomic_store_n(&node->at_peak, live, __ATOMIC_RELAXED);
}

static void credit_free(struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size)
{
    struct mpr_rec_heap *heap = mpr_heap_counted;
    struct mpr_rec_site *site = mpr_node_site(node);
    struct mpr_rec_level *level = mpr_site_level(heap, site);
    rebase_if_new(node, heap);
    ADD(node->allocated_nogil, size);
    ADD(node->allocations_nogil, 1);
    raise_to(&site->peak, ADD(site->live_nogil, (int64_t)size) + MPR_READ(site->live));
    mpr_heap_count_own(thread->heap.counts, size);
    raise_to(&level->peak, ADD(level->nogil, (int64_t)size) + MPR_READ(level->gil));
    int64_t total = mpr_heap_total(heap);
    if (raise_to(&heap->high, total) && raise_to(&heap->peak, total)) {
        __atomic_fetch_or(&heap->on_free, MPR_ON_FREE_RISING, __ATOMIC_RELAXED);
        __atomic_store_n(&heap->peak_node, node->number, __ATOMIC_RELAXED);
    }
}

static void debit_free(
    struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size, uint32_t frees)
{
    struct mpr_rec_heap *heap = mpr_heap_counted;
    struct mpr_rec_site *site = mpr_node_site(node);
    if (MPR_READ(heap->on_free) & MPR_ON_FREE_RISING &&
        __atomic_fetch_and(&heap->on_free, ~MPR_ON_FREE_RISING, __ATOMIC_RELAXED) &
            MPR_ON_FREE_RISING)
        ADD(heap->epoch, 1);
    rebase_if_new(node, heap);
    ADD(node->freed_nogil, size);
    ADD(node->frees_nogil, frees);
    ADD(site->live_nogil, -(int64_t)size);
    thread->heap.counts->freed += size;
    ADD(mpr_site_level(heap, site)->nogil, -(int64_t)size);
}

static void add_nogil(
    struct mpr_thread *thread, struct mpr_rec_node *node, const void *block, uint64_t size)
{
    uint32_t *word = mpr_block_word(block);
    if (__builtin_expect(word && MPR_READ(*word) == 0 && size < MPR_BLOCK_WIDE, 1)) {
        MPR_HELD_SET(*word, node->number << MPR_BLOCK_NODE | (uint32_t)size);
        credit_free(thread, node, size);
        return;
    }
    int saved = errno;
    if (replace(thread, node, block, size, false))
        credit_free(thread, node, size);
    errno = saved;
}

/* The heap is tracked, and stays so until the end. */
static bool begin_nogil(struct mpr_thread *thread)
{
    if (!mpr_hold_begin(thread))
        return false;
    if (__builtin_expect(__atomic_load_n(&mpr_probe->heap, __ATOMIC_ACQUIRE) != NULL, 1))
        return true;
    mpr_hold_end(thread);
    return false;
}

/* --- for those who may or may not hold it --- */

/* Who holds the GIL is its own last thread state, unless that is dead and its place is another's:
 * a thread state names its thread. */
static bool gil_held(struct mpr_thread *thread)
{
    const struct mpr_heap_runtime *runtime = MPR_READ(state.runtime);
    if (!runtime)
        return thread == state.starter;
    if (!runtime->gil_holder)
        return runtime->gil_held(thread);
    const char *holder = __atomic_load_n(runtime->gil_holder, __ATOMIC_RELAXED);
    if (!holder)
        return false;
    if (holder == thread->heap.python)
        return *(const unsigned long *)(const void *)(holder + runtime->thread_id_offset) ==
               (unsigned long)pthread_self();
    return runtime->gil_held(thread);
}

static struct mpr_rec_node *node_here(struct mpr_thread *thread, uint32_t domain, bool gil)
{
    const struct mpr_heap_runtime *runtime = MPR_READ(state.runtime);
    if (!MPR_READ(mpr_probe->program_runs) || !runtime)
        return mpr_node_special(MPR_PLACE_STARTUP, domain);
    return runtime->node_here(thread, domain, gil);
}

struct mpr_rec_node *mpr_heap_node_any(struct mpr_thread *thread, uint32_t domain)
{
    return node_here(thread, domain, gil_held(thread));
}

void mpr_heap_credit_any(struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size)
{
    if (gil_held(thread))
        mpr_heap_credit(
            mpr_heap_counted, thread->heap.counts, node, size, mpr_node_site(node)->domain);
    else
        credit_free(thread, node, size);
}

void mpr_heap_debit_any(
    struct mpr_thread *thread, struct mpr_rec_node *node, uint64_t size, uint32_t frees)
{
    if (gil_held(thread))
        mpr_heap_debit(mpr_heap_counted, thread->heap.counts, node, size, frees);
    else
        debit_free(thread, node, size, frees);
}

static void got_nogil(struct mpr_thread *thread, const void *block, uint64_t size, uint32_t domain)
{
    if (!begin_nogil(thread))
        return;
    add_nogil(thread, node_here(thread, domain, false), block, size);
    mpr_hold_end(thread);
}

/* The end of what a thread is guarded for is done here, where its address is at hand. */
void mpr_heap_got(struct mpr_thread *thread, const void *block, uint64_t size, uint32_t domain)
{
    if (gil_held(thread))
        mpr_heap_add(
            thread, mpr_heap_counted, node_here(thread, domain, true), block, size, domain);
    else
        got_nogil(thread, block, size, domain);
    mpr_heap_done(thread);
}

static void gives_nogil(struct mpr_thread *thread, const void *block)
{
    if (!begin_nogil(thread))
        return;
    struct mpr_taken taken = mpr_heap_take_out(block);
    if (taken.node)
        debit(thread, taken, false);
    mpr_hold_end(thread);
}

/* The table may be looked at by anybody at any time; what is found there, only with the GIL or in a
 * hold. No allocator frees what is known to be the program's: inside of one this is a signal's
 * handler, and the counters of the GIL's holder may be half written. */
void mpr_heap_gives(struct mpr_thread *thread, const void *block)
{
    uint32_t *at = mpr_block_word(block);
    if (!at || (int32_t)MPR_READ(*at) <= 0)
        return;
    if (thread->heap.guard & MPR_GUARD_INNER || !gil_held(thread)) {
        gives_nogil(thread, block);
        return;
    }
    struct mpr_taken taken = mpr_heap_take_word(at, *at, block);
    if (taken.node)
        debit(thread, taken, true);
}

void mpr_heap_restore(const void *block, struct mpr_taken old)
{
    if (old.node)
        mpr_block_put(block, old.node->number, old.size);
}

/* Without the GIL the old block's node is only a pointer to hand back until the end. */
struct mpr_resize mpr_heap_resize_begin(struct mpr_thread *thread, const void *block)
{
    struct mpr_resize resize = {.counted = mpr_heap_counts(thread), .gil = gil_held(thread)};
    resize.guard = thread->heap.guard;
    if (block && resize.gil) {
        resize.old = mpr_heap_take_out(block);
    } else if (block && begin_nogil(thread)) {
        resize.session = MPR_READ(mpr_probe->session);
        resize.old = mpr_heap_take_out(block);
        mpr_hold_end(thread);
    }
    thread->heap.guard |= MPR_GUARD_INNER;
    return resize;
}

static void moved(struct mpr_thread *thread, const struct mpr_resize *resize, const void *block,
    uint64_t size, uint32_t domain)
{
    bool counted = block && resize->counted;
    struct mpr_rec_node *node = counted ? node_here(thread, domain, true) : NULL;
    if (counted)
        mpr_heap_move(thread, mpr_heap_counted, resize->old, node, block, size, domain);
    else if (resize->old.node)
        debit(thread, resize->old, true);
}

/* The two halves are two events; what was read of a peak between them is off by one block, as
 * everywhere without the GIL. */
static void moved_nogil(struct mpr_thread *thread, const struct mpr_resize *resize,
    const void *block, uint64_t size, uint32_t domain)
{
    if (resize->old.node)
        debit(thread, resize->old, false);
    if (block && resize->counted)
        add_nogil(thread, node_here(thread, domain, false), block, size);
}

static void end_nogil(struct mpr_thread *thread, struct mpr_resize *resize, const void *block,
    const void *result, uint64_t size, uint32_t domain, bool freed)
{
    if (!begin_nogil(thread))
        return;
    if (resize->session != MPR_READ(mpr_probe->session))
        resize->old.node = NULL;
    if (result || freed)
        moved_nogil(thread, resize, result, size, domain);
    else
        mpr_heap_restore(block, resize->old);
    mpr_hold_end(thread);
}

void mpr_heap_resize_end(struct mpr_thread *thread, struct mpr_resize resize, const void *block,
    const void *result, uint64_t size, uint32_t domain, bool freed)
{
    if (!resize.gil)
        end_nogil(thread, &resize, block, result, size, domain, freed);
    else if (result || freed)
        moved(thread, &resize, result, size, domain);
    else
        mpr_heap_restore(block, resize.old);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* as mpr_heap_done */
    thread->heap.guard = resize.guard;
}
