/* SPDX-License-Identifier: MIT */
/* The table of one function in Markdown: the lines and columns of the text report's, unpadded. */
#include <string.h>

#include "markdown.h"

/* For each column the row with its largest increment, in bold; NULL: none has one. */
struct largest {
    const struct mpr_profile_row *row[MPR_COLUMNS_MAX];
};

static const struct mpr_column *shown(const struct mpr_markdown *markdown, size_t index)
{
    return markdown->figures.plan.shown[index].column;
}

static void put_heads(const struct mpr_markdown *markdown)
{
    size_t count = markdown->figures.plan.count;
    mpr_buf_putc(markdown->out, '|');
    for (size_t i = 0; i < count; i++)
        mpr_buf_printf(markdown->out, " %s |", shown(markdown, i)->header);
    mpr_buf_puts(markdown->out, "\n|");
    for (size_t i = 0; i < count; i++)
        mpr_buf_puts(
            markdown->out, shown(markdown, i)->cell == MPR_CELL_SOURCE ? " :-- |" : " --: |");
    mpr_buf_putc(markdown->out, '\n');
}

/* A line with words in one cell, the rest of its cells empty. */
static void put_words(const struct mpr_markdown *markdown, size_t at, const char *words)
{
    mpr_buf_putc(markdown->out, '|');
    for (size_t i = 0; i < markdown->figures.plan.count; i++)
        mpr_buf_printf(markdown->out, " %s |", i == at ? words : "");
    mpr_buf_putc(markdown->out, '\n');
}

/* Lines left out: for a body with a table of its own, at its depth. */
static void put_fold(const struct mpr_markdown *markdown, const struct mpr_view_line *line)
{
    const struct mpr_text *figures = &markdown->figures;
    size_t last = figures->plan.count - 1;
    const char *source = line->row->source ? line->row->source : "";
    struct mpr_buf body;
    if (line->kind != MPR_LINE_NESTED || !figures->plan.has_source) {
        put_words(markdown, 0, figures->glyphs->fold);
        return;
    }
    mpr_buf_init(&body);
    mpr_buf_append(&body, source, strspn(source, " \t"));
    mpr_buf_puts(&body, "...");
    mpr_buf_putc(markdown->out, '|');
    mpr_buf_repeat(markdown->out, "  |", last);
    mpr_buf_putc(markdown->out, ' ');
    mpr_markdown_code(markdown, body.data, true);
    mpr_buf_puts(markdown->out, " |\n");
    mpr_text_done(figures, &body);
}

static struct largest find_largest(
    const struct mpr_markdown *markdown, const struct mpr_profile_function *function)
{
    struct largest largest = {{NULL}};
    for (size_t i = 0; i < markdown->figures.plan.count; i++)
        if (shown(markdown, i)->bold)
            largest.row[i] = mpr_view_largest(shown(markdown, i), function);
    return largest;
}

static void put_figure(const struct mpr_markdown *markdown, const struct mpr_column *column,
    const struct mpr_profile_row *row, bool bold)
{
    char cell[MPR_NUMBER_MAX];
    mpr_text_cell(&markdown->figures, column, mpr_column_value(column, row), row->measured, cell);
    mpr_buf_printf(markdown->out, "%s%s%s", bold ? "**" : "", cell, bold ? "**" : "");
}

static bool is_largest(const struct mpr_profile_row *largest, const struct mpr_profile_row *row)
{
    return largest && largest == row;
}

static void put_row(const struct mpr_markdown *markdown, const struct mpr_profile_row *row,
    const struct largest *largest)
{
    size_t count = markdown->figures.plan.count;
    mpr_buf_putc(markdown->out, '|');
    for (size_t i = 0; i < count; i++) {
        const struct mpr_column *column = shown(markdown, i);
        mpr_buf_putc(markdown->out, ' ');
        if (column->cell != MPR_CELL_SOURCE)
            put_figure(markdown, column, row, is_largest(largest->row[i], row));
        else if (row->source)
            mpr_markdown_code(markdown, row->source, true);
        if (row->ended_here && i + 1 == count)
            mpr_buf_printf(markdown->out, " **%s**", mpr_text_open(&markdown->figures));
        mpr_buf_puts(markdown->out, " |");
    }
    mpr_buf_putc(markdown->out, '\n');
}

/* The first column with a sum; 0: there is none, or no room for a label before it. */
static size_t first_sum(const struct mpr_markdown *markdown)
{
    size_t count = markdown->figures.plan.count, i = 0;
    while (i < count && !shown(markdown, i)->total.given)
        i++;
    return i < count ? i : 0;
}

/* Its label stands beside the source, or else in front. */
static void put_sum(const struct mpr_markdown *markdown,
    const struct mpr_profile_function *function, const char *label, bool on_return)
{
    const struct mpr_plan *plan = &markdown->figures.plan;
    size_t at = plan->has_source ? plan->count - 1 : 0;
    mpr_buf_putc(markdown->out, '|');
    for (size_t i = 0; i < plan->count; i++) {
        const struct mpr_column *column = shown(markdown, i);
        char cell[MPR_NUMBER_MAX];
        int64_t sum =
            on_return ? mpr_column_on_return(column, function) : mpr_column_total(column, function);
        mpr_text_cell(&markdown->figures, column, sum, !on_return && column->total.given, cell);
        if (i == at)
            mpr_buf_printf(markdown->out, " *%s* |", label);
        else
            mpr_buf_printf(markdown->out, " %s |", column->cell == MPR_CELL_SOURCE ? "" : cell);
    }
    mpr_buf_putc(markdown->out, '\n');
}

static void put_sums(
    const struct mpr_markdown *markdown, const struct mpr_profile_function *function)
{
    const struct mpr_text *figures = &markdown->figures;
    struct mpr_buf label;
    if (first_sum(markdown) == 0)
        return;
    mpr_buf_init(&label);
    mpr_buf_puts(&label, "net, ");
    mpr_text_calls(function, &label);
    mpr_buf_puts(&label, ", before its locals are freed");
    put_sum(markdown, function, label.data, false);
    if (mpr_view_frees_on_return(figures->view, &figures->plan, function))
        put_sum(markdown, function, "freed on return", true);
    mpr_text_done(figures, &label);
}

static void put_head(
    const struct mpr_markdown *markdown, const struct mpr_profile_function *function)
{
    char time[MPR_NUMBER_MAX];
    struct mpr_buf calls;
    mpr_buf_init(&calls);
    mpr_text_calls(function, &calls);
    mpr_number_duration(time, mpr_magnitude(function->time_ns), markdown->figures.options->unicode);
    mpr_buf_puts(markdown->out, "\n### ");
    mpr_markdown_name(markdown, function->qualname, false);
    mpr_buf_puts(markdown->out, "\n\n");
    mpr_markdown_place(markdown, function->file, function->first_line, false);
    mpr_buf_printf(markdown->out, ", %s, %s\n\n", calls.data, time);
    mpr_text_done(&markdown->figures, &calls);
}

void mpr_markdown_table(const struct mpr_markdown *markdown, size_t index)
{
    const struct mpr_view *view = markdown->figures.view;
    const struct mpr_profile_function *function = view->functions[index].function;
    struct mpr_view_lines lines;
    if (mpr_view_lines(view, index, &lines) < 0) {
        markdown->out->failed = true;
        return;
    }
    struct largest largest = find_largest(markdown, function);
    put_head(markdown, function);
    put_heads(markdown);
    for (size_t i = 0; i < lines.count; i++) {
        if (lines.line[i].kind == MPR_LINE_ROW)
            put_row(markdown, lines.line[i].row, &largest);
        else
            put_fold(markdown, &lines.line[i]);
    }
    mpr_view_lines_release(&lines);
    put_sums(markdown, function);
    if (!function->source_problem)
        return;
    mpr_buf_puts(markdown->out, "\nNo source: ");
    mpr_markdown_prose(markdown, function->source_problem);
    mpr_buf_putc(markdown->out, '\n');
}
