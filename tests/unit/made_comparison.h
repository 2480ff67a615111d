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

/* Two states of a program: of `load`, which is called `read` later, some lines were changed; `gone`
 * is gone, `made` is new, `same` stands further down, `more` is called more often. */
static inline struct mpr_profile *made_state(bool later)
{
    static const char *const was[] = {"def load(path):", "    text = open(path).read()",
        "    rows = text.splitlines()", "    seen = set(rows)",
        "    for row in rows:", "        work(row)", "    return rows, seen", NULL};
    static const char *const is[] = {"def read(path):", "    text = open(path).read()",
        "    log('read')", "    rows = text.splitlines() * 2",
        "    for row in rows:", "        work(row)", "    return rows, seen", NULL};
    static const char *const small[] = {"def f(x):", "    return [x]", NULL};
    static const int was_bytes[] = {-1, 1000000, 3000000, 50000, 0, 200, 0};
    static const int is_bytes[] = {-1, 1000000, 700, 9000000, 0, 900, 0};
    static const int small_bytes[] = {-1, 64};
    struct mpr_profile *profile = made_tracked();
    struct mpr_profile_function *load = made_lines(profile, later ? "read" : "load", later ? 12 : 4,
        later ? is : was, later ? is_bytes : was_bytes);
    load->rows[5].hits = later ? 3 : 1;
    load->rows[5].time_ns = later ? 9000000 : 2000000;
    made_lines(profile, later ? "made" : "gone", 40, small, small_bytes);
    made_lines(profile, "same", later ? 60 : 50, small, small_bytes);
    made_lines(profile, "more", 80, small, small_bytes)->calls = later ? 3 : 1;
    made_site(profile, "/home/ann/shop/orders.py", later ? "read" : "load", later ? 15 : 6,
        later ? 9000000 : 3000000, later ? 9000000 : 3000000, later ? 0 : 1000);
    profile->places[profile->place_count - 1].function = 0;
    profile->process[0].heap.all.peak += later ? 6000000 : 0;
    profile->process[0].duration_ns += later ? 7000000 : 0;
    return profile;
}

static inline const struct mpr_column *column_named(const char *name)
{
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        if (strcmp(column->name, name) == 0)
            return column;
    abort();
}

#endif
