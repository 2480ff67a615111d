/* SPDX-License-Identifier: MIT */
/* Reports of comparisons of made profiles, for tests. What fails aborts. */
#ifndef MPRUN_TESTS_MADE_COMPARISON_REPORT_H
#define MPRUN_TESTS_MADE_COMPARISON_REPORT_H

#include "made_comparison.h"
#include "made_golden.h"

/* The caller's; frees the profiles. */
static inline char *made_difference(struct mpr_profile *before, struct mpr_profile *after,
    const char *format, const struct mpr_report_options *options)
{
    struct mpr_comparison *comparison = made_comparison(before, after);
    struct mpr_error err = {""};
    struct mpr_sink sink;
    made_sink(&sink);
    if (mpr_report_comparison(mpr_format_by_name(format), comparison, options, &sink, &err) != 0)
        abort();
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
    return mpr_buf_steal(&sink.out);
}

#endif
