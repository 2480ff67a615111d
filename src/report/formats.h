/* SPDX-License-Identifier: MIT */
/* The formats, a row each, in the order of the help. NAME.c beside this file defines
 * mpr_format_NAME. */
#ifndef MPRUN_REPORT_FORMATS_H
#define MPRUN_REPORT_FORMATS_H

#include "mprun/report.h"

#define MPR_FORMATS(FORMAT)                                                                        \
    FORMAT(text)                                                                                   \
    FORMAT(classic)                                                                                \
    FORMAT(markdown)                                                                               \
    FORMAT(json)                                                                                   \
    FORMAT(csv)                                                                                    \
    FORMAT(mprof)                                                                                  \
    FORMAT(chrome)                                                                                 \
    FORMAT(store)

/* Comparisons: compare_NAME.c. */
mpr_compare_renderer mpr_compare_text, mpr_compare_json, mpr_compare_markdown;

#define MPR_FORMAT_DECLARE(name) extern const struct mpr_format mpr_format_##name;
MPR_FORMATS(MPR_FORMAT_DECLARE)

#endif
