/* SPDX-License-Identifier: MIT */
/* From a profile to a report in one call, and where that goes, for tests. */
#ifndef MPRUN_TESTS_MADE_REPORT_H
#define MPRUN_TESTS_MADE_REPORT_H

#include "mprun/report.h"

struct made_options {
    struct mpr_view_options view;
    struct mpr_report_options report;
};

/* A sink that keeps all of it in `out`. */
static inline void made_sink(struct mpr_sink *sink)
{
    *sink = (struct mpr_sink){.path = NULL};
    mpr_buf_init(&sink->out);
}

/* Into the sink; what the view or the renderer says. */
static inline int made_report(const struct mpr_profile *profile, const struct mpr_format *format,
    const struct made_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_view *view = NULL;
    int status = mpr_view_new(profile, &options->view, &view, err);
    if (status == 0)
        status = mpr_report(format, view, &options->report, sink, err);
    mpr_view_free(view);
    return status;
}

#endif
