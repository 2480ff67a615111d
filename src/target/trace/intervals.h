/* SPDX-License-Identifier: MIT */
/* When calls ran, of those the longest. GIL held. */
#ifndef MPRUN_TRACE_INTERVALS_H
#define MPRUN_TRACE_INTERVALS_H

#include "mprun/probe.h"
#include "mprun/recording.h"

/* An activation has run until now, for mpr_probe->trace.least_interval or more: keep that, or count
 * it as left out. */
void mpr_interval_add(const struct mpr_rec_activation *slot, struct mpr_sample now);

/* The function's record lies elsewhere now. */
void mpr_intervals_move(uint64_t from, uint64_t to);

/* They are in a recording that goes. */
void mpr_intervals_stop(void);

#endif
