/* SPDX-License-Identifier: MIT */
/* The program's own beginning and end, for both backends. GIL held. */
#ifndef MPRUN_TRACE_PROGRAM_H
#define MPRUN_TRACE_PROGRAM_H

#include "mprun/base.h"

/* Its module code is about to run. */
void mpr_program_begins(void);
/* … and has run, or raised. */
void mpr_program_ends(void);

/* Have the heap's snapshots taken when the interpreter ends. */
int mpr_program_watch_end(struct mpr_error *err);

#endif
