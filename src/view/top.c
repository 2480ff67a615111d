/* SPDX-License-Identifier: MIT */
/* The lists of sites, and the worst of each. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* Of a list's sum: a site below is not worth a line of a short list. */
#define FEW ((size_t)5)
#define LEAST_SHARE 0.005

static int64_t at_peak(const struct mpr_profile_site *site)
{
    return site->live_at_peak;
}

static int64_t at_end(const struct mpr_profile_site *site)
{
    return site->live_at_end;
}

static int64_t allocated(const struct mpr_profile_site *site)
{
    return site->allocated;
}

static const struct {
    int64_t (*value)(const struct mpr_profile_site *site);
    bool with_startup;
} tops[MPR_TOPS] = {
    [MPR_TOP_PEAK] = {at_peak, true},
    [MPR_TOP_END] = {at_end, false},
    [MPR_TOP_ALLOCATED] = {allocated, false},
};

int64_t mpr_top_value(enum mpr_top top, const struct mpr_profile_site *site)
{
    return tops[top].value(site);
}

/* Is the site one for the list: of that kind, `least` bytes or more, and not too small to show? */
static bool counts(const struct mpr_view *view, enum mpr_top top,
    const struct mpr_profile_site *site, int64_t least)
{
    int64_t value = tops[top].value(site);
    return (tops[top].with_startup || !site->before) && value > 0 && value >= least &&
           !mpr_number_vanishes((uint64_t)value, &view->size);
}

static int64_t least_of(const struct mpr_view *view, enum mpr_top top)
{
    double sum = 0;
    if (view->top_wanted > FEW)
        return 0;
    for (size_t i = 0; i < view->site_count; i++)
        if (counts(view, top, view->sites[i], 0))
            sum += (double)tops[top].value(view->sites[i]);
    double least = sum * LEAST_SHARE;
    return least < (double)INT64_MAX ? (int64_t)least : INT64_MAX;
}

static void choose(const struct mpr_view *view, enum mpr_top top, struct mpr_view_top *list)
{
    size_t most = view->top_wanted;
    int64_t least = least_of(view, top);
    for (size_t i = 0; i < view->site_count; i++) {
        int64_t value = tops[top].value(view->sites[i]);
        if (!counts(view, top, view->sites[i], least))
            continue;
        size_t at = list->count < most ? list->count++ : most;
        while (at > 0 && tops[top].value(list->site[at - 1]) < value) {
            if (at < most)
                list->site[at] = list->site[at - 1];
            at--;
        }
        if (at < most)
            list->site[at] = view->sites[i];
    }
}

bool mpr_view_tops(struct mpr_view *view)
{
    size_t room = view->top_wanted < view->site_count ? view->top_wanted : view->site_count;
    for (size_t top = 0; room && top < MPR_TOPS; top++) {
        struct mpr_view_top *list = &view->top[top];
        list->site = calloc(room, sizeof *list->site);
        if (!list->site)
            return false;
        choose(view, (enum mpr_top)top, list);
    }
    return true;
}

static int by_line(const struct mpr_profile_site *a, const struct mpr_profile_site *b)
{
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    int order = strcmp(a->function, b->function);
    return order ? order : strcmp(a->file ? a->file : "", b->file ? b->file : "");
}

static int compare_lines(const void *left, const void *right)
{
    return by_line(*(const struct mpr_profile_site *const *)left,
        *(const struct mpr_profile_site *const *)right);
}

/* Those of the program itself, the sites of a line side by side. NULL: no memory. */
static const struct mpr_profile_site **sort_by_line(const struct mpr_view *view, size_t *ret_count)
{
    size_t count = 0;
    const struct mpr_profile_site **sorted = calloc(view->site_count + 1, sizeof *sorted);
    for (size_t i = 0; sorted && i < view->site_count; i++)
        if (!view->sites[i]->before)
            sorted[count++] = view->sites[i];
    if (sorted)
        qsort(sorted, count, sizeof *sorted, compare_lines);
    *ret_count = count;
    return sorted;
}

bool mpr_view_worst(const struct mpr_view *view, enum mpr_top top, struct mpr_view_worst *ret)
{
    struct mpr_view_worst worst = {NULL, 0};
    size_t count;
    const struct mpr_profile_site **sorted = sort_by_line(view, &count);
    for (size_t i = 0, end; sorted && i < count; i = end) {
        int64_t bytes = 0;
        for (end = i; end < count && by_line(sorted[i], sorted[end]) == 0; end++)
            bytes = mpr_add(bytes, tops[top].value(sorted[end]));
        if (bytes > worst.bytes)
            worst = (struct mpr_view_worst){sorted[i], bytes};
    }
    free(sorted);
    if (worst.site)
        *ret = worst;
    return worst.site != NULL;
}
