/* SPDX-License-Identifier: MIT */
/* The order of the functions in a view. Equal ones keep the order of their first start. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

struct sort_key {
    uint64_t major; /* ascending */
    uint64_t minor;
    size_t index;
};

static int by_key(const void *left, const void *right)
{
    const struct sort_key *a = left;
    const struct sort_key *b = right;
    if (a->major != b->major)
        return a->major < b->major ? -1 : 1;
    if (a->minor != b->minor)
        return a->minor < b->minor ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static int64_t held_at_peak(const struct mpr_profile_function *function)
{
    int64_t most = 0;
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].live_at_peak > most)
            most = function->rows[i].live_at_peak;
    return most;
}

static int64_t size_of(const struct mpr_profile_function *function, enum mpr_sort sort)
{
    if (sort == MPR_SORT_TIME)
        return function->time_ns;
    if (sort == MPR_SORT_HEAP)
        return function->heap_delta;
    if (sort == MPR_SORT_PEAK)
        return held_at_peak(function);
    return function->rss_delta;
}

/* Largest first, never called last. */
static void keys_by_size(
    const struct mpr_profile *profile, enum mpr_sort sort, struct sort_key *keys)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct mpr_profile_function *function = &profile->functions[i];
        int64_t size = size_of(function, sort);
        if (size == MPR_UNKNOWN)
            size = 0;
        keys[i].major = function->calls == 0;
        keys[i].minor = UINT64_MAX - (uint64_t)(size < 0 ? -size : size);
    }
}

static int by_file(const void *left, const void *right)
{
    const struct mpr_profile_function *const *a = left;
    const struct mpr_profile_function *const *b = right;
    int order = strcmp((*a)->file, (*b)->file);
    return order ? order : (*a > *b) - (*a < *b);
}

/* Files in the order in which they first appear, then by line. */
static bool keys_by_source(const struct mpr_profile *profile, struct sort_key *keys)
{
    size_t count = profile->function_count;
    const struct mpr_profile_function **sorted = malloc((count ? count : 1) * sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &profile->functions[i];
    qsort(sorted, count, sizeof *sorted, by_file);
    uint64_t rank = 0;
    for (size_t i = 0; i < count; i++) {
        size_t index = (size_t)(sorted[i] - profile->functions);
        if (i == 0 || strcmp(sorted[i]->file, sorted[i - 1]->file) != 0)
            rank = index;
        keys[index].major = rank;
        keys[index].minor = sorted[i]->first_line;
    }
    free(sorted);
    return true;
}

/* Somebody who named functions wants them as they stand; who named none wants the largest. */
static enum mpr_sort choose(const struct mpr_view *view)
{
    const struct mpr_profile *profile = view->profile;
    for (size_t i = 0; i < profile->function_count; i++) {
        if (strcmp(profile->functions[i].selected_by, "default") == 0)
            return !view->heap_off ? MPR_SORT_HEAP : view->rss_off ? MPR_SORT_TIME : MPR_SORT_RSS;
    }
    return MPR_SORT_SOURCE;
}

static void place(struct mpr_view *view, const struct sort_key *keys)
{
    view->function_count = view->profile->function_count;
    for (size_t i = 0; i < view->function_count; i++) {
        view->functions[i].index = keys[i].index;
        view->functions[i].function = &view->profile->functions[keys[i].index];
    }
}

bool mpr_view_order(struct mpr_view *view, enum mpr_sort sort)
{
    const struct mpr_profile *profile = view->profile;
    size_t count = profile->function_count;
    if (sort == MPR_SORT_AUTO)
        sort = choose(view);
    struct sort_key *keys = calloc(count + 1, sizeof *keys);
    view->functions = calloc(count + 1, sizeof *view->functions);
    bool ok = keys && view->functions;
    for (size_t i = 0; ok && i < count; i++)
        keys[i].index = i;
    if (ok && sort == MPR_SORT_SOURCE)
        ok = keys_by_source(profile, keys);
    else if (ok)
        keys_by_size(profile, sort, keys);
    if (ok) {
        qsort(keys, count, sizeof *keys, by_key);
        place(view, keys);
    }
    free(keys);
    return ok;
}

const char *mpr_sort_name(enum mpr_sort sort)
{
    static const char *const names[] = {
        [MPR_SORT_AUTO] = "auto",
        [MPR_SORT_SOURCE] = "source",
        [MPR_SORT_RSS] = "rss",
        [MPR_SORT_HEAP] = "heap",
        [MPR_SORT_PEAK] = "peak",
        [MPR_SORT_TIME] = "time",
    };
    return sort < MPR_SORTS ? names[sort] : NULL;
}

int mpr_sort_parse(const char *name, enum mpr_sort *ret_sort)
{
    for (enum mpr_sort sort = MPR_SORT_AUTO; sort < MPR_SORTS; sort++) {
        if (strcmp(name, mpr_sort_name(sort)) == 0) {
            *ret_sort = sort;
            return 0;
        }
    }
    return MPR_ERR_INVALID;
}
