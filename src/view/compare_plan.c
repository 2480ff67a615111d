/* SPDX-License-Identifier: MIT */
/* Which columns the tables of a comparison have. */
#include <string.h>

#include "compare.h"

#define LINES_WIDTH ((size_t)18) /* two lines, and the mark in front of the source */
#define SOURCE_LEAST ((size_t)20)
#define GAP ((size_t)2)

/* In the order of the tables; what goes first where there is no room has the highest number. */
static const struct {
    const char *name;
    int drop;
} columns[] = {
    {"hits", 2},
    {"heap_delta", 1},
    {"heap_allocated", 7},
    {"spike", 3},
    {"at_peak", 0},
    {"live_at_end", 4},
    {"rss_delta", 5},
    {"time_ns", 6},
};

static const struct mpr_column *column_named(const char *name)
{
    const struct mpr_column *column = mpr_columns;
    while (strcmp(column->name, name) != 0)
        column++;
    return column;
}

static size_t width_of(const struct mpr_figure *figure)
{
    if (figure->kind == MPR_FIGURE_NOTHING)
        return 0;
    return figure->kind == MPR_FIGURE_NUMBER ? strlen(figure->text) + 1 : 1;
}

/* 0: there is nothing in it. */
static size_t widest(const struct mpr_comparison *comparison, const struct mpr_column *column)
{
    size_t width = 0;
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        for (size_t k = 0; k < function->row_count; k++) {
            if (!function->rows[k].shown)
                continue;
            struct mpr_figure figure = mpr_compared_figure(comparison, column, &function->rows[k]);
            size_t here = figure.kind == MPR_FIGURE_UNKNOWN ? 0 : width_of(&figure);
            width = here > width ? here : width;
        }
    }
    return width;
}

/* Take away the one that is missed least. */
static void drop_one(struct mpr_plan *plan, int *drops)
{
    size_t least = 0;
    for (size_t i = 1; i < plan->count; i++)
        if (drops[i] > drops[least])
            least = i;
    plan->columns -= plan->shown[least].width;
    for (size_t i = least; i + 1 < plan->count; i++) {
        plan->shown[i] = plan->shown[i + 1];
        drops[i] = drops[i + 1];
    }
    plan->count--;
}

void mpr_comparison_plan(
    const struct mpr_comparison *comparison, size_t width, struct mpr_plan *ret_plan)
{
    struct mpr_plan plan = {.columns = LINES_WIDTH, .has_source = true};
    int drops[MPR_COLUMNS_MAX];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const struct mpr_column *column = column_named(columns[i].name);
        size_t cells = widest(comparison, column), head = strlen(column->header);
        if (cells == 0)
            continue;
        drops[plan.count] = columns[i].drop;
        plan.shown[plan.count++] = (struct mpr_shown){column, (cells > head ? cells : head) + GAP};
        plan.columns += plan.shown[plan.count - 1].width;
        plan.has_times |= column->cell == MPR_CELL_TIME;
        plan.has_sizes |= column->cell != MPR_CELL_TIME && column->cell != MPR_CELL_COUNT;
    }
    while (width && plan.count > 1 && plan.columns + SOURCE_LEAST > width)
        drop_one(&plan, drops);
    if (width)
        plan.source = width > plan.columns + 1 ? width - plan.columns : 1;
    *ret_plan = plan;
}
