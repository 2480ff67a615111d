/* SPDX-License-Identifier: MIT */
/* How a report looks where it goes: width, colour, alphabet. */
#ifndef MPRUN_CLI_TERMINAL_H
#define MPRUN_CLI_TERMINAL_H

#include "mprun/report.h"
#include "options.h"

/* Take the user's character set; once, at the start. */
void mpr_terminal_init(void);
/* Does a terminal here show more than ASCII? */
bool mpr_terminal_unicode(void);
/* Options for a report that is written to `fd`. */
void mpr_terminal_report_options(
    const struct mpr_options *options, int fd, struct mpr_report_options *ret_options);

#endif
