/* SPDX-License-Identifier: MIT */
/* What to make of a target whose host never took over. */
#ifndef MPRUN_CLI_NEVER_ARMED_H
#define MPRUN_CLI_NEVER_ARMED_H

#include "mprun/launch.h"
#include "mprun/recording.h"

enum mpr_armed {
    MPR_ARMED,           /* it took over: there is something to report */
    MPR_PYTHON_ANSWERED, /* python itself had the last word: --version, a bad option */
    MPR_NOT_MEASURED,    /* the reason has been printed */
};

enum mpr_armed mpr_never_armed(
    const struct mpr_rec_header *header, int wait_status, const struct mpr_launch *launch);

#endif
