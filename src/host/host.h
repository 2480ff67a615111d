/* SPDX-License-Identifier: MIT */
/* The host's own parts. */
#ifndef MPRUN_HOST_HOST_H
#define MPRUN_HOST_HOST_H

#include "mprun/recording.h"

/* Status of a target that ends before its program could start; the recording says why. */
#define MPR_HOST_REFUSED 125

/* In the place of the interpreter's main: run the command line with the probes in. recording_fd is
 * closed. Returns the process's exit status. */
int mpr_host_run(int argc, char **argv, int recording_fd, enum mpr_rec_container container);

/* Every interpreter that starts is to have `profile` and `mprun` among its builtins, also before
 * anything is measured. Before Python is initialised. */
void mpr_module_prepare(void);

/* The main interpreter's, whatever has been put in their places since. GIL held; -1 with an
 * exception set. */
int mpr_module_install(void);

#endif
