/* SPDX-License-Identifier: MIT */
/* The formats, each in a file of its own. */
#ifndef MPRUN_REPORT_FORMATS_H
#define MPRUN_REPORT_FORMATS_H

#include "mprun/report.h"

extern const struct mpr_format mpr_format_text;
extern const struct mpr_format mpr_format_classic;
extern const struct mpr_format mpr_format_json;

#endif
