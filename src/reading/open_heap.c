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

static void count_now(struct open_row *open)
{
    open->now[MPR_COUNTER_ALLOCATED] = (int64_t)open->counts->allocated;
    open->now[MPR_COUNTER_FREED] = (int64_t)open->counts->freed;
    open->now[MPR_COUNTER_ALLOCATIONS] = (int64_t)open->counts->allocations;
}

/* The thread's high mark is that of its youngest open row; each row keeps the mark of what encloses
 * it. */
bool mpr_open_heap(const struct mpr_builder *b, struct open_list *list)
{
    struct numbered *threads = number_threads(b);
    size_t at = 0;
    int64_t high = 0;
    if (!threads)
        return false;
    qsort(list->item, list->count, sizeof *list->item, by_thread_youngest);
    for (size_t i = 0; i < list->count; i++) {
        struct open_row *open = &list->item[i];
        bool first = i == 0 || list->item[i - 1].thread != open->thread;
        open->counts = first ? counts_of(b, threads, &at, open->thread) : list->item[i - 1].counts;
        if (!open->counts)
            continue;
        if (first)
            high = open->counts->high;
        count_now(open);
        open->spike = mpr_law_spike(&open->interval, open->now, high);
        high = open->outer_high > high ? open->outer_high : high;
    }
    free(threads);
    return true;
}
