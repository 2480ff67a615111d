/* SPDX-License-Identifier: MIT */
/* The options, a row each: names, help, and the check of the value. Parsing is options.c's. */
#include "option_table.h"

#include <stdlib.h>
#include <string.h>

#include "mprun/pattern.h"

#define SECOND ((uint64_t)1000000000)
#define INTERVAL_MIN (SECOND / 1000)
#define INTERVAL_MAX (3600 * SECOND)
#define WIDTH_MIN 40
#define WIDTH_MAX 10000
#define TOP_MAX 100000

static int take_func(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    struct mpr_pattern pattern;
    int rc = mpr_pattern_parse(value, &pattern, err);
    if (rc < 0)
        return rc;
    const char **grown =
        realloc(options->patterns, (options->pattern_count + 1) * sizeof(*options->patterns));
    if (!grown)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    options->patterns = grown;
    options->patterns[options->pattern_count++] = value;
    return MPR_OK;
}

static int take_output(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    if (!*value)
        return mpr_error_set(err, MPR_ERR_INVALID, "the name of the file is empty");
    options->output = value;
    return MPR_OK;
}

static int take_format(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    const struct mpr_format *format = mpr_format_by_name(value);
    if (format) {
        options->format = format;
        return MPR_OK;
    }
    struct mpr_buf known;
    mpr_buf_init(&known);
    for (size_t i = 0; mpr_format_name(i); i++)
        mpr_buf_printf(&known, "%s%s", i ? ", " : "", mpr_format_name(i));
    int rc = mpr_error_set(err, MPR_ERR_INVALID, "there is no format '%s', only %s", value,
        known.failed ? "others" : known.data);
    mpr_buf_release(&known);
    return rc;
}

static int take_columns(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    options->columns = value;
    return mpr_columns_check(value, err);
}

static int none_of(const char *value, const char *known, struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_INVALID, "'%s' is none of %s", value, known);
}

static int take_sort(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    if (mpr_sort_parse(value, &options->sort) == MPR_OK)
        return MPR_OK;
    return none_of(value, "source, rss, heap, peak, time", err);
}

static int take_top(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    uint64_t top;
    if (mpr_parse_u64(value, &top) < 0 || top > TOP_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not a number from 0 to %d", value, TOP_MAX);
    options->top = (size_t)top;
    return MPR_OK;
}

static int take_fold_packages(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->fold_packages = true;
    return MPR_OK;
}

static int take_size(const char *value, int64_t *ret, struct mpr_error *err)
{
    uint64_t size;
    if (mpr_parse_size(value, &size) < 0 || size > INT64_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not a size; write 100MiB, 1.5G or 4096", value);
    *ret = (int64_t)size;
    return MPR_OK;
}

static int take_max_peak_heap(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    return take_size(value, &options->limits.peak_heap, err);
}

static int take_max_peak_rss(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    return take_size(value, &options->limits.peak_rss, err);
}

static int take_max_leak(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    return take_size(value, &options->limits.leak, err);
}

static int take_unit(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    if (mpr_unit_parse(value, &options->unit) == MPR_OK)
        return MPR_OK;
    return none_of(value, "auto, B, KiB, MiB, GiB", err);
}

static int take_color(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) != 0)
            continue;
        options->color = (enum mpr_color)i;
        return MPR_OK;
    }
    return none_of(value, "auto, always, never", err);
}

static int take_width(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    uint64_t width;
    if (mpr_parse_u64(value, &width) < 0 || (width != 0 && width < WIDTH_MIN) || width > WIDTH_MAX)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "'%s' is not a number of columns (%d to %d, or 0 for no limit)", value, WIDTH_MIN,
            WIDTH_MAX);
    options->width = (size_t)width;
    options->width_given = true;
    return MPR_OK;
}

static int take_all_lines(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->all_lines = true;
    return MPR_OK;
}

static int take_no_legend(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->no_legend = true;
    return MPR_OK;
}

/* TIER, "check" or "check:TIER". */
static int take_rss(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    enum mpr_rss_tier tier = MPR_RSS_AUTO;
    bool check = strcmp(value, "check") == 0 || mpr_has_prefix(value, "check:");
    const char *name = check ? value + strlen("check") : value;
    if (check && *name == ':')
        name++;
    if ((*name || !check || value[strlen("check")]) && mpr_rss_tier_parse(name, &tier) < 0)
        return none_of(
            value, "auto, faults, user-faults, rusage, every-line, off, check or check:TIER", err);
    if (check && tier == MPR_RSS_OFF)
        return mpr_error_set(err, MPR_ERR_INVALID, "there is nothing to check when RSS is off");
    options->rss = tier;
    options->rss_check = check;
    return MPR_OK;
}

static int take_no_heap(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->no_heap = true;
    return MPR_OK;
}

static int take_interval(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    uint64_t interval;
    if (mpr_parse_duration(value, &interval) < 0)
        return mpr_error_set(err, MPR_ERR_INVALID, "'%s' is not a time; write 10ms or 0.5s", value);
    if (interval < INTERVAL_MIN || interval > INTERVAL_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "'%s' is not between 1ms and one hour (3600s)", value);
    options->interval_ns = interval;
    return MPR_OK;
}

static int take_python(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    if (!*value)
        return mpr_error_set(err, MPR_ERR_INVALID, "the path is empty");
    options->python = value;
    return MPR_OK;
}

static int take_host(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    if (mpr_host_kind_parse(value, &options->host) == MPR_OK)
        return MPR_OK;
    return none_of(value, "auto, interpreter, embedded", err);
}

static int take_quiet(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->quiet = true;
    return MPR_OK;
}

static int take_help(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->action = MPR_ACTION_HELP;
    return MPR_OK;
}

static int take_version(struct mpr_options *options, const char *value, struct mpr_error *err)
{
    (void)value, (void)err;
    options->action = MPR_ACTION_VERSION;
    return MPR_OK;
}

/* The keys of options without a letter. */
enum {
    KEY_FORMAT = MPR_OPTION_NO_SHORT,
    KEY_COLUMNS,
    KEY_SORT,
    KEY_TOP,
    KEY_FOLD_PACKAGES,
    KEY_UNIT,
    KEY_COLOR,
    KEY_WIDTH,
    KEY_ALL_LINES,
    KEY_NO_LEGEND,
    KEY_NO_HEAP,
    KEY_RSS,
    KEY_INTERVAL,
    KEY_MAX_PEAK_HEAP,
    KEY_MAX_PEAK_RSS,
    KEY_MAX_LEAK,
    KEY_PYTHON,
    KEY_HOST,
    KEY_VERSION,
};

/* clang-format off */
const struct mpr_option mpr_option_table[] = {
    {'f', "func", "PATTERN", NULL,
        "watch the functions that match (mprun help patterns);\n"
        "repeatable, also behind SCRIPT; else all of SCRIPT", true, take_func},
    {'o', "output", "FILE", MPR_VALUES_FILE,
        "write the report to FILE; - is standard output", true, take_output},
    {KEY_FORMAT, "format", "NAME", "text classic json",
        "text, classic, json; else by FILE's ending, else text", true, take_format},
    {KEY_COLUMNS, "columns", "LIST", NULL,
        "add and take away columns: +time,-rss_max", true, take_columns},
    {KEY_SORT, "sort", "BY", "source rss heap peak time",
        "order of functions: source, rss, heap, peak, time", true, take_sort},
    {KEY_TOP, "top", "N", NULL,
        "lines that allocate most, N of each kind (5); 0: none", true, take_top},
    {KEY_FOLD_PACKAGES, "fold-packages", NULL, NULL,
        "one line for each imported package there", true, take_fold_packages},
    {KEY_UNIT, "unit", "UNIT", "auto B KiB MiB GiB",
        "of sizes: auto, B, KiB, MiB, GiB", true, take_unit},
    {KEY_COLOR, "color", "WHEN", "auto always never",
        "auto, always, never", true, take_color},
    {KEY_WIDTH, "width", "COLUMNS", NULL,
        "else $COLUMNS, the terminal's, or 80; 0 is no limit", true, take_width},
    {KEY_ALL_LINES, "all-lines", NULL, NULL,
        "do not fold lines without figures", true, take_all_lines},
    {KEY_NO_LEGEND, "no-legend", NULL, NULL, "do not explain the columns", true, take_no_legend},
    {KEY_NO_HEAP, "no-heap", NULL, NULL, "do not track the heap: RSS only", true, take_no_heap},
    {KEY_RSS, "rss", "TIER", "auto faults user-faults rusage every-line off check",
        "auto faults user-faults rusage every-line off check", true, take_rss},
    {KEY_INTERVAL, "interval", "TIME", NULL,
        "between samples of the timeline (10ms)", true, take_interval},
    {KEY_MAX_PEAK_HEAP, "max-peak-heap", "SIZE", NULL,
        "end with 3 if the heap's peak is above SIZE: 100MiB", true, take_max_peak_heap},
    {KEY_MAX_PEAK_RSS, "max-peak-rss", "SIZE", NULL,
        "the same for the peak of RSS", true, take_max_peak_rss},
    {KEY_MAX_LEAK, "max-leak", "SIZE", NULL,
        "the same for what is still live at the end", true, take_max_leak},
    {KEY_PYTHON, "python", "PATH", MPR_VALUES_FILE,
        "the interpreter; else what python3 would start", true, take_python},
    {KEY_HOST, "host", "HOST", "auto interpreter embedded",
        "auto, interpreter, embedded", true, take_host},
    {'q', "quiet", NULL, NULL, "no notes; no report but to -o FILE", false, take_quiet},
    {'h', "help", NULL, NULL, "show this", false, take_help},
    {KEY_VERSION, "version", NULL, NULL, "show mprun's version", false, take_version},
    {'m', NULL, "MODULE", NULL, NULL, false, NULL},
    {'c', NULL, "CODE", NULL, NULL, false, NULL},
    {0},
};
/* clang-format on */

const struct mpr_option *mpr_option_by_key(int key)
{
    for (const struct mpr_option *row = mpr_option_table; row->key; row++)
        if (row->key == key)
            return row;
    return NULL;
}
