/* SPDX-License-Identifier: MIT */
/* The renderers behind the table of formats. */
#ifndef MPRUN_REPORT_RENDER_H
#define MPRUN_REPORT_RENDER_H

#include "mprun/report.h"

int mpr_render_text(const struct mpr_profile *profile, const struct mpr_report_options *options,
    struct mpr_buf *out, struct mpr_error *err);
int mpr_render_classic(const struct mpr_profile *profile, const struct mpr_report_options *options,
    struct mpr_buf *out, struct mpr_error *err);
int mpr_render_json(const struct mpr_profile *profile, const struct mpr_report_options *options,
    struct mpr_buf *out, struct mpr_error *err);

#endif
