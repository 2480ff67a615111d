/* SPDX-License-Identifier: MIT */
/* Comparisons of made profiles, for tests. What fails aborts. */
#ifndef MPRUN_TESTS_MADE_COMPARISON_H
#define MPRUN_TESTS_MADE_COMPARISON_H

#include "made_profile.h"
#include "mprun/compare.h"

static inline struct mpr_comparison *made_comparison(
    const struct mpr_profile *before, const struct mpr_profile *after)
{
    const struct mpr_comparison_options options = {
        .name = {"before.mprun", "after.mprun"}, .top = 5};
    struct mpr_comparison *comparison = mpr_comparison_new(before, after, &options);
    if (!comparison)
        abort();
    return comparison;
}

/* A profile with a heap and no functions. */
static inline struct mpr_profile *made_tracked(void)
{
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_heap *heap = &profile->process[0].heap;
    heap->tracked = true;
    heap->all =
        (struct mpr_profile_sum){MADE_MIB(20), MADE_MIB(15), 1000, MADE_MIB(10), MADE_MIB(5)};
    heap->python = heap->all;
    return profile;
}

/* A function that was called once: each line was reached once and allocated so many bytes, which
 * it keeps; below 0: it was not reached. The pointer is good until the next one is made. */
static inline struct mpr_profile_function *made_lines(struct mpr_profile *profile,
    const char *qualname, uint32_t first_line, const char *const *lines, const int *bytes)
{
    struct mpr_profile_function *function =
        made_function(profile, "/home/ann/shop/orders.py", qualname, first_line, lines);
    for (uint32_t i = 0; lines[i]; i++) {
        if (bytes[i] < 0)
            continue;
        made_row(function, first_line + i, 1, MADE_MIB(10), 0, 1000);
        made_row_heap(function, first_line + i, bytes[i], 0, 0, bytes[i]);
    }
    made_entry(function, 1, MADE_MIB(10));
    return function;
}

/* The compared function that has that name on one side; NULL: there is none. */
static inline const struct mpr_compared_function *compared_function(
    const struct mpr_comparison *comparison, enum mpr_side side, const char *qualname)
{
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_profile_function *function = comparison->functions[i].function[side];
        if (function && strcmp(function->qualname, qualname) == 0)
            return &comparison->functions[i];
    }
    return NULL;
}

/* The compared row that has that line on one side. */
static inline const struct mpr_compared_row *compared_row(
    const struct mpr_compared_function *function, enum mpr_side side, uint32_t line)
{
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].row[side] && function->rows[i].row[side]->line == line)
            return &function->rows[i];
    return NULL;
}

static inline const struct mpr_column *column_named(const char *name)
{
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        if (strcmp(column->name, name) == 0)
            return column;
    abort();
}

#endif
