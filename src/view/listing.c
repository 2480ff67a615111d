/* SPDX-License-Identifier: MIT */
/* Which function gets a table, which a line. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* So many functions are all shown, whatever they did. */
#define ALWAYS_SHOWN ((size_t)3)
/* From so many named ones on, those that did nothing, or nothing that shows, fold too. */
#define NAMED_LIMIT ((size_t)10)
/* More tables nobody reads. */
#define TABLES_MAX ((size_t)200)
/* The heap is exact to the byte: less than a page in every line is no change worth a table. */
#define HEAP_LEAST ((int64_t)4096)

static bool is_measured(const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].measured)
            return true;
    return false;
}

static bool has_hits(const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].hits)
            return true;
    return false;
}

static bool moves_heap(const struct mpr_profile_row *row)
{
    return row->heap_delta != MPR_UNKNOWN &&
           (mpr_magnitude(row->heap_delta) >= HEAP_LEAST || row->spike >= HEAP_LEAST);
}

static bool has_change(const struct mpr_view *view, const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        bool resident = row->rss_delta != 0 && row->rss_delta != MPR_UNKNOWN;
        bool long_time = view->rss_off && view->heap_off && row->time_ns >= 50000;
        if (row->ended_here || resident || moves_heap(row) || long_time)
            return true;
    }
    return false;
}

static bool may_fold(const struct mpr_view *view, const struct mpr_profile_function *function)
{
    if (view->all_lines || view->ran <= ALWAYS_SHOWN)
        return false;
    return strcmp(function->selected_by, "default") == 0 || view->ran > NAMED_LIMIT;
}

static void list_as(struct mpr_view *view, size_t index, enum mpr_listing listing)
{
    view->listed[view->functions[index].listing]--;
    view->functions[index].listing = listing;
    view->listed[listing]++;
}

void mpr_view_list(struct mpr_view *view)
{
    view->listed[MPR_LISTING_TABLE] = view->function_count;
    for (size_t i = 0; i < view->function_count; i++) {
        struct mpr_view_function *shown = &view->functions[i];
        shown->measured = is_measured(shown->function);
        bool runs = shown->function->calls || shown->measured || has_hits(shown->function);
        if (!runs)
            list_as(view, i, MPR_LISTING_NEVER);
        view->ran += runs;
    }
    for (size_t i = 0; i < view->function_count; i++) {
        const struct mpr_profile_function *function = view->functions[i].function;
        if (view->functions[i].listing == MPR_LISTING_TABLE && may_fold(view, function) &&
            !has_change(view, function))
            list_as(view, i, MPR_LISTING_QUIET);
    }
}

static bool shows(const struct mpr_view *view, int64_t value)
{
    uint64_t size = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return size && !mpr_number_vanishes(size, &view->size);
}

/* Every change is less than half of the last digit. */
static bool is_small(const struct mpr_view *view, const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->ended_here || shows(view, row->rss_delta) || shows(view, row->heap_delta) ||
            shows(view, row->spike))
            return false;
    }
    return true;
}

static void fold_small(struct mpr_view *view)
{
    for (size_t i = 0; i < view->function_count; i++) {
        if (view->functions[i].listing != MPR_LISTING_TABLE ||
            !is_small(view, view->functions[i].function))
            continue;
        list_as(view, i, MPR_LISTING_QUIET);
        view->small_folded = true;
    }
}

static uint64_t largest(uint64_t most, int64_t value)
{
    uint64_t size = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return size > most ? size : most;
}

/* How much a function deserves its table: its largest change, or the longest time. */
static uint64_t weight(const struct mpr_view *view, size_t index)
{
    const struct mpr_profile_function *function = view->functions[index].function;
    uint64_t most = 0;
    if (view->process->peak_line && view->process->peak_function == view->functions[index].index)
        return UINT64_MAX;
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->ended_here)
            return UINT64_MAX;
        if (view->rss_off && view->heap_off) {
            most = largest(most, row->time_ns);
            continue;
        }
        most = largest(most, row->rss_delta);
        most = largest(most, row->heap_delta);
        most = largest(most, row->spike);
    }
    return most;
}

static int descending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* The heaviest keep their tables, in the order of the report. */
static bool cut_tables(struct mpr_view *view)
{
    size_t count = 0;
    uint64_t *weights = malloc(view->listed[MPR_LISTING_TABLE] * sizeof *weights);
    if (!weights)
        return false;
    for (size_t i = 0; i < view->function_count; i++) {
        if (view->functions[i].listing == MPR_LISTING_TABLE)
            weights[count++] = weight(view, i);
    }
    qsort(weights, count, sizeof *weights, descending);
    uint64_t least = weights[TABLES_MAX - 1];
    size_t equals = TABLES_MAX; /* so many of the least heavy still have room */
    for (size_t i = 0; weights[i] > least; i++)
        equals--;
    free(weights);
    for (size_t i = 0; i < view->function_count; i++) {
        if (view->functions[i].listing != MPR_LISTING_TABLE)
            continue;
        uint64_t own = weight(view, i);
        if (own > least || (own == least && equals > 0))
            equals -= own == least;
        else
            list_as(view, i, MPR_LISTING_CUT);
    }
    return true;
}

bool mpr_view_list_shown(struct mpr_view *view)
{
    if (view->all_lines || view->ran <= NAMED_LIMIT)
        return true;
    if (!view->rss_off || !view->heap_off)
        fold_small(view);
    return view->listed[MPR_LISTING_TABLE] <= TABLES_MAX || cut_tables(view);
}
