/* SPDX-License-Identifier: MIT */
/* A comparison from two profiles, step by step, and its values. */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "mprun/number.h"

/* RSS of the same program differs from run to run: by the time at which the kernel and the
 * allocator take and give pages, and by where maps happen to lie. */
#define NOISE_BYTES ((int64_t)256 << 10)
#define NOISE_PEAK 200 /* a part of the peak: 0.5 % */

int64_t mpr_worse(int64_t a, int64_t b)
{
    if ((a > 0) == (b > 0))
        return mpr_magnitude(a) > mpr_magnitude(b) ? a : b;
    return a > 0 ? a : b;
}

const char *mpr_fate_name(enum mpr_fate fate)
{
    static const char *const names[MPR_FATES] = {
        [MPR_FATE_SAME] = "same",
        [MPR_FATE_CHANGED] = "changed",
        [MPR_FATE_NEW] = "new",
        [MPR_FATE_GONE] = "gone",
    };
    return names[fate];
}

/* --- values --- */

int64_t mpr_change(int64_t before, int64_t after)
{
    bool unknown = before == MPR_UNKNOWN || after == MPR_UNKNOWN;
    return unknown ? MPR_UNKNOWN : mpr_subtract(after, before);
}

int64_t mpr_compared_value(const struct mpr_comparison *comparison, const struct mpr_column *column,
    const struct mpr_compared_row *row, enum mpr_side side)
{
    if (row->row[side])
        return mpr_column_value(column, row->row[side]);
    bool off = (column->needs_heap && comparison->no_heap[side]) ||
               (column->needs_rss && comparison->no_rss[side]);
    return off ? MPR_UNKNOWN : 0;
}

int64_t mpr_compared_change(const struct mpr_comparison *comparison,
    const struct mpr_column *column, const struct mpr_compared_row *row)
{
    return mpr_change(mpr_compared_value(comparison, column, row, MPR_BEFORE),
        mpr_compared_value(comparison, column, row, MPR_AFTER));
}

static bool a_hit(
    const struct mpr_column *column, const struct mpr_profile_row *row, long double *ret)
{
    int64_t value = row ? mpr_column_value(column, row) : MPR_UNKNOWN;
    if (value == MPR_UNKNOWN || row->hits == 0)
        return false;
    *ret = (long double)value / (long double)row->hits;
    return true;
}

int64_t mpr_compared_change_a_hit(
    const struct mpr_column *column, const struct mpr_compared_row *row)
{
    long double before, after;
    if (!column->summed || !a_hit(column, row->row[MPR_BEFORE], &before) ||
        !a_hit(column, row->row[MPR_AFTER], &after))
        return MPR_UNKNOWN;
    long double change = after - before;
    if (change >= (long double)INT64_MAX || change <= -(long double)INT64_MAX)
        return change < 0 ? -INT64_MAX : INT64_MAX;
    return (int64_t)(change < 0 ? change - 0.5L : change + 0.5L);
}

bool mpr_compared_exactly(const struct mpr_column *column)
{
    return !column->needs_rss && !column->no_key &&
           (column->needs_heap || column->cell == MPR_CELL_COUNT);
}

/* --- the whole run --- */

static int64_t live(const struct mpr_profile_heap *heap)
{
    return mpr_change(heap->before, heap->all.end);
}

static void fill_totals(struct mpr_comparison *comparison)
{
    static const struct mpr_compared_total totals[MPR_COMPARED_TOTALS] = {
        {"heap_peak", "heap, highest", MPR_CELL_LEVEL, {0, 0}},
        {"live_at_end", "heap, live at the end", MPR_CELL_LEVEL, {0, 0}},
        {"allocated", "heap, allocated in all", MPR_CELL_LEVEL, {0, 0}},
        {"allocations", "blocks", MPR_CELL_COUNT, {0, 0}},
        {"rss_peak", "RSS, highest", MPR_CELL_LEVEL, {0, 0}},
        {"duration_ns", "time", MPR_CELL_TIME, {0, 0}},
    };
    memcpy(comparison->total, totals, sizeof totals);
    for (size_t side = 0; side < MPR_SIDES; side++) {
        const struct mpr_profile_process *process = &comparison->profile[side]->process[0];
        const struct mpr_profile_heap *heap = &process->heap;
        uint64_t time = process->duration_ns;
        const int64_t values[MPR_COMPARED_TOTALS] = {
            heap->tracked ? heap->all.peak : MPR_UNKNOWN,
            heap->tracked ? live(heap) : MPR_UNKNOWN,
            heap->tracked ? heap->all.allocated : MPR_UNKNOWN,
            heap->tracked ? heap->all.allocations : MPR_UNKNOWN,
            process->rss_peak,
            time > INT64_MAX ? INT64_MAX : (int64_t)time,
        };
        for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++)
            comparison->total[i].value[side] = values[i];
    }
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void fill_facts(struct mpr_comparison *comparison)
{
    comparison->rss_noise = NOISE_BYTES;
    for (size_t side = 0; side < MPR_SIDES; side++) {
        const struct mpr_profile_process *process = &comparison->profile[side]->process[0];
        comparison->no_rss[side] = process->rss_resolution == MPR_UNKNOWN;
        comparison->no_heap[side] = !process->heap.tracked;
        comparison->rss_off |= comparison->no_rss[side];
        comparison->heap_off |= comparison->no_heap[side];
        if (comparison->no_rss[side])
            continue;
        comparison->rss_noise = larger(comparison->rss_noise, process->rss_resolution);
        if (process->rss_peak != MPR_UNKNOWN)
            comparison->rss_noise = larger(comparison->rss_noise, process->rss_peak / NOISE_PEAK);
    }
}

/* --- order --- */

static const struct mpr_profile_function *shown(const struct mpr_compared_function *function)
{
    enum mpr_side side = function->function[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    return function->function[side];
}

static int by_growth(const void *left, const void *right)
{
    const struct mpr_compared_function *a = left, *b = right;
    bool a_same = a->fate == MPR_FATE_SAME, b_same = b->fate == MPR_FATE_SAME;
    if (a_same != b_same)
        return a_same ? 1 : -1;
    if (a->growth != b->growth)
        return a->growth < b->growth ? 1 : -1;
    int order = strcmp(shown(a)->file, shown(b)->file);
    if (order)
        return order;
    uint32_t a_line = shown(a)->first_line, b_line = shown(b)->first_line;
    return (a_line > b_line) - (a_line < b_line);
}

static bool make(struct mpr_comparison *comparison)
{
    fill_facts(comparison);
    fill_totals(comparison);
    if (!mpr_compare_functions(comparison))
        return false;
    for (size_t i = 0; i < comparison->function_count; i++) {
        struct mpr_compared_function *function = &comparison->functions[i];
        if (!mpr_compare_rows(comparison, function))
            return false;
        comparison->fates[function->fate]++;
        comparison->renamed += function->renamed;
        comparison->moved += function->moved && !function->renamed;
    }
    qsort(comparison->functions, comparison->function_count, sizeof *comparison->functions,
        by_growth);
    return mpr_compare_sites(comparison);
}

struct mpr_comparison *mpr_comparison_new(const struct mpr_profile *before,
    const struct mpr_profile *after, const struct mpr_comparison_options *options)
{
    struct mpr_comparison *comparison = calloc(1, sizeof *comparison);
    if (!comparison)
        return NULL;
    comparison->profile[MPR_BEFORE] = before;
    comparison->profile[MPR_AFTER] = after;
    memcpy(comparison->name, options->name, sizeof comparison->name);
    if (!make(comparison)) {
        mpr_comparison_free(comparison);
        return NULL;
    }
    mpr_compare_choose(comparison, options->unit);
    comparison->sites_shown =
        options->top < comparison->site_count ? options->top : comparison->site_count;
    return comparison;
}

void mpr_comparison_free(struct mpr_comparison *comparison)
{
    if (!comparison)
        return;
    for (size_t i = 0; comparison->functions && i < comparison->function_count; i++)
        free(comparison->functions[i].rows);
    free(comparison->functions);
    free(comparison->sites);
    free(comparison);
}
