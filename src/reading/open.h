/* SPDX-License-Identifier: MIT */
/* Rows that were open when the target ended: what open.c and open_heap.c share. */
#ifndef MPRUN_READING_OPEN_H
#define MPRUN_READING_OPEN_H

#include "builder.h"

struct open_row {
    uint64_t seq;
    size_t function; /* in profile->functions */
    uint32_t thread;
    uint32_t line;
    int64_t base_rss;
    int64_t base_ticks;
    int64_t charged_rss;
    int64_t charged_ns;
    const struct mpr_rec_activation *slot;
    const struct mpr_rec_heap_counts *counts; /* of its thread; NULL where there are none */
    int64_t spike;
};

struct open_list {
    struct open_row *item;
    size_t count;
};

/* What inner activations of the same function and thread charge to the one around. */
struct open_heap {
    int64_t allocated;
    int64_t freed;
    int64_t allocations;
};

/* Find each row's counts and spike. Changes the order. False: no memory. */
bool mpr_open_spikes(const struct mpr_builder *b, struct open_list *list);
/* Charge an open row with what its thread did since it opened, less `inner`; what is then handed on
 * takes that one's place. */
void mpr_open_charge_heap(const struct mpr_builder *b, const struct open_row *open,
    struct mpr_profile_row *row, struct open_heap *inner);

#endif
