/* SPDX-License-Identifier: MIT */
/* How changes are shown: in which unit, and which of them at all. */
#include "compare.h"
#include "mprun/number.h"

/* A change of so much, in one of two scales. */
static struct mpr_figure figure_of(int64_t change, const struct mpr_scale *scale)
{
    struct mpr_figure figure = {.kind = MPR_FIGURE_NOTHING, .sign = change < 0 ? '-' : '+'};
    if (change == MPR_UNKNOWN)
        return (struct mpr_figure){.kind = MPR_FIGURE_UNKNOWN};
    if (change == 0)
        return figure;
    figure.kind = MPR_FIGURE_SMALL;
    if (mpr_number_vanishes(mpr_magnitude(change), scale))
        return figure;
    figure.kind = MPR_FIGURE_NUMBER;
    mpr_number_scaled(figure.text, mpr_magnitude(change), scale);
    return figure;
}

struct mpr_figure mpr_compared_size(const struct mpr_comparison *comparison, int64_t change)
{
    return figure_of(change, &comparison->size);
}

struct mpr_figure mpr_compared_figure(const struct mpr_comparison *comparison,
    const struct mpr_column *column, const struct mpr_compared_row *row)
{
    static const struct mpr_scale one = {"", 1, 0};
    int64_t change = mpr_compared_change(comparison, column, row);
    switch (column->cell) {
    case MPR_CELL_COUNT:
        return figure_of(change, &one);
    case MPR_CELL_TIME:
        return figure_of(change, &comparison->time);
    case MPR_CELL_LEVEL:
    case MPR_CELL_CHANGE:
    case MPR_CELL_SHARE:
        if (column->needs_rss && change != 0 && change != MPR_UNKNOWN &&
            mpr_magnitude(change) <= (uint64_t)comparison->rss_noise)
            return (struct mpr_figure){.kind = MPR_FIGURE_BLURRED};
        return mpr_compared_size(comparison, change);
    case MPR_CELL_LINE:
    case MPR_CELL_SOURCE:
        break;
    }
    return (struct mpr_figure){.kind = MPR_FIGURE_NOTHING};
}

static bool is_size(const struct mpr_column *column)
{
    return column->cell == MPR_CELL_LEVEL || column->cell == MPR_CELL_CHANGE ||
           column->cell == MPR_CELL_SHARE;
}

static uint64_t larger(uint64_t size, int64_t value)
{
    uint64_t other = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return other > size ? other : size;
}

/* The largest change of a size that is told exactly, and of a time. */
static void measure(const struct mpr_comparison *comparison, uint64_t *ret_size, uint64_t *ret_time)
{
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        for (size_t k = 0; k < function->row_count; k++)
            for (const struct mpr_column *column = mpr_columns; column->name; column++) {
                const struct mpr_compared_row *row = &function->rows[k];
                int64_t change = mpr_compared_change(comparison, column, row);
                if (is_size(column) && (mpr_compared_exactly(column) || comparison->heap_off))
                    *ret_size = larger(*ret_size, change);
                else if (column->cell == MPR_CELL_TIME)
                    *ret_time = larger(*ret_time, change);
            }
    }
}

/* What is new, gone or edited is shown in any case. */
static bool is_seen(const struct mpr_comparison *comparison, const struct mpr_compared_row *row)
{
    if (row->fate == MPR_FATE_SAME)
        return false;
    if (row->fate != MPR_FATE_CHANGED || row->edited)
        return true;
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        if ((mpr_compared_exactly(column) || (comparison->heap_off && column->needs_rss)) &&
            mpr_compared_figure(comparison, column, row).kind == MPR_FIGURE_NUMBER)
            return true;
    return false;
}

/* KiB, unless something changed by a MiB. */
void mpr_compare_choose(struct mpr_comparison *comparison, enum mpr_unit unit)
{
    uint64_t size = 0, time = 0;
    measure(comparison, &size, &time);
    if (unit == MPR_UNIT_AUTO)
        unit = size < (1 << 20) ? MPR_UNIT_KIB : MPR_UNIT_MIB;
    comparison->size = mpr_scale_sizes[unit];
    comparison->time = time < 100 * mpr_scale_s.divisor ? mpr_scale_ms : mpr_scale_s;
    for (size_t i = 0; i < comparison->function_count; i++) {
        struct mpr_compared_function *function = &comparison->functions[i];
        const struct mpr_profile_function *was = function->function[MPR_BEFORE];
        const struct mpr_profile_function *is = function->function[MPR_AFTER];
        for (size_t k = 0; k < function->row_count; k++)
            function->shown += function->rows[k].shown = is_seen(comparison, &function->rows[k]);
        if (function->fate == MPR_FATE_CHANGED && !function->shown && was->calls == is->calls)
            comparison->small++;
    }
}
