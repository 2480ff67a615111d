/* SPDX-License-Identifier: MIT */
/* When calls ran, of those the longest. GIL held. */
#ifndef MPRUN_TRACE_INTERVALS_H
#define MPRUN_TRACE_INTERVALS_H

#include "mprun/recording.h"

/* The stretch has ended: keep it, or count it as left out. */
void mpr_interval_add(const struct mpr_rec_interval *interval);

/* The function's record lies elsewhere now. */
void mpr_intervals_move(uint64_t from, uint64_t to);

/* They are in a recording that goes. */
void mpr_intervals_stop(void);

#endif
