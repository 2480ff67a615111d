/* SPDX-License-Identifier: MIT */
/* What launch, the preloaded library and the host agree on. */
#ifndef MPRUN_TAKEOVER_H
#define MPRUN_TAKEOVER_H

/* Environment of the target, taken out again before Python starts. */
#define MPR_ENV_RECORDING "MPRUN_RECORDING" /* number of the recording's descriptor */
#define MPR_ENV_HOST "MPRUN_HOST"           /* path of the host module, interpreter container */

/* The host module's entry, in the place of the interpreter's main. */
#define MPR_HOST_ENTRY "mpr_host_main"
typedef int mpr_host_main_fn(int argc, char **argv, int recording_fd);
__attribute__((visibility("default"))) mpr_host_main_fn mpr_host_main;

#endif
