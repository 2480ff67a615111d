/* SPDX-License-Identifier: MIT */
/* The table of one function: header, rows with folds, net row. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "width.h"

/* So many lines without figures fold. */
#define FOLD_FROM ((size_t)3)

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
    for (size_t i = 0; i < text->shown_count; i++) {
        const struct mpr_shown *shown = &text->shown[i];
        if (shown->column->cell == MPR_CELL_SOURCE)
            mpr_buf_printf(text->out, "  %s", shown->column->header);
        else
            right_aligned(text, shown->width, shown->column->header);
    }
    end_line(text);
    rule(text);
}

static bool has_figures(const struct mpr_profile_row *row)
{
    return row->hits || row->measured || row->ended_here;
}

/* For each shown column the row whose increment is the largest, in bold; NULL if none grew. */
struct largest {
    const struct mpr_profile_row *row[MPR_COLUMNS_MAX];
};

static void find_largest(
    const struct mpr_text *text, const struct mpr_profile_function *function, struct largest *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t c = 0; c < text->shown_count; c++) {
        const struct mpr_column *column = text->shown[c].column;
        int64_t most = 0;
        for (size_t i = 0; column->bold && i < function->row_count; i++) {
            int64_t value = column->value(&function->rows[i]);
            if (value == MPR_UNKNOWN || value <= most)
                continue;
            most = value;
            ret->row[c] = &function->rows[i];
        }
    }
}

static void source_cell(struct mpr_text *text, const struct mpr_profile_row *row)
{
    size_t limit = text->source;
    size_t mark = row->ended_here ? mpr_width(text->glyphs->ended, true) + 1 : 0;
    size_t used = 0;
    mpr_buf_puts(text->out, "  ");
    if (row->source) {
        limit = limit && mark ? (limit > mark ? limit - mark : 1) : limit;
        used = mpr_width_append(text->out, row->source, limit, text->options->unicode);
    }
    if (!row->ended_here)
        return;
    if (used)
        mpr_buf_putc(text->out, ' ');
    mpr_text_style(text, MPR_STYLE_RED);
    mpr_buf_puts(text->out, text->glyphs->ended);
    mpr_text_plain(text);
}

static void draw_row(
    struct mpr_text *text, const struct mpr_profile_row *row, const struct largest *largest)
{
    char cell[MPR_NUMBER_MAX];
    bool dim = !has_figures(row) && row->rss == MPR_UNKNOWN;
    if (dim)
        mpr_text_style(text, MPR_STYLE_DIM);
    for (size_t i = 0; i < text->shown_count; i++) {
        const struct mpr_shown *shown = &text->shown[i];
        if (shown->column->cell == MPR_CELL_SOURCE) {
            source_cell(text, row);
            continue;
        }
        mpr_text_cell(text, shown->column, shown->column->value(row), row->measured, cell);
        pad(text, shown->width, cell);
        bool bold = largest && largest->row[i] == row;
        if (bold)
            mpr_text_style(text, MPR_STYLE_BOLD);
        mpr_buf_puts(text->out, cell);
        if (bold)
            mpr_text_plain(text);
    }
    if (row->ended_here && !text->has_source)
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
    bool line_shown = text->shown_count && text->shown[0].column->cell == MPR_CELL_LINE;
    mpr_text_style(text, MPR_STYLE_DIM);
    if (nested && text->has_source) {
        const char *source = row->source ? row->source : "";
        size_t blanks = strspn(source, " \t");
        struct mpr_buf body;
        mpr_buf_init(&body);
        mpr_buf_append(&body, source, blanks);
        mpr_buf_repeat(text->out, " ", text->columns + 2);
        mpr_width_append(text->out, body.data, text->source, text->options->unicode);
        mpr_buf_puts(text->out, text->glyphs->ellipsis);
        mpr_text_done(text, &body);
    } else {
        right_aligned(text, line_shown ? text->shown[0].width : 1, text->glyphs->fold);
    }
    mpr_text_plain(text);
    end_line(text);
}

static bool is_blank(const struct mpr_profile_row *row)
{
    return row->source && row->source[strspn(row->source, " \t")] == '\0';
}

static size_t run_end(const struct mpr_profile_function *function, size_t from)
{
    size_t to = from;
    while (to < function->row_count && !has_figures(&function->rows[to]))
        to++;
    return to;
}

/* Lines [from, to) of one kind: all of a nested body, or none. */
static void draw_segment(struct mpr_text *text, const struct mpr_profile_function *function,
    size_t from, size_t to, bool nested)
{
    if (nested || to - from >= FOLD_FROM) {
        size_t shown = from;
        while (nested && shown + 1 < to && is_blank(&function->rows[shown]))
            shown++;
        draw_fold(text, &function->rows[shown], nested);
        return;
    }
    for (size_t i = from; i < to; i++)
        draw_row(text, &function->rows[i], NULL);
}

/* Lines [from, to), none with figures. Blank lines behind a nested body belong to its fold. */
static void draw_run(struct mpr_text *text, const struct mpr_profile_function *function,
    const uint8_t *nested, size_t from, size_t to)
{
    while (from < to) {
        bool inner = nested && nested[from];
        size_t end = from;
        while (end < to &&
               (!nested || nested[end] == inner || (inner && is_blank(&function->rows[end]))))
            end++;
        draw_segment(text, function, from, end, inner);
        from = end;
    }
}

/* Lines between this row and the one before it have no row, and nothing else says so. */
static bool is_behind_gap(const struct mpr_profile_function *function, size_t i)
{
    return i > 0 && function->rows[i].line - function->rows[i - 1].line > 1 &&
           (i == 1 || has_figures(&function->rows[i - 1]));
}

static void draw_rows(
    struct mpr_text *text, const struct mpr_profile_function *function, const uint8_t *nested)
{
    struct largest largest;
    find_largest(text, function, &largest);
    size_t i = 0;
    while (i < function->row_count) {
        const struct mpr_profile_row *row = &function->rows[i];
        bool readable = !function->source_problem;
        if (readable && is_behind_gap(function, i))
            draw_fold(text, row, false);
        if (has_figures(row) || i == 0 || (text->options->all_lines && readable)) {
            draw_row(text, row, &largest);
            i++;
            continue;
        }
        size_t end = run_end(function, i);
        if (readable)
            draw_run(text, function, nested, i, end);
        i = end;
    }
}

/* Columns left of the first that has a total: the label stands there. 0: nothing to sum up. */
static size_t label_room(const struct mpr_text *text)
{
    size_t room = 0;
    for (size_t i = 0; i < text->shown_count; i++) {
        if (text->shown[i].column->total)
            return room;
        room += text->shown[i].width;
    }
    return 0;
}

static int64_t sum_of(
    const struct mpr_column *column, const struct mpr_profile_function *function, bool on_return)
{
    int64_t (*sum)(const struct mpr_profile_function *) =
        on_return ? column->on_return : column->total;
    return sum ? sum(function) : MPR_UNKNOWN;
}

/* A row below the others: its label stands left of the first sum, in `room` columns. */
static void sum_row(struct mpr_text *text, const struct mpr_profile_function *function,
    const char *label, size_t room, bool on_return, const char *note)
{
    bool behind = false;
    mpr_buf_puts(text->out, label);
    mpr_buf_repeat(text->out, " ", room - strlen(label));
    for (size_t i = 0; i < text->shown_count; i++) {
        const struct mpr_column *column = text->shown[i].column;
        char cell[MPR_NUMBER_MAX] = "";
        behind = behind || column->total;
        mpr_text_cell(
            text, column, sum_of(column, function, on_return), !on_return && column->total, cell);
        if (behind && column->cell != MPR_CELL_SOURCE)
            right_aligned(text, text->shown[i].width, cell);
    }
    if (*note && text->has_source && (text->source == 0 || strlen(note) <= text->source))
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

/* Is there a sum to be seen of what calls released when they returned? */
static bool freed_on_return(
    const struct mpr_text *text, const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < text->shown_count; i++) {
        int64_t value = sum_of(text->shown[i].column, function, true);
        if (value != MPR_UNKNOWN && !mpr_number_vanishes(mpr_magnitude(value), &text->size))
            return value != 0;
    }
    return false;
}

static void sums(struct mpr_text *text, const struct mpr_profile_function *function)
{
    static const char label[] = "  freed on return";
    size_t room = label_room(text);
    if (room == 0)
        return;
    net_row(text, function, room);
    if (freed_on_return(text, function))
        sum_row(text, function,
            room >= sizeof label - 1 ? label
            : room >= 7              ? "  freed"
                                     : "",
            room, true, "");
}

void mpr_text_table(struct mpr_text *text, size_t index)
{
    const struct mpr_profile_function *function = &text->profile->functions[index];
    /* Without memory for the marks functions inside are shown here, too. */
    bool fold = !text->options->all_lines && function->row_count;
    uint8_t *nested = fold ? calloc(function->row_count, sizeof *nested) : NULL;
    if (nested)
        mpr_text_mark_nested(text, index, nested);
    header(text);
    draw_rows(text, function, nested);
    free(nested);
    rule(text);
    sums(text, function);
    if (function->source_problem) {
        mpr_buf_puts(text->out, "  No source: ");
        mpr_width_wrap(
            text->out, function->source_problem, 13, 2, text->prose, text->options->unicode);
        mpr_buf_putc(text->out, '\n');
    }
}
