/* SPDX-License-Identifier: MIT */
/* Rows that were open when the target ended: what open.c and open_heap.c share. */
#ifndef MPRUN_READING_OPEN_H
#define MPRUN_READING_OPEN_H

#include "builder.h"
#include "mprun/law.h"

struct open_row {
    uint64_t seq;
    size_t function; /* in profile->functions */
    uint32_t thread;
    uint32_t line;
    /* Its ticks are nanoseconds, and its base of them is on CLOCK_MONOTONIC. */
    struct mpr_interval interval;
    int64_t now[MPR_COUNTERS]; /* when the target ended; the base where that is not known */
    int64_t outer_high;
    const struct mpr_rec_heap_counts *counts; /* of its thread; NULL where there are none */
    int64_t spike;
};

struct open_list {
    struct open_row *item;
    size_t count;
};

/* Find each row's counts, as they were at the end, and its spike. Changes the order. False: no
 * memory. */
bool mpr_open_heap(const struct mpr_builder *b, struct open_list *list);

#endif
