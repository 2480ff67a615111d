/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun` in a process that is measured: what they are given is
 * selected. */
#ifndef MPRUN_MEASURED_NAMES_H
#define MPRUN_MEASURED_NAMES_H

/* Every interpreter that starts is to have them, also before anything is measured. Before Python is
 * initialised. */
void mpr_names_prepare(void);

/* The main interpreter's, whatever has been put in their places since. GIL held; -1 without
 * memory. */
int mpr_names_start(void);

#endif
