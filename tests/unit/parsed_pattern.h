/* SPDX-License-Identifier: MIT */
/* A --func pattern of a text that is known to be one, for tests. */
#ifndef MPRUN_TESTS_PARSED_PATTERN_H
#define MPRUN_TESTS_PARSED_PATTERN_H

#include "mprun/pattern.h"

static inline struct mpr_pattern parsed(const char *text)
{
    struct mpr_pattern pattern;
    struct mpr_error err = {""};
    if (mpr_pattern_parse(text, &pattern, &err))
        fail_msg("%s", err.message);
    return pattern;
}

#endif
