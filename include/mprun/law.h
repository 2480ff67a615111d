/* SPDX-License-Identifier: MIT */
/* What is counted for each row, and the law by which. Both sides: the target applies it when a row
 * closes, the reader to the rows that were open when the target ended.
 *
 * The law. A counter of the process or of a thread only ever goes on; a row is charged what it does
 * from the row's opening to its closing. Where rows of the same function are open one around the
 * other (recursion), a closing row hands its whole interval to the nearest around it, and gets what
 * is left of it after what those inside have handed to it. So the rows of a function add up to the
 * intervals of its outermost activations.
 *
 * A new counter is an entry here, its value in the target (src/target/trace/activation.c) and, for
 * rows that were open at the end, in the reader (src/reading/open.c; of the heap, open_heap.c).
 *
 * What is no sum over intervals is none: the spike and the highest RSS of a row are the greatest of
 * its hits, and what a hit has seen says nothing of the row around it. */
#ifndef MPRUN_LAW_H
#define MPRUN_LAW_H

#include <stddef.h>
#include <stdint.h>

enum mpr_counter {
    MPR_COUNTER_RSS,         /* bytes, of the process */
    MPR_COUNTER_TICKS,       /* wall clock, see struct mpr_rec_clock */
    MPR_COUNTER_ALLOCATED,   /* bytes of heap, of the thread */
    MPR_COUNTER_FREED,       /* the same */
    MPR_COUNTER_ALLOCATIONS, /* blocks, of the thread */
    MPR_COUNTERS,
};

/* An open row: the counters when it opened, and what those inside have handed to it since. */
struct mpr_interval {
    int64_t base[MPR_COUNTERS];
    int64_t charged[MPR_COUNTERS];
};

/* All loops are unrolled, and a loop does one thing: so compilers take two counters at a time and
 * keep them in registers, and nothing of it is dearer than if it were written out.
 *
 * Sums wrap: a recording may claim any number, and the target's do not come so far. */
static inline int64_t mpr_law_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t mpr_law_subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline void mpr_law_open(struct mpr_interval *row, const int64_t now[MPR_COUNTERS])
{
#pragma GCC unroll 16
    for (size_t i = 0; i < MPR_COUNTERS; i++) {
        row->base[i] = now[i];
        row->charged[i] = 0;
    }
}

/* `sum` is the row's; `ret_whole` is to be handed to the open row around it, if there is one. */
static inline void mpr_law_close(const struct mpr_interval *restrict row,
    const int64_t now[restrict MPR_COUNTERS], int64_t sum[restrict MPR_COUNTERS],
    int64_t ret_whole[restrict MPR_COUNTERS])
{
    int64_t own[MPR_COUNTERS];
#pragma GCC unroll 16
    for (size_t i = 0; i < MPR_COUNTERS; i++) {
        ret_whole[i] = mpr_law_subtract(now[i], row->base[i]);
        own[i] = mpr_law_subtract(ret_whole[i], row->charged[i]);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < MPR_COUNTERS; i++)
        sum[i] = mpr_law_add(sum[i], own[i]);
}

static inline void mpr_law_hand_on(struct mpr_interval *outer, const int64_t whole[MPR_COUNTERS])
{
#pragma GCC unroll 16
    for (size_t i = 0; i < MPR_COUNTERS; i++)
        outer->charged[i] = mpr_law_add(outer->charged[i], whole[i]);
}

/* The heap's level of the thread. */
static inline int64_t mpr_law_level(const int64_t now[MPR_COUNTERS])
{
    return mpr_law_subtract(now[MPR_COUNTER_ALLOCATED], now[MPR_COUNTER_FREED]);
}

/* How far the heap's level rose above both ends of the interval, `high` being its highest. */
static inline int64_t mpr_law_spike(
    const struct mpr_interval *row, const int64_t now[MPR_COUNTERS], int64_t high)
{
    int64_t before = mpr_law_level(row->base), after = mpr_law_level(now);
    return mpr_law_subtract(high, after > before ? after : before);
}

#endif
