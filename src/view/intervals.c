/* SPDX-License-Identifier: MIT */
/* Which running intervals a view shows: those of its functions, and, where there is room for some
 * only, the longest. */
#include "mprun/view_intervals.h"

#include <stdlib.h>
#include <string.h>

static uint64_t duration(const struct mpr_profile_interval *interval)
{
    return interval->end_ns - interval->begin_ns;
}

static int by_duration(const void *a, const void *b)
{
    uint64_t x = duration(*(const struct mpr_profile_interval *const *)a);
    uint64_t y = duration(*(const struct mpr_profile_interval *const *)b);
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Of the model's functions, those that the view has. */
static bool *functions_shown(const struct mpr_view *view)
{
    bool *shown = calloc(view->profile->function_count + 1, sizeof *shown);
    for (size_t i = 0; shown && i < view->function_count; i++)
        shown[view->functions[i].index] = true;
    return shown;
}

static bool collect(const struct mpr_view *view, struct mpr_view_intervals *ret)
{
    const struct mpr_profile_intervals *all = &view->process->intervals;
    bool *shown = functions_shown(view);
    ret->interval = calloc(all->count + 1, sizeof *ret->interval);
    for (size_t i = 0; shown && ret->interval && i < all->count; i++)
        if (shown[all->interval[i].function])
            ret->interval[ret->count++] = &all->interval[i];
    bool ok = shown && ret->interval;
    free(shown);
    return ok;
}

/* The shortest go, with all that are as short as the longest of them. */
static bool keep_longest(struct mpr_view_intervals *intervals, size_t most)
{
    size_t kept = 0, size = intervals->count * sizeof(const struct mpr_profile_interval *);
    const struct mpr_profile_interval **sorted = malloc(size);
    if (!sorted)
        return false;
    memcpy(sorted, intervals->interval, size);
    qsort(sorted, intervals->count, sizeof *sorted, by_duration);
    uint64_t gone = duration(sorted[most]);
    free(sorted);
    for (size_t i = 0; i < intervals->count; i++)
        if (duration(intervals->interval[i]) > gone)
            intervals->interval[kept++] = intervals->interval[i];
    intervals->left_out += intervals->count - kept;
    intervals->count = kept;
    intervals->least_ns = gone;
    return true;
}

int mpr_view_intervals(
    const struct mpr_view *view, size_t most, struct mpr_view_intervals *ret_intervals)
{
    struct mpr_view_intervals intervals = {
        .least_ns = view->process->intervals.least_ns,
        .left_out = view->process->intervals.left_out,
    };
    bool ok = collect(view, &intervals);
    if (ok && most && intervals.count > most)
        ok = keep_longest(&intervals, most);
    if (!ok) {
        mpr_view_intervals_release(&intervals);
        return MPR_ERR_NOMEM;
    }
    *ret_intervals = intervals;
    return 0;
}

void mpr_view_intervals_release(struct mpr_view_intervals *intervals)
{
    free(intervals->interval);
    *intervals = (struct mpr_view_intervals){0};
}
