/* SPDX-License-Identifier: MIT */
/* Whose body stands inside whose: a function inside another has a listing of its own. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

static const struct mpr_profile_function *at_rank(const struct mpr_view *view, size_t rank)
{
    return view->functions[view->by_place[rank]].function;
}

static int by_place(const void *left, const void *right, void *functions)
{
    size_t i = *(const size_t *)left;
    size_t j = *(const size_t *)right;
    const struct mpr_profile_function *a =
        ((const struct mpr_view_function *)functions)[i].function;
    const struct mpr_profile_function *b =
        ((const struct mpr_view_function *)functions)[j].function;
    int order = strcmp(a->file, b->file);
    if (order)
        return order;
    if (a->first_line != b->first_line)
        return a->first_line < b->first_line ? -1 : 1;
    if (a->last_line != b->last_line)
        return a->last_line > b->last_line ? -1 : 1;
    return (i > j) - (i < j);
}

bool mpr_view_place(struct mpr_view *view)
{
    size_t count = view->function_count;
    view->by_place = calloc(count + 1, sizeof *view->by_place);
    view->rank = calloc(count + 1, sizeof *view->rank);
    if (!view->by_place || !view->rank)
        return false;
    for (size_t i = 0; i < count; i++)
        view->by_place[i] = i;
    qsort_r(view->by_place, count, sizeof *view->by_place, by_place, view->functions);
    for (size_t i = 0; i < count; i++)
        view->rank[view->by_place[i]] = i;
    return true;
}

/* First rank from `from` on, in the same file, whose first line lies behind `line`. */
static size_t skip_to(const struct mpr_view *view, size_t from, const char *file, uint32_t line)
{
    size_t low = from;
    size_t high = view->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mpr_profile_function *at = at_rank(view, middle);
        if (strcmp(at->file, file) == 0 && at->first_line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first row of a later line. */
static size_t row_behind(const struct mpr_profile_function *function, uint32_t line)
{
    size_t low = 0, high = function->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (function->rows[middle].line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void mpr_view_mark_nested(const struct mpr_view *view, size_t function, uint8_t *marks)
{
    const struct mpr_profile_function *outer = view->functions[function].function;
    size_t rank = view->rank[function] + 1;
    while (rank < view->function_count) {
        const struct mpr_profile_function *inner = at_rank(view, rank);
        if (strcmp(inner->file, outer->file) != 0 || inner->first_line > outer->last_line)
            break;
        bool inside =
            inner->last_line <= outer->last_line &&
            (inner->first_line > outer->first_line || inner->last_line < outer->last_line);
        bool listed = view->functions[view->by_place[rank]].listing != MPR_LISTING_NEVER;
        if (!inside || !listed) {
            rank++;
            continue;
        }
        /* Its first line is the outer one's own: there the definition ran. */
        for (size_t i = row_behind(outer, inner->first_line);
             i < outer->row_count && outer->rows[i].line <= inner->last_line; i++)
            marks[i] = 1;
        rank = skip_to(view, rank + 1, outer->file, inner->last_line);
    }
}
