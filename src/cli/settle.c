/* SPDX-License-Identifier: MIT */
/* What follows from the words of `mprun SCRIPT` together. */
#include <stdlib.h>
#include <string.h>

#include "option_table.h"
#include "options.h"
#include "python_words.h"

/* Words of the program that mprun would have understood in front of it. */
static int collect_strays(struct mpr_options *options, struct mpr_error *err)
{
    size_t count = 0;
    size_t found = 0;
    while (options->args[count])
        count++;
    options->strays = calloc(count + 1, sizeof *options->strays);
    if (!options->strays)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    for (size_t i = options->program + 1; i < count; i++) {
        if (strcmp(options->args[i], "--") == 0)
            break;
        if (mpr_option_is_stray(options->args[i]))
            options->strays[found++] = options->args[i];
    }
    return 0;
}

int mpr_options_settle_report(struct mpr_options *options, struct mpr_error *err)
{
    bool to_file = options->output && strcmp(options->output, "-") != 0;
    int status = 0;
    if (!options->format)
        status = mpr_format_of_file(to_file ? options->output : "", &options->format, err);
    if (status == 0 && options->plot && options->format != &mpr_format_text)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "--plot is drawn in the text report, not in --format %s", options->format->name);
    if (status == 0 && options->format->owns_file && !to_file)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "--format %s needs -o FILE", options->format->name);
    if (status == 0 && options->format->for_programs && !options->output)
        status = mpr_error_set(err, MPR_ERR_INVALID,
            "--format %s needs -o FILE, or -o - for standard output", options->format->name);
    return status;
}

/* What is asked for must not be switched off. */
static int settle_measured(const struct mpr_options *options, struct mpr_error *err)
{
    bool heap_off = options->no_heap, rss_off = options->rss == MPR_RSS_OFF;
    bool by_heap = options->sort == MPR_SORT_HEAP || options->sort == MPR_SORT_PEAK;
    if ((by_heap && heap_off) || (options->sort == MPR_SORT_RSS && rss_off))
        return mpr_error_set(err, MPR_ERR_INVALID, "--sort needs what %s switches off",
            by_heap ? "--no-heap" : "--rss off");
    int status = mpr_limits_check(&options->limits, heap_off, rss_off, err);
    if (status == 0 && options->columns)
        status = mpr_columns_measured(options->columns, heap_off, rss_off, err);
    return status;
}

int mpr_options_settle_program(struct mpr_options *options, struct mpr_error *err)
{
    struct mpr_python_words words;
    mpr_python_words_scan(options->args, &words);
    options->program = words.program;
    options->code = words.code;
    int status = collect_strays(options, err);
    if (status == 0)
        status = settle_measured(options, err);
    if (status == 0)
        status = mpr_options_settle_report(options, err);
    return status;
}
