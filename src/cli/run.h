/* SPDX-License-Identifier: MIT */
/* The commands that do something: run and doctor. */
#ifndef MPRUN_CLI_RUN_H
#define MPRUN_CLI_RUN_H

#include "mprun/launch.h"
#include "options.h"

#define MPR_STATUS_FAILED 125 /* mprun could not do what was asked */
#define MPR_STATUS_OVER 3     /* a budget was exceeded, and the target itself ended with 0 */

/* How mprun ends. */
struct mpr_ending {
    int status;
    int signal; /* not 0: end by it */
};

/* `mprun SCRIPT`: run it, measure it, report. */
struct mpr_ending mpr_cmd_run(const struct mpr_options *options,
    const struct mpr_inherited *inherited, char *const *environment);

/* What this machine has, and what would be better. */
struct mpr_ending mpr_cmd_doctor(const struct mpr_options *options, char *const *environment);

#endif
