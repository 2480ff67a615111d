/* SPDX-License-Identifier: MIT */
/* The heap of the whole program: sums over all sites. Asks for no memory: they are what remains of
 * a report when there is none. */
#include "builder.h"

static int64_t live(const struct mpr_rec_node *node)
{
    return (int64_t)(node->allocated + node->allocated_nogil - node->freed - node->freed_nogil);
}

/* Is what nodes hold of a snapshot the end, rather than what they held last? After its last
 * collection the interpreter gives everything back. */
static bool snapshot_holds(const struct mpr_builder *b)
{
    uint32_t snapshot = b->header->heap.snapshot, state = b->header->state;
    bool torn_down = state == MPR_REC_FINALIZING || state == MPR_REC_ENDED;
    return snapshot >= MPR_SNAPSHOT_EXIT || (snapshot == MPR_SNAPSHOT_MAIN && torn_down);
}

/* Where the highest total never fell again, what is live is the peak. */
int64_t mpr_node_at_peak(const struct mpr_builder *b, const struct mpr_rec_node *node)
{
    const struct mpr_rec_heap *heap = &b->header->heap;
    bool peak_is_now = heap->on_free & MPR_ON_FREE_RISING;
    return node->epoch == heap->epoch && !peak_is_now ? node->at_peak : live(node);
}

int64_t mpr_node_at_end(const struct mpr_builder *b, const struct mpr_rec_node *node)
{
    return snapshot_holds(b) ? node->end : live(node);
}

uint64_t mpr_node_blocks_at_end(const struct mpr_builder *b, const struct mpr_rec_node *node)
{
    if (snapshot_holds(b))
        return node->end_blocks;
    return node->allocations + node->allocations_nogil - node->frees - node->frees_nogil;
}

static void to_sum(struct mpr_profile_sum *sum, const struct mpr_site_sum *site)
{
    sum->allocated = mpr_add(sum->allocated, site->allocated);
    sum->allocations = mpr_add(sum->allocations, site->allocations);
    sum->end = mpr_add(sum->end, site->at_end);
}

void mpr_heap_add_site(
    struct mpr_builder *b, const struct mpr_rec_site *recorded, const struct mpr_site_sum *sum)
{
    struct mpr_profile_heap *heap = &b->process->heap;
    to_sum(recorded->domain == MPR_HEAP_PYTHON ? &heap->python : &heap->native, sum);
    to_sum(&heap->all, sum);
    if (recorded->place == MPR_PLACE_STARTUP)
        heap->before = mpr_add(heap->before, sum->at_end);
}

void mpr_heap_set_sums(struct mpr_builder *b)
{
    const struct mpr_rec_heap *recorded = &b->header->heap;
    struct mpr_profile_heap *heap = &b->process->heap;
    heap->all.peak = mpr_add(recorded->peak, 0);
    heap->python.peak = mpr_add(recorded->level[MPR_HEAP_PYTHON].peak, 0);
    heap->native.peak = mpr_add(recorded->level[MPR_HEAP_NATIVE].peak, 0);
    struct mpr_profile_sum *sums[] = {&heap->all, &heap->python, &heap->native};
    for (size_t i = 0; i < 3; i++)
        sums[i]->freed = mpr_subtract(sums[i]->allocated, sums[i]->end);
}

/* The site of that number, NULL if there is none. */
static const struct mpr_rec_site *find_site(const struct mpr_builder *b, uint32_t number)
{
    for (size_t i = 0; i < b->sites_count; i++) {
        const struct mpr_rec_sites *record = b->sites[i];
        uint32_t used = __atomic_load_n(&record->count, __ATOMIC_ACQUIRE);
        if (number < record->capacity)
            return number < used ? &record->site[number] : NULL;
        number -= record->capacity;
    }
    return NULL;
}

/* The first node of all has number 0, which is nobody's. */
static void add_node(struct mpr_builder *b, const struct mpr_rec_node *node, size_t number)
{
    const struct mpr_rec_site *site = find_site(b, node->site);
    if (number == 0 || node->number != number || !site)
        return;
    struct mpr_site_sum sum = {
        .allocated = mpr_add(0, (int64_t)(node->allocated + node->allocated_nogil)),
        .allocations = mpr_add(0, (int64_t)(node->allocations + node->allocations_nogil)),
        .at_end = mpr_node_at_end(b, node),
    };
    mpr_heap_add_site(b, site, &sum);
}

void mpr_heap_totals(struct mpr_builder *b)
{
    size_t number = 0;
    for (size_t i = 0; i < b->nodes_count; i++) {
        const struct mpr_rec_nodes *record = b->nodes[i];
        const struct mpr_rec_node *first = (const void *)((const char *)record + record->first);
        uint32_t used = __atomic_load_n(&record->count, __ATOMIC_ACQUIRE);
        for (uint32_t n = 0; n < record->capacity && n < used; n++)
            add_node(b, first + n, number++);
        if (used < record->capacity)
            break; /* the last one */
    }
    mpr_heap_set_sums(b);
}
