/* SPDX-License-Identifier: MIT */
/* Comma-separated values as RFC 4180 has them: a line of heads, then a record for each row of each
 * function, in raw numbers. Names and sources are quoted, figures are not, so that an empty text
 * and what is not there can be told apart. */
#include <inttypes.h>
#include <string.h>

#include "formats.h"

#define HEADS "file,function"
#define END "\r\n"

static void put_text(struct mpr_buf *out, const char *text)
{
    if (!text)
        return;
    mpr_buf_putc(out, '"');
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        /* -o - may be a terminal; a file is UTF-8 whatever the locale. */
        mpr_shown_append(out, text, (size_t)(quote - text), true);
        mpr_buf_puts(out, "\"\"");
    }
    mpr_shown_append(out, text, strlen(text), true);
    mpr_buf_putc(out, '"');
}

static void put_figure(struct mpr_buf *out, int64_t value)
{
    if (value != MPR_UNKNOWN)
        mpr_buf_printf(out, "%" PRId64, value);
}

static void put_heads(struct mpr_buf *out)
{
    mpr_buf_puts(out, HEADS);
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        if (!column->no_key)
            mpr_buf_printf(out, ",%s", column->name);
    mpr_buf_puts(out, END);
}

static void put_row(struct mpr_buf *out, const struct mpr_profile_function *function,
    const struct mpr_profile_row *row)
{
    put_text(out, function->file);
    mpr_buf_putc(out, ',');
    put_text(out, function->qualname);
    for (const struct mpr_column *column = mpr_columns; column->name; column++) {
        if (column->no_key)
            continue;
        mpr_buf_putc(out, ',');
        if (column->cell == MPR_CELL_SOURCE)
            put_text(out, row->source);
        else
            put_figure(out, mpr_column_value(column, row));
    }
    mpr_buf_puts(out, END);
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    (void)options, (void)err; /* a program wants all of it */
    put_heads(&sink->out);
    for (size_t i = 0; i < view->function_count; i++) {
        const struct mpr_profile_function *function = view->functions[i].function;
        for (size_t k = 0; k < function->row_count; k++)
            put_row(&sink->out, function, &function->rows[k]);
    }
    return 0;
}

static bool begins(const char *head)
{
    return mpr_has_prefix(head, HEADS ",line,hits,");
}

static const char *const endings[] = {".csv", NULL};

const struct mpr_format mpr_format_csv = {
    .name = "csv",
    .endings = endings,
    .summary = "the lines of all tables, for spreadsheets and scripts",
    .for_programs = true,
    .begins = begins,
    .render = render,
};
