/* SPDX-License-Identifier: MIT */
/* The heap as a whole: its start, what trace asks of it, its snapshots. */
#include "mprun/heap.h"

#include <stdio.h>
#include <unistd.h>

#include "arenas.h"
#include "count.h"
#include "mprun/count.h"
#include "reconcile.h"

/* The undo of a credit: what it raised falls back to what it was. */
static void lower(
    struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts, struct mpr_rec_level *level)
{
    if (counts->high_when == counts->allocations)
        counts->high = counts->high_before;
    if (level->peak_when == counts->allocations && level->peak == mpr_level_now(level))
        level->peak = level->peak_before;
    if (heap->high_when == counts->allocations && heap->high == mpr_heap_total(heap))
        heap->high = heap->high_before;
    if (heap->on_free & MPR_ON_FREE_RISING && heap->peak == mpr_heap_total(heap)) {
        heap->peak = heap->peak_before;
        heap->on_free = (heap->on_free & ~MPR_ON_FREE_RISING) | heap->rising_before;
    }
}

/* Is the block of that node the open row's? Before the program runs all blocks are the start-up's,
 * whatever row they are in, and stay so. */
static bool is_here(const struct mpr_thread *thread, const struct mpr_rec_node *node)
{
    if (!mpr_probe->program_runs)
        return true;
    return node->parent == mpr_node_around(thread) &&
           mpr_node_site(node)->place != MPR_PLACE_STARTUP;
}

/* What is undone usually came last. Where a collection ran in between, marks that the block helped
 * to raise stay as they are. A block of another row stays that row's: its event was not ours to
 * hear of (another tool heard it first, and raised), so that tool or the program had it made. */
uint64_t mpr_heap_exclude(struct mpr_thread *thread, const void *block)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    struct mpr_taken taken = mpr_heap_take_out(block);
    struct mpr_rec_node *node = taken.node;
    if (!node)
        return 0;
    if (!is_here(thread, node)) {
        mpr_heap_restore(block, taken);
        return 0;
    }
    int64_t size = (int64_t)taken.size;
    struct mpr_rec_heap_counts *counts = thread->heap.counts;
    struct mpr_rec_site *site = mpr_node_site(node);
    struct mpr_rec_level *level = mpr_site_level(heap, site);
    if (thread->heap.last_block == block)
        lower(heap, counts, level);
    if (node->epoch != heap->epoch)
        mpr_node_rebase(node, heap->epoch);
    node->allocated -= taken.size;
    node->allocations--;
    site->live -= size;
    level->gil -= size;
    counts->allocated -= taken.size;
    counts->allocations--;
    return taken.size;
}

void mpr_heap_include(struct mpr_thread *thread, const void *block, size_t size)
{
    const uint32_t *word = mpr_block_word(block);
    if ((word && (int32_t)*word > 0) || !mpr_heap_counts(thread))
        return;
    thread->heap.guard = MPR_GUARD_INNER;
    mpr_heap_got(thread, block, size, MPR_HEAP_PYTHON);
}

void mpr_heap_snapshot(uint32_t stage)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    uint32_t count = mpr_nodes_count();
    for (uint32_t number = 1; number <= count; number++) {
        struct mpr_rec_node *node = mpr_node_at(number);
        struct mpr_held held;
        mpr_node_held(node, &held);
        node->end = held.bytes;
        node->end_blocks = held.blocks;
    }
    heap->snapshot = stage;
}

static struct {
    pid_t pid; /* where it was started last; 0: nowhere yet */
} state;

/* Nobody counts: what the last session left behind goes. */
static bool start_empty(void)
{
    if (state.pid != getpid())
        mpr_maps_own();
    state.pid = getpid();
    mpr_blocks_clear();
    mpr_maps_start(&mpr_probe->header->heap);
    mpr_arenas_start();
    mpr_resident_start();
    return mpr_nodes_start();
}

int mpr_heap_start(const struct mpr_heap_config *config, struct mpr_error *err)
{
    struct mpr_rec_heap *heap = &mpr_probe->header->heap;
    if (!start_empty())
        return mpr_error_set(err, MPR_ERR_NOMEM, "no memory to track the heap; use --no-heap");
    const char *owner = mpr_heap_reconcile_start();
    heap->before_malloc = mpr_heap_malloc_at_start();
    snprintf(heap->allocator, sizeof heap->allocator, "%s", owner ? owner : "");
    mpr_count_start(heap, config->runtime);
    heap->tracked = 1;
    __atomic_store_n(&mpr_probe->heap, heap, __ATOMIC_RELEASE);
    return 0;
}

/* A thread that does not come back (see mpr_holds_wait) keeps what it uses until the next start. */
void mpr_heap_stop(void)
{
    struct mpr_probe *probe = mpr_probe;
    if (!probe->heap)
        return;
    __atomic_store_n(&probe->heap, NULL, __ATOMIC_RELAXED);
    mpr_count_stop();
    if (mpr_holds_wait()) {
        mpr_blocks_clear();
        mpr_maps_start(NULL); /* waits for who has the lock */
    }
}
