/* SPDX-License-Identifier: MIT */
/* The heap as a whole: its start, what trace asks of it, its snapshots. */
#include "mprun/heap.h"

#include <stdio.h>

#include "reconcile.h"

struct mpr_arenas mpr_arenas;
struct mpr_arena_tables mpr_arena_tables;
struct mpr_malloc_facts (*mpr_malloc_ask)(void);

/* The undo of a credit: what it raised falls back to what it was. */
static void lower(
    struct mpr_rec_heap *heap, struct mpr_rec_heap_counts *counts, struct mpr_rec_level *level)
{
    if (counts->high_when == counts->allocations)
        counts->high = counts->high_before;
    if (level->peak_when == counts->allocations && level->peak == mpr_level_now(level))
        level->peak = level->peak_before;
    if (heap->on_free & MPR_ON_FREE_RISING && heap->peak == mpr_heap_total(heap)) {
        heap->peak = heap->peak_before;
        heap->on_free = (heap->on_free & ~MPR_ON_FREE_RISING) | heap->rising_before;
    }
}

/* What is undone usually came last. Where a collection ran in between, marks that the block helped
 * to raise stay as they are. A block of another row stays that row's: its event was not ours to
 * hear of (another tool heard it first, and raised), so that tool or the program had it made. */
static uint64_t exclude(struct mpr_thread *thread, const void *block)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    struct mpr_taken taken = mpr_heap_take_out(block);
    struct mpr_rec_node *node = taken.node;
    if (!node)
        return 0;
    if (node->parent != thread->context) {
        mpr_heap_restore(block, taken);
        return 0;
    }
    int64_t size = (int64_t)taken.size;
    struct mpr_rec_heap_counts *counts = thread->counts;
    struct mpr_rec_site *site = mpr_node_site(node);
    struct mpr_rec_level *level = mpr_site_level(heap, site);
    if (thread->last_block == block)
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

static void include(struct mpr_thread *thread, const void *block, size_t size)
{
    const uint32_t *word = mpr_block_word(block);
    if ((word && (int32_t)*word > 0) || !mpr_heap_counts(thread))
        return;
    mpr_heap_got(thread, block, size, MPR_HEAP_PYTHON);
}

static void snapshot(uint32_t stage)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    uint32_t count = mpr_nodes_count();
    for (uint32_t number = 1; number <= count; number++) {
        struct mpr_rec_node *node = mpr_node_at(number);
        node->end =
            (int64_t)(node->allocated + node->allocated_nogil - node->freed - node->freed_nogil);
        node->end_blocks =
            node->allocations + node->allocations_nogil - node->frees - node->frees_nogil;
    }
    heap->snapshot = stage;
}

static const struct mpr_heap_ops ops = {
    .place = mpr_node_place,
    .row = mpr_node_row,
    .exclude = exclude,
    .include = include,
    .snapshot = snapshot,
    .reconcile = mpr_heap_reconcile,
};

int mpr_heap_start(struct mpr_error *err)
{
    struct mpr_probe *probe = mpr_probe;
    probe->heap = &probe->header->heap;
    if (!mpr_nodes_start()) {
        probe->heap = NULL;
        return mpr_error_set(err, MPR_ERR_NOMEM, "no memory to track the heap; use --no-heap");
    }
    const char *owner = mpr_heap_reconcile_start();
    snprintf(probe->heap->allocator, sizeof probe->heap->allocator, "%s", owner ? owner : "");
    probe->heap->tracked = 1;
    probe->heap_ops = &ops;
    return 0;
}
