/* SPDX-License-Identifier: MIT */
/* Implements render.h. */
#include "render.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "terminal.h"

/* So much of a report is in memory. */
#define PIECE ((size_t)64 << 10)

int mpr_render_view(const struct mpr_options *options, const struct mpr_profile *profile,
    bool narrow, struct mpr_view **ret_view, struct mpr_error *err)
{
    const struct mpr_view_options shown = {
        .sort = options->sort,
        .fold_packages = options->fold_packages,
        .all_lines = options->all_lines,
        .top = options->top,
        .unit = options->unit,
        .columns = options->columns,
        .patterns = options->patterns,
        .pattern_count = narrow ? options->pattern_count : 0,
    };
    return mpr_view_new(profile, &shown, ret_view, err);
}

/* A report on its way: `view` or `comparison` in that format. */
struct piecewise {
    const struct mpr_format *format;
    const struct mpr_view *view;
    const struct mpr_comparison *comparison;
};

static int render(const struct mpr_options *options, const struct piecewise *what,
    struct mpr_output *output, struct mpr_error *err)
{
    static char storage[PIECE];
    char path[64];
    struct mpr_report_options how;
    struct mpr_sink sink;
    mpr_terminal_report_options(options, output->fd, &how);
    mpr_sink_init_draining(&sink, storage, sizeof storage, mpr_output_put, output);
    if (output->path) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", output->fd);
        sink.path = path;
    }
    int status = what->view
                     ? mpr_report(what->format, what->view, &how, &sink, err)
                     : mpr_report_comparison(what->format, what->comparison, &how, &sink, err);
    mpr_sink_release(&sink);
    return output->failed || status == 0 ? mpr_output_finish(output, err) : status;
}

int mpr_render(const struct mpr_options *options, const struct mpr_format *format,
    const struct mpr_view *view, struct mpr_output *output, struct mpr_error *err)
{
    const struct piecewise what = {.format = format, .view = view};
    return render(options, &what, output, err);
}

int mpr_render_comparison(const struct mpr_options *options,
    const struct mpr_comparison *comparison, struct mpr_output *output, struct mpr_error *err)
{
    const struct piecewise what = {.format = options->format, .comparison = comparison};
    return render(options, &what, output, err);
}

void mpr_render_say_where(const struct mpr_options *options, const struct mpr_output *output)
{
    if (!output->path || options->quiet)
        return;
    if (strcmp(options->format->name, "store") == 0)
        mpr_say(
            "the profile is in %s; to read it: mprun report %s", options->output, options->output);
    else
        mpr_say("the report is in %s", options->output);
}

int mpr_render_budgets(
    const struct mpr_options *options, const struct mpr_view *view, bool *ret_over)
{
    struct mpr_error err = {""};
    struct mpr_buf lines;
    mpr_buf_init(&lines);
    int status = mpr_limits_exceeded(&options->limits, view, &lines, &err);
    if (status < 0)
        mpr_say("%s", err.message);
    *ret_over = lines.len > 0;
    mpr_say_lines(&lines);
    mpr_buf_release(&lines);
    return status;
}
