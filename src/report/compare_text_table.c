/* SPDX-License-Identifier: MIT */
/* The table of a function in a comparison: the rows that changed. */
#include <string.h>

#include "compare_text.h"
#include "width.h"

#define LINE_WIDTH 6

static void rule(struct mpr_diff *diff)
{
    mpr_buf_repeat(mpr_diff_out(diff), mpr_diff_text(diff)->glyphs->rule, diff->rule);
    mpr_buf_putc(mpr_diff_out(diff), '\n');
}

/* The first one says what the units are. */
static void function_head(
    struct mpr_diff *diff, const struct mpr_compared_function *function, bool first)
{
    struct mpr_text *text = mpr_diff_text(diff);
    const struct mpr_profile_function *was = function->function[MPR_BEFORE];
    const struct mpr_profile_function *is = function->function[MPR_AFTER], *shown = is ? is : was;
    bool both = was && is;
    const char *arrow = mpr_diff_arrow(diff);
    struct mpr_buf line;
    mpr_buf_init(&line);
    if (!both)
        mpr_buf_printf(&line, "%s: ", mpr_fate_name(function->fate));
    if (both && function->renamed) {
        mpr_text_name(text, was->qualname, &line);
        mpr_buf_printf(&line, " %s ", arrow);
    }
    if (shown)
        mpr_text_name(text, shown->qualname, &line);
    mpr_buf_puts(&line, "   ");
    if (both && function->moved) {
        mpr_diff_place(diff, function, MPR_BEFORE, &line);
        mpr_buf_printf(&line, " %s ", arrow);
    }
    mpr_diff_place(diff, function, is ? MPR_AFTER : MPR_BEFORE, &line);
    if (both && was->calls != is->calls) {
        mpr_buf_printf(&line, "   %llu %s ", (unsigned long long)was->calls, arrow);
        mpr_text_calls(is, &line);
    }
    if (first && diff->plan.has_sizes)
        mpr_buf_printf(&line, "   changes, sizes: %s", diff->comparison->size.label);
    if (first && diff->plan.has_times)
        mpr_buf_printf(&line, ", times: %s", diff->comparison->time.label);
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    mpr_diff_wrapped(diff, &line);
}

static void column_heads(struct mpr_diff *diff)
{
    rule(diff);
    mpr_buf_printf(mpr_diff_out(diff), "%*s  %*s", LINE_WIDTH, "Was", LINE_WIDTH, "Line");
    for (size_t i = 0; i < diff->plan.count; i++)
        mpr_diff_right(diff, diff->plan.shown[i].column->header, diff->plan.shown[i].width);
    mpr_buf_puts(mpr_diff_out(diff), "    Source\n");
    rule(diff);
}

static void line_number(struct mpr_diff *diff, const struct mpr_profile_row *row)
{
    if (row)
        mpr_buf_printf(mpr_diff_out(diff), "%*u", LINE_WIDTH, (unsigned)row->line);
    else
        mpr_buf_printf(mpr_diff_out(diff), "%*s", LINE_WIDTH, "");
}

static char mark_of(const struct mpr_compared_row *row)
{
    if (row->fate == MPR_FATE_NEW)
        return '+';
    if (row->fate == MPR_FATE_GONE)
        return '-';
    return row->edited ? '!' : ' ';
}

static void draw_row(struct mpr_diff *diff, const struct mpr_compared_row *row)
{
    enum mpr_side side = row->row[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    line_number(diff, row->row[MPR_BEFORE]);
    mpr_buf_puts(mpr_diff_out(diff), "  ");
    line_number(diff, row->row[MPR_AFTER]);
    for (size_t i = 0; i < diff->plan.count; i++) {
        const struct mpr_shown *shown = &diff->plan.shown[i];
        struct mpr_figure figure = mpr_compared_figure(diff->comparison, shown->column, row);
        char cell[MPR_NUMBER_MAX + 4];
        mpr_text_figure(mpr_diff_text(diff), &figure, cell);
        mpr_diff_right(diff, cell, shown->width);
    }
    mpr_buf_printf(mpr_diff_out(diff), "  %c ", mark_of(row));
    if (row->row[side]->source)
        mpr_width_append(mpr_diff_out(diff), row->row[side]->source, diff->plan.source,
            mpr_diff_text(diff)->options->unicode);
    mpr_buf_putc(mpr_diff_out(diff), '\n');
}

/* Where a line was reached more often, or less: is a hit dearer? */
static void draw_a_hit(struct mpr_diff *diff, const struct mpr_compared_row *row)
{
    static const char *const names[] = {"heap_delta", "heap_allocated", "time_ns"};
    struct mpr_text *text = mpr_diff_text(diff);
    struct mpr_buf line;
    if (!row->other_work)
        return;
    mpr_buf_init(&line);
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            int64_t more = mpr_compared_change_a_hit(column, row);
            char cell[2 * MPR_NUMBER_MAX];
            if (strcmp(column->name, names[i]) != 0 || more == MPR_UNKNOWN || more == 0)
                continue;
            strcpy(cell, more > 0 ? "+" : "");
            mpr_diff_amount(text, column->cell, more, cell + strlen(cell));
            mpr_buf_printf(&line, "%s%s %s", line.len ? ", " : "a hit: ", column->header, cell);
        }
    if (line.len == 0)
        mpr_buf_puts(&line, "a hit: no change");
    mpr_text_style(text, MPR_STYLE_DIM);
    mpr_buf_repeat(mpr_diff_out(diff), " ", 2 * LINE_WIDTH + 4);
    mpr_buf_puts(mpr_diff_out(diff), line.data ? line.data : "");
    mpr_text_plain(text);
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    mpr_text_done(text, &line);
}

void mpr_diff_tables(struct mpr_diff *diff)
{
    bool first = true;
    for (size_t i = 0; i < diff->comparison->function_count; i++) {
        const struct mpr_compared_function *function = &diff->comparison->functions[i];
        if (function->shown == 0)
            continue;
        function_head(diff, function, first);
        first = false;
        column_heads(diff);
        for (size_t k = 0; k < function->row_count; k++) {
            if (!function->rows[k].shown)
                continue;
            draw_row(diff, &function->rows[k]);
            draw_a_hit(diff, &function->rows[k]);
        }
        rule(diff);
    }
}
