/* SPDX-License-Identifier: MIT */
/* From a profile to what the user asked for, whoever made the profile: the view, the report, the
 * budgets. */
#ifndef MPRUN_CLI_RENDER_H
#define MPRUN_CLI_RENDER_H

#include "mprun/report.h"
#include "options.h"
#include "output.h"

/* As the options want it. `narrow`: --func chooses of the functions that there are. */
int mpr_render_view(const struct mpr_options *options, const struct mpr_profile *profile,
    bool narrow, struct mpr_view **ret_view, struct mpr_error *err);
/* All of a report, piece by piece, and then the output in its place. */
int mpr_render(const struct mpr_options *options, const struct mpr_format *format,
    const struct mpr_view *view, struct mpr_output *output, struct mpr_error *err);
/* The same of a comparison, in the format of the options, which has them. */
int mpr_render_comparison(const struct mpr_options *options,
    const struct mpr_comparison *comparison, struct mpr_output *output, struct mpr_error *err);
/* A report is in a file now: where, and how what is in it is read. */
void mpr_render_say_where(const struct mpr_options *options, const struct mpr_output *output);
/* Tell what is above a budget: *ret_over; MPR_ERR_UNSUPPORTED, told as well, if it was not
 * measured. */
int mpr_render_budgets(
    const struct mpr_options *options, const struct mpr_view *view, bool *ret_over);

#endif
