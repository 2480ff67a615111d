/* SPDX-License-Identifier: MIT */
/* The widest values of the tables, and the units in which they read well. */
#include <string.h>

#include "view.h"

static void widen(struct mpr_extremes *extremes, size_t column, int64_t value)
{
    if (value == MPR_UNKNOWN)
        return;
    if (value < extremes->low[column])
        extremes->low[column] = value;
    if (value > extremes->high[column])
        extremes->high[column] = value;
}

static void measure_function(
    const struct mpr_profile_function *function, struct mpr_extremes *extremes)
{
    for (size_t c = 0; mpr_columns[c].name; c++) {
        widen(extremes, c, mpr_column_total(&mpr_columns[c], function));
        for (size_t i = 0; i < function->row_count; i++)
            widen(extremes, c, mpr_column_value(&mpr_columns[c], &function->rows[i]));
    }
}

void mpr_view_measure(struct mpr_view *view)
{
    memset(&view->extremes, 0, sizeof view->extremes);
    for (size_t i = 0; i < view->function_count; i++) {
        if (view->functions[i].listing == MPR_LISTING_TABLE)
            measure_function(view->functions[i].function, &view->extremes);
    }
}

static uint64_t larger(uint64_t size, int64_t value)
{
    uint64_t other = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return other > size ? other : size;
}

static uint64_t largest(const struct mpr_extremes *extremes, enum mpr_cell cell)
{
    uint64_t size = 0;
    for (size_t c = 0; mpr_columns[c].name; c++) {
        if (mpr_columns[c].cell != cell)
            continue;
        size = larger(size, extremes->low[c]);
        size = larger(size, extremes->high[c]);
    }
    return size;
}

/* MiB, unless everything is small: then KiB, in which a page can be seen. */
void mpr_view_choose_units(struct mpr_view *view, enum mpr_unit unit)
{
    if (unit == MPR_UNIT_AUTO) {
        uint64_t change = largest(&view->extremes, MPR_CELL_CHANGE);
        uint64_t level = largest(&view->extremes, MPR_CELL_LEVEL);
        level = larger(level, view->process->rss_peak);
        level = larger(level, view->process->heap.all.peak);
        bool small = change < (1 << 20) && level < (16 << 20);
        unit = small ? MPR_UNIT_KIB : MPR_UNIT_MIB;
    }
    view->size = mpr_scale_sizes[unit];
    uint64_t time = largest(&view->extremes, MPR_CELL_TIME);
    view->time = time < 100 * mpr_scale_s.divisor ? mpr_scale_ms : mpr_scale_s;
}
