/* SPDX-License-Identifier: MIT */
/* Views of made profiles, for tests. */
#ifndef MPRUN_TESTS_MADE_VIEW_H
#define MPRUN_TESTS_MADE_VIEW_H

#include "made_profile.h"
#include "mprun/view.h"

/* Of a profile that outlives it; what fails aborts. */
static inline struct mpr_view *made_view(
    const struct mpr_profile *profile, const struct mpr_view_options *options)
{
    struct mpr_view *view = NULL;
    if (mpr_view_new(profile, options, &view, NULL) != 0)
        abort();
    return view;
}

static inline const struct mpr_column *column_named(const char *name)
{
    for (const struct mpr_column *at = mpr_columns; at->name; at++)
        if (strcmp(at->name, name) == 0)
            return at;
    abort();
}

/* A function of two lines that was called once; its RSS changed by so much in the second. */
static inline struct mpr_profile_function *made_small_function(
    struct mpr_profile *profile, const char *file, const char *name, uint32_t line, int64_t change)
{
    static const char *const lines[] = {"def f():", "    work()", NULL};
    struct mpr_profile_function *function = made_function(profile, file, name, line, lines);
    made_row(function, line + 1, 1, MADE_MIB(20), change, 1000);
    made_entry(function, 1, MADE_MIB(10));
    return function;
}

#endif
