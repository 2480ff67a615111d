/* SPDX-License-Identifier: MIT */
/* The sites in order of what they held at the peak, those of imported packages summed up if that is
 * asked for. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* All sites that are sorted stand in one array: equal ones keep its order. */
static int by_address(const struct mpr_profile_site *a, const struct mpr_profile_site *b)
{
    return (a > b) - (a < b);
}

static int compare_packages(const struct mpr_profile_site *a, const struct mpr_profile_site *b)
{
    if (!a->package || !b->package)
        return (a->package != NULL) - (b->package != NULL);
    int order = strcmp(a->package, b->package);
    return order ? order : (a->domain > b->domain) - (a->domain < b->domain);
}

static int by_package(const void *left, const void *right)
{
    const struct mpr_profile_site *a = *(const struct mpr_profile_site *const *)left;
    const struct mpr_profile_site *b = *(const struct mpr_profile_site *const *)right;
    int order = compare_packages(a, b);
    return order ? order : by_address(a, b);
}

static int by_held(const void *left, const void *right)
{
    const struct mpr_profile_site *a = *(const struct mpr_profile_site *const *)left;
    const struct mpr_profile_site *b = *(const struct mpr_profile_site *const *)right;
    if (a->live_at_peak != b->live_at_peak)
        return a->live_at_peak > b->live_at_peak ? -1 : 1;
    if (a->allocated != b->allocated)
        return a->allocated > b->allocated ? -1 : 1;
    int order = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    if (order)
        return order;
    return a->line != b->line ? (a->line > b->line) - (a->line < b->line) : by_address(a, b);
}

static void merge(struct mpr_profile_site *into, const struct mpr_profile_site *from)
{
    into->allocated = mpr_add(into->allocated, from->allocated);
    into->allocations = mpr_add(into->allocations, from->allocations);
    into->live_at_peak = mpr_add(into->live_at_peak, from->live_at_peak);
    into->live_at_end = mpr_add(into->live_at_end, from->live_at_end);
    into->blocks_at_end = mpr_add(into->blocks_at_end, from->blocks_at_end);
    if (from->birth_ns != MPR_UNKNOWN &&
        (into->birth_ns == MPR_UNKNOWN || from->birth_ns < into->birth_ns))
        into->birth_ns = from->birth_ns;
}

/* A package's name stands where a function's would, without a line. */
static void name_package(struct mpr_profile_site *sum)
{
    sum->place = MPR_NONE;
    sum->file = NULL;
    sum->function = sum->package;
    sum->line = 0;
    sum->peak = MPR_UNKNOWN;
}

/* A sum for each package and domain, a copy of everything else. */
static bool fold(struct mpr_view *view)
{
    size_t kept = 0;
    view->sums = calloc(view->site_count + 1, sizeof *view->sums);
    if (!view->sums)
        return false;
    qsort(view->sites, view->site_count, sizeof *view->sites, by_package);
    for (size_t i = 0; i < view->site_count; i++) {
        const struct mpr_profile_site *site = view->sites[i];
        struct mpr_profile_site *last = kept ? &view->sums[kept - 1] : NULL;
        if (site->package && last && compare_packages(last, site) == 0) {
            merge(last, site);
            continue;
        }
        view->sums[kept] = *site;
        if (site->package)
            name_package(&view->sums[kept]);
        kept++;
    }
    view->site_count = kept;
    for (size_t i = 0; i < kept; i++)
        view->sites[i] = &view->sums[i];
    return true;
}

bool mpr_view_sites(struct mpr_view *view, bool fold_packages)
{
    const struct mpr_profile *profile = view->profile;
    view->sites = calloc(profile->site_count + 1, sizeof *view->sites);
    if (!view->sites)
        return false;
    view->site_count = profile->site_count;
    for (size_t i = 0; i < profile->site_count; i++)
        view->sites[i] = &profile->sites[i];
    if (fold_packages && !fold(view))
        return false;
    qsort(view->sites, view->site_count, sizeof *view->sites, by_held);
    return true;
}
