/* SPDX-License-Identifier: MIT */
/* The table of one function: header, rows with folds, net row. */
#include <string.h>

#include "text.h"
#include "width.h"

static void pad(struct mpr_text *text, size_t width, const char *cell)
{
    size_t used = mpr_width(cell, true);
    mpr_buf_repeat(text->out, " ", width > used ? width - used : 0);
}

static void right_aligned(struct mpr_text *text, size_t width, const char *cell)
{
    pad(text, width, cell);
    mpr_buf_puts(text->out, cell);
}

static void rule(struct mpr_text *text)
{
    mpr_buf_repeat(text->out, text->glyphs->rule, text->rule);
    mpr_buf_putc(text->out, '\n');
}

/* Blanks at the end of a line help nobody. */
static void end_line(struct mpr_text *text)
{
    struct mpr_buf *out = text->out;
    while (out->len && out->data[out->len - 1] == ' ')
        out->len--;
    mpr_buf_putc(out, '\n');
}

static void header(struct mpr_text *text)
{
    for (size_t i = 0; i < text->plan.count; i++) {
        const struct mpr_shown *shown = &text->plan.shown[i];
        if (shown->column->cell == MPR_CELL_SOURCE)
            mpr_buf_printf(text->out, "  %s", shown->column->header);
        else
            right_aligned(text, shown->width, shown->column->header);
    }
    end_line(text);
    rule(text);
}

/* For each shown column the row whose increment is the largest, in bold; NULL if none grew. */
struct largest {
    const struct mpr_profile_row *row[MPR_COLUMNS_MAX];
};

static void find_largest(
    const struct mpr_text *text, const struct mpr_profile_function *function, struct largest *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t c = 0; c < text->plan.count; c++) {
        const struct mpr_column *column = text->plan.shown[c].column;
        if (column->bold)
            ret->row[c] = mpr_view_largest(column, function);
    }
}

static void source_cell(struct mpr_text *text, const struct mpr_profile_row *row)
{
    size_t limit = text->plan.source;
    size_t mark = row->ended_here ? mpr_width(mpr_text_open(text), true) + 1 : 0;
    size_t used = 0;
    mpr_buf_puts(text->out, "  ");
    if (row->source && text->plan.has_source) {
        limit = limit && mark ? (limit > mark ? limit - mark : 1) : limit;
        used = mpr_width_append(text->out, row->source, limit, text->options->unicode);
    }
    if (!row->ended_here)
        return;
    if (used)
        mpr_buf_putc(text->out, ' ');
    bool ended = text->view->process->end != MPR_END_NOT;
    mpr_text_style(text, ended ? MPR_STYLE_RED : MPR_STYLE_BOLD);
    mpr_buf_puts(text->out, mpr_text_open(text));
    mpr_text_plain(text);
}

static void draw_row(
    struct mpr_text *text, const struct mpr_view_line *line, const struct largest *largest)
{
    const struct mpr_profile_row *row = line->row;
    char cell[MPR_NUMBER_MAX];
    bool dim = !line->figures && row->rss == MPR_UNKNOWN;
    if (dim)
        mpr_text_style(text, MPR_STYLE_DIM);
    for (size_t i = 0; i < text->plan.count; i++) {
        const struct mpr_shown *shown = &text->plan.shown[i];
        if (shown->column->cell == MPR_CELL_SOURCE) {
            source_cell(text, row);
            continue;
        }
        int64_t value = mpr_column_value(shown->column, row);
        mpr_text_cell(text, shown->column, value, row->measured, cell);
        pad(text, shown->width, cell);
        bool bold = largest->row[i] == row;
        if (bold)
            mpr_text_style(text, MPR_STYLE_BOLD);
        mpr_buf_puts(text->out, cell);
        if (bold)
            mpr_text_plain(text);
    }
    if (row->ended_here && !text->plan.has_source)
        source_cell(text, row);
    if (dim) {
        while (text->out->len && text->out->data[text->out->len - 1] == ' ')
            text->out->len--;
        mpr_text_plain(text);
    }
    end_line(text);
}

/* A line for lines left out: in the source column where that has something to align with. */
static void draw_fold(struct mpr_text *text, const struct mpr_profile_row *row, bool nested)
{
    bool line_shown = text->plan.count && text->plan.shown[0].column->cell == MPR_CELL_LINE;
    mpr_text_style(text, MPR_STYLE_DIM);
    if (nested && text->plan.has_source) {
        const char *source = row->source ? row->source : "";
        size_t blanks = strspn(source, " \t");
        struct mpr_buf body;
        mpr_buf_init(&body);
        mpr_buf_append(&body, source, blanks);
        mpr_buf_repeat(text->out, " ", text->plan.columns + 2);
        mpr_width_append(text->out, body.data, text->plan.source, text->options->unicode);
        mpr_buf_puts(text->out, text->glyphs->ellipsis);
        mpr_text_done(text, &body);
    } else {
        right_aligned(text, line_shown ? text->plan.shown[0].width : 1, text->glyphs->fold);
    }
    mpr_text_plain(text);
    end_line(text);
}

static void draw_lines(struct mpr_text *text, const struct mpr_profile_function *function,
    const struct mpr_view_lines *lines)
{
    struct largest largest;
    find_largest(text, function, &largest);
    for (size_t i = 0; i < lines->count; i++) {
        const struct mpr_view_line *line = &lines->line[i];
        if (line->kind == MPR_LINE_ROW)
            draw_row(text, line, &largest);
        else
            draw_fold(text, line->row, line->kind == MPR_LINE_NESTED);
    }
}

/* Columns left of the first that has a total: the label stands there. 0: nothing to sum up. */
static size_t label_room(const struct mpr_text *text)
{
    size_t room = 0;
    for (size_t i = 0; i < text->plan.count; i++) {
        if (text->plan.shown[i].column->total.given)
            return room;
        room += text->plan.shown[i].width;
    }
    return 0;
}

/* A row below the others: its label stands left of the first sum, in `room` columns. */
static void sum_row(struct mpr_text *text, const struct mpr_profile_function *function,
    const char *label, size_t room, bool on_return, const char *note)
{
    bool behind = false;
    mpr_buf_puts(text->out, label);
    mpr_buf_repeat(text->out, " ", room - strlen(label));
    for (size_t i = 0; i < text->plan.count; i++) {
        const struct mpr_column *column = text->plan.shown[i].column;
        char cell[MPR_NUMBER_MAX] = "";
        int64_t sum =
            on_return ? mpr_column_on_return(column, function) : mpr_column_total(column, function);
        behind = behind || column->total.given;
        mpr_text_cell(text, column, sum, !on_return && column->total.given, cell);
        if (behind && column->cell != MPR_CELL_SOURCE)
            right_aligned(text, text->plan.shown[i].width, cell);
    }
    if (*note && text->plan.has_source &&
        (text->plan.source == 0 || strlen(note) <= text->plan.source))
        mpr_buf_printf(text->out, "  %s", note);
    end_line(text);
}

static void net_row(struct mpr_text *text, const struct mpr_profile_function *function, size_t room)
{
    struct mpr_buf label;
    mpr_buf_init(&label);
    mpr_buf_puts(&label, "  net, ");
    mpr_text_calls(function, &label);
    if (label.len > room) {
        mpr_buf_clear(&label);
        mpr_buf_puts(&label, room >= 5 ? "  net" : "");
    }
    sum_row(
        text, function, label.data ? label.data : "", room, false, "before its locals are freed");
    mpr_text_done(text, &label);
}

static void sums(struct mpr_text *text, const struct mpr_profile_function *function)
{
    static const char label[] = "  freed on return";
    size_t room = label_room(text);
    if (room == 0)
        return;
    net_row(text, function, room);
    if (mpr_view_frees_on_return(text->view, &text->plan, function))
        sum_row(text, function,
            room >= sizeof label - 1 ? label
            : room >= 7              ? "  freed"
                                     : "",
            room, true, "");
}

void mpr_text_table(struct mpr_text *text, size_t index)
{
    const struct mpr_profile_function *function = text->view->functions[index].function;
    struct mpr_view_lines lines;
    if (mpr_view_lines(text->view, index, &lines) < 0) {
        text->out->failed = true;
        return;
    }
    header(text);
    draw_lines(text, function, &lines);
    mpr_view_lines_release(&lines);
    rule(text);
    sums(text, function);
    if (function->source_problem) {
        mpr_buf_puts(text->out, "  No source: ");
        mpr_width_wrap(
            text->out, function->source_problem, 13, 2, text->prose, text->options->unicode);
        mpr_buf_putc(text->out, '\n');
    }
}
