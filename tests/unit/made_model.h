/* SPDX-License-Identifier: MIT */
/* The model of a region that a test has made. */
#ifndef MPRUN_TESTS_MADE_MODEL_H
#define MPRUN_TESTS_MADE_MODEL_H

#include <signal.h>

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

/* f(5) -> f(6) -> g(21), the inner f having grown by 3 MiB before g, and 4 in it. */
static inline void add_open_stack(void)
{
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    struct mpr_rec_function *g = add_function("orders.py", "g", 20, 22, MPR_REC_BY_DEFAULT);
    set_row(f, 6, 1, MIB(11), MIB(1));
    struct mpr_rec_slots *slots = add_slots(5);
    slots->slot[0] = opened(1, f, 5, MIB(10), MIB(1));
    slots->slot[1] = opened(7, g, 21, MIB(14), 0);
    slots->slot[2] = opened(5, f, 6, MIB(11), 0);
    slots->slot[3] = opened(9, f, 6, MIB(11), 0);
    slots->slot[3].state = MPR_ACT_SUSPENDED;
    slots->slot[4] = opened(10, f, 99, MIB(11), 0);
    header()->rss.end = header()->rss.hwm = 0;
    header()->rss.last = MIB(14);
    run.wait_status = SIGKILL;
}

static inline bool has_note(const struct mpr_profile *profile, const char *part)
{
    for (size_t i = 0; i < profile->note_count; i++)
        if (strstr(profile->notes[i], part))
            return true;
    return false;
}

static inline const struct mpr_profile_row *row(
    const struct mpr_profile *profile, size_t function, uint32_t line)
{
    const struct mpr_profile_function *of = &profile->functions[function];
    return &of->rows[line - of->first_line];
}

static inline const struct mpr_profile_row *row_of(
    const struct mpr_profile *profile, const char *name, uint32_t line)
{
    for (size_t i = 0; i < profile->function_count; i++)
        if (strcmp(profile->functions[i].name, name) == 0)
            return row(profile, i, line);
    fail_msg("no function %s", name);
    return NULL;
}

static inline const struct mpr_profile_site *site_of(
    const struct mpr_profile *profile, const char *function)
{
    for (size_t i = 0; i < profile->site_count; i++)
        if (strcmp(profile->sites[i].function, function) == 0)
            return &profile->sites[i];
    fail_msg("no site %s", function);
    return NULL;
}

/* Before and after a test. */
static inline int use_region(void **state)
{
    (void)state;
    make_region(4 << 20);
    return 0;
}

static inline int free_region(void **state)
{
    (void)state;
    free(region.bytes);
    return 0;
}

#define MODEL_CASE(test) cmocka_unit_test_setup_teardown(test, use_region, free_region)

#endif
