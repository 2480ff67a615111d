/* SPDX-License-Identifier: MIT */
/* The host's own parts. */
#ifndef MPRUN_CONTAINER_HOST_H
#define MPRUN_CONTAINER_HOST_H

#include "mprun/recording_writer.h"

/* Status of a target that ends before its program could start; the recording says why. */
#define MPR_HOST_REFUSED 125

/* In the place of the interpreter's main: run the command line with the probes in. recording_fd is
 * closed. Returns the process's exit status. */
int mpr_host_run(int argc, char **argv, int recording_fd, enum mpr_rec_container container);

#endif
