/* SPDX-License-Identifier: MIT */
/* What there is to say of one value: nothing, that it is unknown, or too small, or a number. */
#include <stdio.h>

#include "view.h"

static void amount(uint64_t size, const struct mpr_scale *scale, struct mpr_figure *figure)
{
    if (size == 0)
        return;
    figure->kind = MPR_FIGURE_SMALL;
    if (mpr_number_vanishes(size, scale))
        return;
    figure->kind = MPR_FIGURE_NUMBER;
    mpr_number_scaled(figure->text, size, scale);
}

static void change(
    const struct mpr_view *view, int64_t value, bool exact, struct mpr_figure *figure)
{
    uint64_t size = mpr_magnitude(value);
    figure->sign = value < 0 ? '-' : '+';
    if (size && !exact && !view->rss_off && size < mpr_magnitude(view->process->rss_resolution))
        figure->kind = MPR_FIGURE_BLURRED;
    else
        amount(size, &view->size, figure);
}

static void count(int64_t value, bool measured, struct mpr_figure *figure)
{
    if (value != 0) {
        figure->kind = MPR_FIGURE_NUMBER;
        mpr_number_count(figure->text, mpr_magnitude(value));
    } else if (measured) {
        figure->kind = MPR_FIGURE_SMALL; /* only a comprehension ran there */
    }
}

struct mpr_figure mpr_view_share(const struct mpr_view *view, int64_t value)
{
    struct mpr_figure figure = {.kind = MPR_FIGURE_NOTHING};
    int64_t peak = view->process->heap.all.peak;
    if (value <= 0 || peak <= 0)
        return figure;
    double percent = 100.0 * (double)value / (double)peak;
    figure.kind = percent <= 0.5 ? MPR_FIGURE_SMALL : MPR_FIGURE_NUMBER;
    if (figure.kind == MPR_FIGURE_NUMBER)
        snprintf(figure.text, sizeof figure.text, "%.0f%%", percent < 100.0 ? percent : 100.0);
    return figure;
}

struct mpr_figure mpr_view_figure(
    const struct mpr_view *view, const struct mpr_column *column, int64_t value, bool measured)
{
    struct mpr_figure figure = {.kind = MPR_FIGURE_NOTHING};
    if (value == MPR_UNKNOWN) {
        if (measured && column->needs_rss && !view->rss_off)
            figure.kind = MPR_FIGURE_UNKNOWN;
        return figure;
    }
    figure.sign = value < 0 ? '-' : '\0';
    switch (column->cell) {
    case MPR_CELL_LINE:
        figure = (struct mpr_figure){.kind = MPR_FIGURE_NUMBER};
        snprintf(figure.text, sizeof figure.text, "%u", (unsigned)value);
        break;
    case MPR_CELL_COUNT:
        count(value, measured, &figure);
        break;
    case MPR_CELL_LEVEL:
        amount(mpr_magnitude(value), &view->size, &figure);
        break;
    case MPR_CELL_CHANGE:
        change(view, value, column->exact, &figure);
        break;
    case MPR_CELL_SHARE:
        return mpr_view_share(view, value);
    case MPR_CELL_TIME:
        amount(mpr_magnitude(value), &view->time, &figure);
        break;
    case MPR_CELL_SOURCE:
        break;
    }
    return figure;
}
