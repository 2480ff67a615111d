/* SPDX-License-Identifier: MIT */
/* The model of a region that a test has made. */
#ifndef MPRUN_TESTS_MADE_MODEL_H
#define MPRUN_TESTS_MADE_MODEL_H

#include "made_recording.h"
#include "opened_memory.h"

/* NULL: refused, which is all right for what is hostile. What is built holds together. */
static inline struct mpr_profile *try_build(struct mpr_error *err)
{
    struct mpr_rec_reader *reader = NULL;
    struct mpr_profile *profile = NULL;
    if (open_memory(region.bytes, region.size, &reader, err) != 0)
        return NULL;
    if (mpr_profile_build(reader, &run, &profile, err) == 0 && mpr_profile_check(profile, err) != 0)
        fail_msg("%s", err->message);
    mpr_rec_close(reader);
    return profile;
}

static inline struct mpr_profile *build(void)
{
    struct mpr_error err = {""};
    struct mpr_profile *profile = try_build(&err);
    if (!profile)
        fail_msg("%s", err.message);
    return profile;
}

/* A test's end. */
static inline int free_region(void **state)
{
    (void)state;
    free(region.bytes);
    return 0;
}

#endif
