/* SPDX-License-Identifier: MIT */
/* Budgets for CI: --max-peak-heap, --max-peak-rss, --max-leak. */
#ifndef MPRUN_CLI_BUDGET_H
#define MPRUN_CLI_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/view.h"

#define MPR_NO_LIMIT INT64_MAX
#define MPR_LIMITS_NONE                                                                            \
    (struct mpr_limits)                                                                            \
    {                                                                                              \
        MPR_NO_LIMIT, MPR_NO_LIMIT, MPR_NO_LIMIT                                                   \
    }

/* Bytes; MPR_NO_LIMIT: none was given. */
struct mpr_limits {
    int64_t peak_heap;
    int64_t peak_rss;
    int64_t leak;
};

/* What can be asked for together: MPR_ERR_INVALID names the option that needs what is off. */
int mpr_limits_check(
    const struct mpr_limits *limits, bool heap_off, bool rss_off, struct mpr_error *err);

/* A sentence for each limit that the run went over, one a line, naming the worst line; the buffer
 * stays empty if it kept to all. What was not measured cannot be kept to: MPR_ERR_UNSUPPORTED. */
int mpr_limits_exceeded(const struct mpr_limits *limits, const struct mpr_view *view,
    struct mpr_buf *out, struct mpr_error *err);

#endif
