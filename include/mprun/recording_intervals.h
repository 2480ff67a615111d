/* SPDX-License-Identifier: MIT */
/* When calls of selected functions ran: the longest stretches of time, as many as there is room
 * for. Part of recording.h, whose rules hold here; written under the GIL.
 *
 * The room is an array in pieces, one a record, in their order. When it is full a pass goes over
 * it: it finds the length that half of them exceed, keeps those and moves them to the front. The
 * target may die in the middle of that, and a reader may look. So what is there is told by one
 * word, written with one store each time that one more has been looked at, after what was kept of
 * it has been copied: from 0 to `to`, and from `from` to the end. */
#ifndef MPRUN_RECORDING_INTERVALS_H
#define MPRUN_RECORDING_INTERVALS_H

#include <stdint.h>

#include "mprun/recording_record.h"

/* In all; in each record. */
#define MPR_REC_INTERVALS_MAX 16384u
#define MPR_REC_INTERVALS_EACH 512u

/* Of a call's frame, from its first row's opening or its resumption to where it is left or
 * suspended. Those of a thread nest. */
struct mpr_rec_interval {
    uint64_t begin, end;         /* ticks */
    uint32_t rss_begin, rss_end; /* KiB */
    uint32_t function;           /* offset of its mpr_rec_function, in 8 bytes */
    uint32_t thread;             /* tid */
};

/* 0, which is none, of what does not fit. */
static inline uint32_t mpr_rec_kib(int64_t size)
{
    uint64_t kib = (uint64_t)size >> 10;
    return kib <= UINT32_MAX ? (uint32_t)kib : 0;
}

struct mpr_rec_intervals {
    struct mpr_rec_head head;
    struct mpr_rec_interval interval[MPR_REC_INTERVALS_EACH];
};

/* `from` in the upper half; no pass is under way: MPR_REC_NO_PASS. `to` in the lower half. */
#define MPR_REC_NO_PASS UINT32_MAX

static inline uint64_t mpr_rec_window(uint32_t from, uint32_t to)
{
    return (uint64_t)from << 32 | to;
}

struct mpr_rec_kept {
    uint64_t window;   /* 0 at first: all that is there is zeros */
    uint64_t passes;   /* begun */
    uint64_t least;    /* ticks: all that were longer are there, and some that were as long */
    uint64_t left_out; /* the others */
};

#endif
