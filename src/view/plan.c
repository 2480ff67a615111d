/* SPDX-License-Identifier: MIT */
/* Which columns at which width: the same for all tables of a report. */
#include <string.h>

#include "view.h"

/* The source gets so much before columns are given up for it, and so much in any case. */
#define SOURCE_MIN ((size_t)32)
#define SOURCE_LEAST ((size_t)8)
#define WIDE ((size_t)100)
/* What stands between the figures and the source. */
#define GAP ((size_t)2)

static size_t figure_width(const struct mpr_figure *figure)
{
    if (figure->kind == MPR_FIGURE_NUMBER)
        return strlen(figure->text) + (figure->sign != '\0');
    return figure->kind != MPR_FIGURE_NOTHING;
}

static size_t column_width(
    const struct mpr_view *view, const struct mpr_column *column, int64_t low, int64_t high)
{
    const int64_t values[] = {low, high};
    size_t width = strlen(column->header) + 1;
    width = width > column->width ? width : column->width;
    for (size_t i = 0; i < 2; i++) {
        struct mpr_figure figure = mpr_view_figure(view, column, values[i], false);
        size_t needed = figure_width(&figure) + 1;
        width = needed > width ? needed : width;
    }
    return width;
}

/* With neither memory nor time a row would say nothing. */
static bool is_needed(const struct mpr_view *view, const struct mpr_column *column)
{
    return view->rss_off && view->heap_off && column->cell == MPR_CELL_TIME;
}

static bool by_default(const struct mpr_view *view, const struct mpr_column *column, size_t width)
{
    if ((column->needs_rss && view->rss_off) || (column->needs_heap && view->heap_off) ||
        (column->without_heap && !view->heap_off))
        return false;
    if (is_needed(view, column))
        return true;
    return width == 0 || width >= WIDE ? column->wide : column->narrow;
}

static void choose(const struct mpr_view *view, size_t width, struct mpr_plan *plan)
{
    for (size_t c = 0; mpr_columns[c].name; c++) {
        const struct mpr_column *column = &mpr_columns[c];
        enum mpr_choice choice = view->choice[c];
        if (choice == MPR_CHOICE_OFF ||
            (choice == MPR_CHOICE_DEFAULT && !by_default(view, column, width)))
            continue;
        size_t needed = column_width(view, column, view->extremes.low[c], view->extremes.high[c]);
        plan->shown[plan->count++] = (struct mpr_shown){column, needed};
        if (column->cell == MPR_CELL_SOURCE)
            plan->has_source = true;
        else
            plan->columns += needed;
    }
}

/* The shown column to give up first; those that were asked for stay. SIZE_MAX: none. */
static size_t find_droppable(const struct mpr_view *view, const struct mpr_plan *plan)
{
    size_t best = SIZE_MAX;
    int drop = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct mpr_column *column = plan->shown[i].column;
        if (column->drop > drop && view->choice[column - mpr_columns] == MPR_CHOICE_DEFAULT &&
            !is_needed(view, column)) {
            best = i;
            drop = column->drop;
        }
    }
    return best;
}

static void drop(const struct mpr_view *view, size_t width, struct mpr_plan *plan)
{
    while (width && plan->has_source && plan->columns + GAP + SOURCE_MIN > width) {
        size_t at = find_droppable(view, plan);
        if (at == SIZE_MAX)
            return;
        plan->columns -= plan->shown[at].width;
        plan->count--;
        memmove(&plan->shown[at], &plan->shown[at + 1], (plan->count - at) * sizeof *plan->shown);
    }
}

void mpr_view_plan(const struct mpr_view *view, size_t width, struct mpr_plan *ret_plan)
{
    struct mpr_plan plan = {.count = 0};
    choose(view, width, &plan);
    drop(view, width, &plan);
    for (size_t i = 0; view->listed[MPR_LISTING_TABLE] && i < plan.count; i++) {
        enum mpr_cell cell = plan.shown[i].column->cell;
        plan.has_sizes = plan.has_sizes || cell == MPR_CELL_LEVEL || cell == MPR_CELL_CHANGE;
        plan.has_times = plan.has_times || cell == MPR_CELL_TIME;
    }
    if (width) {
        bool room = width >= plan.columns + GAP + SOURCE_LEAST;
        plan.source = room ? width - plan.columns - GAP : SOURCE_LEAST;
    }
    *ret_plan = plan;
}

bool mpr_view_frees_on_return(const struct mpr_view *view, const struct mpr_plan *plan,
    const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < plan->count; i++) {
        int64_t value = mpr_column_on_return(plan->shown[i].column, function);
        if (value != MPR_UNKNOWN && !mpr_number_vanishes(mpr_magnitude(value), &view->size))
            return value != 0;
    }
    return false;
}
