/* SPDX-License-Identifier: MIT */
/* The lines of a table: rows, and what is left out between them. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

/* So many lines without figures fold. */
#define FOLD_FROM ((size_t)3)

/* What is being put together; without `line` it is only counted. */
struct table {
    const struct mpr_profile_function *function;
    const uint8_t *nested; /* by row: of a function inside; NULL: none are told apart */
    bool all_lines;
    struct mpr_view_line *line;
    size_t count;
};

static bool has_figures(const struct mpr_profile_row *row)
{
    return row->hits || row->measured || row->ended_here;
}

static bool is_blank(const struct mpr_profile_row *row)
{
    return row->source && row->source[strspn(row->source, " \t")] == '\0';
}

static void add(struct table *table, enum mpr_line kind, size_t row)
{
    const struct mpr_profile_row *shown = &table->function->rows[row];
    if (table->line)
        table->line[table->count] = (struct mpr_view_line){kind, has_figures(shown), shown};
    table->count++;
}

/* Rows [from, to) of one kind: all of a nested body, or none. */
static void add_segment(struct table *table, size_t from, size_t to, bool nested)
{
    if (!nested && to - from < FOLD_FROM) {
        for (size_t i = from; i < to; i++)
            add(table, MPR_LINE_ROW, i);
        return;
    }
    while (nested && from + 1 < to && is_blank(&table->function->rows[from]))
        from++;
    add(table, nested ? MPR_LINE_NESTED : MPR_LINE_FOLD, from);
}

/* Rows [from, to), none with figures. Blank lines behind a nested body belong to its fold. */
static void add_run(struct table *table, size_t from, size_t to)
{
    const uint8_t *nested = table->nested;
    while (from < to) {
        bool inner = nested && nested[from];
        size_t end = from;
        while (end < to && (!nested || nested[end] == inner ||
                               (inner && is_blank(&table->function->rows[end]))))
            end++;
        add_segment(table, from, end, inner);
        from = end;
    }
}

static size_t run_end(const struct mpr_profile_function *function, size_t from)
{
    size_t to = from;
    while (to < function->row_count && !has_figures(&function->rows[to]))
        to++;
    return to;
}

/* Lines between this row and the one before it have no row, and nothing else says so. */
static bool is_behind_gap(const struct mpr_profile_function *function, size_t i)
{
    return i > 0 && function->rows[i].line - function->rows[i - 1].line > 1 &&
           (i == 1 || has_figures(&function->rows[i - 1]));
}

static void add_rows(struct table *table)
{
    const struct mpr_profile_function *function = table->function;
    bool readable = !function->source_problem;
    size_t i = 0;
    table->count = 0;
    while (i < function->row_count) {
        if (readable && is_behind_gap(function, i))
            add(table, MPR_LINE_FOLD, i);
        if (has_figures(&function->rows[i]) || i == 0 || (table->all_lines && readable)) {
            add(table, MPR_LINE_ROW, i++);
            continue;
        }
        size_t end = run_end(function, i);
        if (readable)
            add_run(table, i, end);
        i = end;
    }
}

int mpr_view_lines(const struct mpr_view *view, size_t function, struct mpr_view_lines *ret_lines)
{
    struct table table = {
        .function = view->functions[function].function, .all_lines = view->all_lines};
    size_t rows = table.function->row_count;
    uint8_t *nested = view->all_lines ? NULL : calloc(rows + 1, sizeof *nested);
    if (nested)
        mpr_view_mark_nested(view, function, nested);
    table.nested = nested;
    add_rows(&table);
    table.line = view->all_lines || nested ? calloc(table.count + 1, sizeof *table.line) : NULL;
    if (table.line)
        add_rows(&table);
    free(nested);
    if (!table.line)
        return MPR_ERR_NOMEM;
    *ret_lines = (struct mpr_view_lines){table.line, table.count};
    return 0;
}

void mpr_view_lines_release(struct mpr_view_lines *lines)
{
    free(lines->line);
    *lines = (struct mpr_view_lines){0};
}

const struct mpr_profile_row *mpr_view_largest(
    const struct mpr_column *column, const struct mpr_profile_function *function)
{
    const struct mpr_profile_row *largest = NULL;
    int64_t most = 0;
    for (size_t i = 0; i < function->row_count; i++) {
        int64_t value = mpr_column_value(column, &function->rows[i]);
        if (value == MPR_UNKNOWN || value <= most)
            continue;
        most = value;
        largest = &function->rows[i];
    }
    return largest;
}
