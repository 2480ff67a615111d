/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun` in a process that is measured: what they are given is
 * selected. */
#ifndef MPRUN_MEASURED_NAMES_H
#define MPRUN_MEASURED_NAMES_H

#include <stdbool.h>

/* Every interpreter that starts is to have them, also before anything is measured. Before Python is
 * initialised. */
void mpr_names_prepare(void);

/* The main interpreter's, whatever has been put in their places since; but in a Python that has run
 * before (`late`) only where there is nothing. GIL held; -1 without memory. */
int mpr_names_start(bool late);

/* They are inert from here on, and those go that came late. GIL held. */
void mpr_names_stop(void);

#endif
