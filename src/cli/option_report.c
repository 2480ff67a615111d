/* SPDX-License-Identifier: MIT */
/* Options of what is reported, and where to. */
#include <string.h>

#include "option_table.h"
#include "options.h"
#include "words.h"

#define WIDTH_MIN 40
#define WIDTH_MAX 10000
#define TOP_MAX 100000

static int take_output(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    (void)row;
    if (!*value)
        return mpr_error_set(err, MPR_ERR_INVALID, "the name of the file is empty");
    options->output = value;
    return 0;
}

static int take_format(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    const struct mpr_format *format = mpr_format_by_name(value);
    if (format) {
        options->format = format;
        return 0;
    }
    return mpr_words_refuse(row->word, "there is no format ", value, ", only ", err);
}

static int take_columns(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    (void)row;
    options->columns = value;
    return mpr_columns_check(value, err);
}

static const char *sort_word(size_t index)
{
    return mpr_sort_name((enum mpr_sort)(index + MPR_SORT_AUTO + 1)); /* auto is to say nothing */
}

static int take_sort(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    return mpr_sort_parse(value, &options->sort) < 0 ? mpr_option_refuse(row, value, err) : 0;
}

static int take_top(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    uint64_t top;
    (void)row;
    if (mpr_parse_u64(value, &top) < 0 || top > TOP_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not a number from 0 to %d", value, TOP_MAX);
    options->top = (size_t)top;
    return 0;
}

static const char *unit_word(size_t index)
{
    return mpr_unit_name((enum mpr_unit)index);
}

static int take_unit(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    return mpr_unit_parse(value, &options->unit) < 0 ? mpr_option_refuse(row, value, err) : 0;
}

static const char *color_word(size_t index)
{
    static const char *const names[] = {
        [MPR_COLOR_AUTO] = "auto", [MPR_COLOR_ALWAYS] = "always", [MPR_COLOR_NEVER] = "never"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static int take_color(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    for (size_t i = 0; color_word(i); i++) {
        if (strcmp(value, color_word(i)) != 0)
            continue;
        options->color = (enum mpr_color)i;
        return 0;
    }
    return mpr_option_refuse(row, value, err);
}

static int take_width(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    uint64_t width;
    (void)row;
    if (mpr_parse_u64(value, &width) < 0 || (width != 0 && width < WIDTH_MIN) || width > WIDTH_MAX)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "'%s' is not a number of columns (%d to %d, or 0 for no limit)", value, WIDTH_MIN,
            WIDTH_MAX);
    options->width = (size_t)width;
    options->width_given = true;
    return 0;
}

static int take_process(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    uint64_t pid;
    (void)row;
    if (strcmp(value, "main") != 0 && (mpr_parse_u64(value, &pid) < 0 || pid == 0))
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is neither main nor a process's number", value);
    options->process = value;
    return 0;
}

/* clang-format off */
/* Of whatever is reported: */
const struct mpr_option mpr_options_output[] = {
    {.letter = 'o', .name = "output", .argument = "FILE", .file = true, .take = take_output,
        .help = "write the report to FILE; - is standard output"},
    {.name = "format", .argument = "NAME", .word = mpr_format_name, .take = take_format,
        .help = "{,}; else by FILE's ending, else text"},
    {.name = "top", .argument = "N", .topic = "heap", .take = take_top,
        .help = "lines that allocate most, N of each kind (5); 0: none"},
    {.name = "unit", .argument = "UNIT", .word = unit_word, .take = take_unit,
        .help = "of sizes: {,}"},
    {.name = "color", .argument = "WHEN", .word = color_word, .take = take_color,
        .help = "{,}"},
    {.name = "width", .argument = "COLUMNS", .take = take_width,
        .help = "else $COLUMNS, the terminal's, or 80; 0 is no limit"},
    {.name = "no-legend", .topic = "columns", .rare = true,
        .field = offsetof(struct mpr_options, no_legend), .take = mpr_option_take_flag,
        .help = "do not explain the columns"},
    {0},
};

const struct mpr_option mpr_options_report[] = {
    {.name = "columns", .argument = "LIST", .topic = "columns", .take = take_columns,
        .help = "add and take away columns: +time,-rss_max"},
    {.name = "sort", .argument = "BY", .word = sort_word, .take = take_sort,
        .help = "order of functions: {,}"},
    {.name = "fold-packages", .topic = "heap", .rare = true,
        .field = offsetof(struct mpr_options, fold_packages), .take = mpr_option_take_flag,
        .help = "one line for each imported package there"},
    {.name = "plot",
        .field = offsetof(struct mpr_options, plot), .take = mpr_option_take_flag,
        .help = "memory over time, drawn below the tables"},
    {.name = "all-lines",
        .field = offsetof(struct mpr_options, all_lines), .take = mpr_option_take_flag,
        .help = "do not fold lines without figures"},
    {.name = "no-source", .rare = true,
        .field = offsetof(struct mpr_options, no_source), .take = mpr_option_take_flag,
        .help = "leave the text of the source out, for confidential code"},
    {0},
};

/* Of what was saved: */
const struct mpr_option mpr_options_saved[] = {
    {.name = "process", .argument = "PID", .rare = true, .take = take_process,
        .help = "main, or the number of one: only that process"},
    {0},
};
/* clang-format on */
