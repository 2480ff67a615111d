/* SPDX-License-Identifier: MIT */
/* The heap of rows that were open when the target ended: exact, since the counts of its threads lie
 * in the recording. */
#include <stdlib.h>

#include "open.h"

/* A thread's number and its place in the recording: numbers are used again. */
struct numbered {
    uint32_t tid;
    size_t place;
};

static int by_number(const void *left, const void *right)
{
    const struct numbered *a = left;
    const struct numbered *b = right;
    if (a->tid != b->tid)
        return a->tid < b->tid ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* All threads, by number; NULL: no memory. */
static struct numbered *number_threads(const struct mpr_builder *b)
{
    struct numbered *threads = calloc(b->threads_count + 1, sizeof *threads);
    for (size_t i = 0; threads && i < b->threads_count; i++)
        threads[i] = (struct numbered){b->threads[i]->tid, i};
    if (threads)
        qsort(threads, b->threads_count, sizeof *threads, by_number);
    return threads;
}

/* The newest thread of that number, from `*at` on, which moves along. */
static const struct mpr_rec_heap_counts *counts_of(
    const struct mpr_builder *b, const struct numbered *threads, size_t *at, uint32_t tid)
{
    const struct mpr_rec_heap_counts *found = NULL;
    for (; *at < b->threads_count && threads[*at].tid <= tid; ++*at)
        if (threads[*at].tid == tid)
            found = &b->threads[threads[*at].place]->heap;
    return found;
}

static int by_thread_youngest(const void *left, const void *right)
{
    const struct open_row *a = left;
    const struct open_row *b = right;
    if (a->thread != b->thread)
        return a->thread < b->thread ? -1 : 1;
    return (a->seq < b->seq) - (a->seq > b->seq);
}

/* The thread's high mark is that of its youngest open row; each row keeps the mark of what encloses
 * it. */
bool mpr_open_spikes(const struct mpr_builder *b, struct open_list *list)
{
    struct numbered *threads = number_threads(b);
    size_t at = 0;
    int64_t high = 0;
    if (!threads)
        return false;
    qsort(list->item, list->count, sizeof *list->item, by_thread_youngest);
    for (size_t i = 0; i < list->count; i++) {
        struct open_row *open = &list->item[i];
        const struct mpr_rec_activation *slot = open->slot;
        bool first = i == 0 || list->item[i - 1].thread != open->thread;
        open->counts = first ? counts_of(b, threads, &at, open->thread) : list->item[i - 1].counts;
        if (!open->counts)
            continue;
        if (first)
            high = open->counts->high;
        int64_t before = (int64_t)(slot->base_allocated - slot->base_freed);
        int64_t after = (int64_t)(open->counts->allocated - open->counts->freed);
        open->spike = mpr_build_subtract(high, after > before ? after : before);
        high = slot->outer_high > high ? slot->outer_high : high;
    }
    free(threads);
    return true;
}

/* How much a count has grown since the row opened, less what was charged. */
static int64_t grown(uint64_t now, uint64_t base, int64_t charged, int64_t *ret_whole)
{
    *ret_whole = (int64_t)(now - base);
    return mpr_build_subtract(*ret_whole, charged);
}

void mpr_open_charge_heap(const struct mpr_builder *b, const struct open_row *open,
    struct mpr_profile_row *row, struct open_heap *inner)
{
    const struct mpr_rec_heap_counts *now = open->counts;
    const struct mpr_rec_activation *slot = open->slot;
    struct open_heap whole;
    if (b->heap_off || !now)
        return;
    int64_t allocated = grown(now->allocated, slot->base_allocated,
        mpr_build_add(slot->charged_allocated, inner->allocated), &whole.allocated);
    int64_t freed = grown(now->freed, slot->base_freed,
        mpr_build_add(slot->charged_freed, inner->freed), &whole.freed);
    int64_t allocations = grown(now->allocations, slot->base_allocations,
        mpr_build_add(slot->charged_allocations, inner->allocations), &whole.allocations);
    row->heap_allocated = mpr_build_add(row->heap_allocated, allocated);
    row->heap_freed = mpr_build_add(row->heap_freed, freed);
    row->heap_delta = mpr_build_subtract(row->heap_allocated, row->heap_freed);
    row->allocations = mpr_build_add(row->allocations, allocations);
    if (open->spike > row->spike)
        row->spike = open->spike;
    *inner = whole;
}
