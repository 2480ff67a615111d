/* SPDX-License-Identifier: MIT */
/* The timeline in columns of equal time. */
#include <stdlib.h>

#include "view.h"

#define SECOND UINT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define FIGURES_MAX 20

/* --- columns --- */

size_t mpr_plot_at(const struct mpr_plot *plot, uint64_t t_ns)
{
    double part = (double)t_ns / (double)plot->span_ns;
    return part < 1 ? (size_t)(part * (double)plot->count) : plot->count;
}

static void raise_column(struct mpr_plot_column *column, const struct mpr_profile_bucket *bucket)
{
    /* Of equal ones the first stands: it is when the level was reached. */
    if (bucket->rss_max > column->rss) {
        column->rss = bucket->rss_max;
        column->function = bucket->max_function;
    }
    if (bucket->heap_max > column->heap)
        column->heap = bucket->heap_max;
}

/* A bucket's level holds until the next one: it is in each column that has a part of that time. */
static void add_bucket(
    struct mpr_plot *plot, const struct mpr_profile_bucket *bucket, uint64_t until_ns)
{
    size_t last = plot->count - 1;
    size_t from = mpr_plot_at(plot, bucket->t_ns);
    size_t to = mpr_plot_at(plot, until_ns > bucket->t_ns ? until_ns - 1 : bucket->t_ns);
    from = from < last ? from : last;
    to = to < last ? to : last;
    for (size_t i = from; i <= to; i++)
        raise_column(&plot->column[i], bucket);
}

static void fill_columns(struct mpr_plot *plot, const struct mpr_profile_timeline *timeline)
{
    for (size_t i = 0; i < plot->count; i++)
        plot->column[i] = (struct mpr_plot_column){MPR_UNKNOWN, MPR_UNKNOWN, MPR_NONE};
    for (size_t i = 0; i < timeline->count; i++) {
        bool is_last = i + 1 == timeline->count;
        add_bucket(
            plot, &timeline->bucket[i], is_last ? plot->span_ns : timeline->bucket[i + 1].t_ns);
    }
    plot->rss_top = plot->heap_top = MPR_UNKNOWN; /* the least there is */
    for (size_t i = 0; i < plot->count; i++) {
        const struct mpr_plot_column *column = &plot->column[i];
        plot->rss_top = column->rss > plot->rss_top ? column->rss : plot->rss_top;
        plot->heap_top = column->heap > plot->heap_top ? column->heap : plot->heap_top;
    }
}

size_t mpr_plot_height(int64_t level, int64_t top, size_t steps)
{
    if (level <= 0)
        return 0;
    if (level >= top)
        return steps;
    double exact = (double)level / (double)top * (double)steps;
    size_t height = (size_t)exact;
    height += (double)height < exact;
    return height < steps ? height : steps;
}

/* --- moments --- */

/* Those of the view's process; a tree as a whole has none. */
static bool find_moments(struct mpr_plot *plot, const struct mpr_view *view)
{
    const struct mpr_profile *profile = view->profile;
    plot->moment = calloc(profile->mark_count + 1, sizeof *plot->moment);
    for (size_t i = 0; plot->moment && i < profile->mark_count; i++) {
        const struct mpr_profile_mark *mark = &profile->marks[i];
        if (&profile->process[mark->process] != view->process)
            continue;
        size_t at = mpr_plot_at(plot, mark->t_ns);
        at = at < plot->count ? at : plot->count - 1;
        plot->moment[plot->moments++] = (struct mpr_plot_moment){mark, at};
    }
    return plot->moment;
}

/* --- the axis of time --- */

/* 1, 2, 5, 10, 20, … of `unit`, `least` or more. */
static uint64_t round_step(uint64_t unit, uint64_t least)
{
    static const uint64_t factors[] = {1, 2, 5};
    for (uint64_t decade = unit; decade < UINT64_MAX / 10; decade *= 10)
        for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
            if (decade * factors[i] >= least)
                return decade * factors[i];
    return UINT64_MAX;
}

static uint64_t choose_step(uint64_t least)
{
    static const uint64_t clock[] = {15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE,
        10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR};
    if (least <= 10 * SECOND)
        return round_step(1, least);
    for (size_t i = 0; i < sizeof clock / sizeof *clock; i++)
        if (clock[i] >= least)
            return clock[i];
    return round_step(DAY, least);
}

/* One in which a figure has two decimals at most. */
static struct mpr_scale choose_scale(uint64_t span_ns, uint64_t step_ns)
{
    static const struct {
        uint64_t span_from, step_from;
        struct mpr_scale scale;
    } units[] = {
        {3 * DAY, 6 * HOUR, {"d", DAY, 0}},
        {2 * HOUR, 15 * MINUTE, {"h", HOUR, 0}},
        {2 * MINUTE, 15 * SECOND, {"min", MINUTE, 0}},
        {SECOND, 0, {"s", SECOND, 0}},
        {0, 0, {"ms", SECOND / 1000, 0}},
    };
    size_t i = 0;
    while (span_ns < units[i].span_from || step_ns < units[i].step_from)
        i++;
    struct mpr_scale scale = units[i].scale;
    if (step_ns % scale.divisor)
        scale.decimals = step_ns % (scale.divisor / 10) ? 2 : 1;
    return scale;
}

static uint64_t least_step(const struct mpr_plot *plot, size_t apart)
{
    double part = (double)apart / (double)plot->count;
    double least = (double)plot->span_ns * (part > 1.0 / FIGURES_MAX ? part : 1.0 / FIGURES_MAX);
    uint64_t whole = least < (double)UINT64_MAX / 2 ? (uint64_t)least : UINT64_MAX / 2;
    return whole + ((double)whole < least);
}

int mpr_plot_new(const struct mpr_view *view, size_t columns, size_t bands, size_t apart,
    struct mpr_plot *ret_plot)
{
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    struct mpr_plot plot = {.count = columns, .span_ns = view->process->duration_ns};
    uint64_t last = timeline->count ? timeline->bucket[timeline->count - 1].t_ns : 0;
    plot.span_ns = last >= plot.span_ns ? last + (last < UINT64_MAX) : plot.span_ns;
    plot.column = calloc(columns, sizeof *plot.column);
    if (plot.column)
        fill_columns(&plot, timeline);
    if (!plot.column || !mpr_plot_find_bands(&plot, view, bands) || !find_moments(&plot, view)) {
        mpr_plot_release(&plot);
        return MPR_ERR_NOMEM;
    }
    plot.step_ns = choose_step(least_step(&plot, apart));
    plot.time = choose_scale(plot.span_ns, plot.step_ns);
    *ret_plot = plot;
    return 0;
}

void mpr_plot_release(struct mpr_plot *plot)
{
    free(plot->column);
    for (size_t i = 0; plot->band && i < plot->bands; i++)
        free(plot->band[i].in);
    free(plot->band);
    free(plot->moment);
    *plot = (struct mpr_plot){0};
}
