/* SPDX-License-Identifier: MIT */
/* Which functions a plot shows below its levels, and in which columns each ran. */
#include <stdlib.h>

#include "mprun/view_intervals.h"
#include "view.h"

/* A function ran in these columns. */
struct stretch {
    size_t function;
    size_t from, to; /* the last one included */
};

struct stretches {
    struct stretch *stretch;
    size_t count;
};

static int by_function(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    if (x->function != y->function)
        return x->function < y->function ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* Those of intervals, and those of samples, by function and time. */
static bool collect(
    const struct mpr_plot *plot, const struct mpr_view *view, struct stretches *ret_stretches)
{
    struct mpr_view_intervals intervals;
    struct stretches all = {0};
    if (mpr_view_intervals(view, 0, &intervals) < 0)
        return false;
    all.stretch = calloc(intervals.count + plot->count + 1, sizeof *all.stretch);
    for (size_t i = 0; all.stretch && i < intervals.count; i++) {
        const struct mpr_profile_interval *interval = intervals.interval[i];
        bool lasts = interval->end_ns > interval->begin_ns;
        size_t from = mpr_plot_at(plot, interval->begin_ns);
        size_t to = mpr_plot_at(plot, interval->end_ns - lasts);
        if (from < plot->count)
            all.stretch[all.count++] =
                (struct stretch){interval->function, from, to < plot->count ? to : plot->count - 1};
    }
    for (size_t i = 0; all.stretch && i < plot->count; i++)
        if (plot->column[i].function < view->profile->function_count)
            all.stretch[all.count++] = (struct stretch){plot->column[i].function, i, i};
    mpr_view_intervals_release(&intervals);
    if (all.stretch)
        qsort(all.stretch, all.count, sizeof *all.stretch, by_function);
    *ret_stretches = all;
    return all.stretch;
}

/* Is `a` rather to be seen than `b`? */
static bool is_larger(const struct mpr_plot_band *a, const struct mpr_plot_band *b)
{
    return a->columns > b->columns || (a->columns == b->columns && a->first < b->first);
}

static void add_band(struct mpr_plot *plot, struct mpr_plot_band band, size_t most)
{
    size_t at = plot->bands;
    while (at > 0 && is_larger(&band, &plot->band[at - 1]))
        at--;
    plot->bands_left += plot->bands == most;
    if (at == most)
        return;
    for (size_t i = plot->bands < most ? plot->bands++ : most - 1; i > at; i--)
        plot->band[i] = plot->band[i - 1];
    plot->band[at] = band;
}

/* The stretches of one function, in the order of time. */
static struct mpr_plot_band band_of(const struct stretch *stretch, size_t count)
{
    struct mpr_plot_band band = {.function = stretch->function, .first = stretch->from};
    size_t next = stretch->from; /* the first that is not counted */
    for (size_t i = 0; i < count; i++) {
        size_t from = stretch[i].from > next ? stretch[i].from : next;
        if (stretch[i].to < from)
            continue;
        band.columns += stretch[i].to - from + 1;
        next = stretch[i].to + 1;
    }
    return band;
}

/* In the order of their first column; what begins together, the longer first. */
static int by_first(const void *a, const void *b)
{
    const struct mpr_plot_band *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return is_larger(x, y) ? -1 : is_larger(y, x);
}

static bool fill(struct mpr_plot *plot, const struct stretches *all)
{
    bool ok = true;
    for (size_t b = 0; b < plot->bands; b++) {
        struct mpr_plot_band *band = &plot->band[b];
        band->in = calloc(plot->count, sizeof *band->in);
        ok &= band->in != NULL;
        for (size_t i = 0; band->in && i < all->count; i++)
            for (size_t at = all->stretch[i].from;
                 all->stretch[i].function == band->function && at <= all->stretch[i].to; at++)
                band->in[at] = true;
    }
    return ok;
}

bool mpr_plot_find_bands(struct mpr_plot *plot, const struct mpr_view *view, size_t most)
{
    struct stretches all;
    if (!collect(plot, view, &all))
        return false;
    plot->band = calloc(most + 1, sizeof *plot->band);
    for (size_t i = 0, next; plot->band && i < all.count; i = next) {
        for (next = i + 1;
             next < all.count && all.stretch[next].function == all.stretch[i].function;)
            next++;
        add_band(plot, band_of(&all.stretch[i], next - i), most);
    }
    if (plot->band)
        qsort(plot->band, plot->bands, sizeof *plot->band, by_first);
    bool ok = plot->band && fill(plot, &all);
    free(all.stretch);
    return ok;
}
