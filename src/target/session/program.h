/* SPDX-License-Identifier: MIT */
/* The program of an early session: where it begins and ends. GIL held. */
#ifndef MPRUN_SESSION_PROGRAM_H
#define MPRUN_SESSION_PROGRAM_H

#include "mprun/trace.h"

/* By the module code of __main__, as trace tells it. */
extern const struct mpr_trace_watch mpr_program_watch;

/* Have the heap's snapshots taken when the interpreter ends. */
int mpr_program_watch_end(struct mpr_error *err);

#endif
