/* SPDX-License-Identifier: MIT */
/* `mprun report FILE`: a profile that was saved, rendered as one that was just measured. */
#include <string.h>

#include "commands.h"
#include "message.h"
#include "mprun/store.h"
#include "option_table.h"
#include "options.h"
#include "output.h"
#include "render.h"

/* The output never takes the place of what is read. */
static int open_output(
    const struct mpr_options *options, struct mpr_output *output, struct mpr_error *err)
{
    int status = mpr_output_open(options->output, NULL, output, err);
    if (status == 0 && mpr_output_replaces(output, options->profile))
        status = mpr_error_set(
            err, MPR_ERR_INVALID, "cannot write %s: it is the file that is read", options->output);
    return status;
}

/* What was not measured cannot be the order. */
static int check_sort(
    const struct mpr_options *options, const struct mpr_view *view, struct mpr_error *err)
{
    bool by_heap = options->sort == MPR_SORT_HEAP || options->sort == MPR_SORT_PEAK;
    if ((by_heap && view->heap_off) || (options->sort == MPR_SORT_RSS && view->rss_off))
        return mpr_error_set(err, MPR_ERR_INVALID, "--sort %s: %s was not measured in this run",
            mpr_sort_name(options->sort), by_heap ? "the heap" : "RSS");
    return options->columns
               ? mpr_columns_measured(options->columns, view->heap_off, view->rss_off, err)
               : 0;
}

static int write_report(
    const struct mpr_options *options, const struct mpr_view *view, struct mpr_error *err)
{
    struct mpr_output output = {.fd = -1};
    int status = open_output(options, &output, err);
    if (status == 0) {
        struct mpr_error why = {""};
        status = mpr_render(options, options->format, view, &output, &why);
        if (status == 0)
            mpr_render_say_where(options, &output);
        else
            mpr_error_set(err, status, "cannot write the report to %s: %.900s",
                output.path ? options->output : "standard output", why.message);
    }
    mpr_output_release(&output);
    return status;
}

static int report(const struct mpr_options *options, const struct mpr_profile *profile,
    bool *ret_over, struct mpr_error *err)
{
    struct mpr_view *view = NULL;
    int status = mpr_render_view(options, profile, true, &view, err);
    if (status == 0)
        status = check_sort(options, view, err);
    if (status == 0 && (!options->quiet || options->output))
        status = write_report(options, view, err);
    if (status == 0)
        status = mpr_render_budgets(options, view, ret_over);
    mpr_view_free(view);
    return status;
}

static struct mpr_ending run(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct mpr_profile *profile = NULL;
    struct mpr_error err = {""};
    bool over = false;
    int status = mpr_store_load(options->profile, &profile, &err);
    if (status == 0 && options->no_source)
        status = mpr_profile_leave_source_out(profile, &err);
    if (status == 0)
        status = report(options, profile, &over, &err);
    mpr_profile_free(profile);
    if (err.message[0])
        mpr_say("%s", err.message);
    return (struct mpr_ending){.status = status < 0 ? MPR_STATUS_FAILED
                                         : over     ? MPR_STATUS_OVER
                                                    : 0};
}

static int take(struct mpr_options *options, const char *word, struct mpr_error *err)
{
    if (options->profile)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "mprun report reads one file: '%s' is one word too many", word);
    options->profile = word;
    return 0;
}

static int settle(struct mpr_options *options, struct mpr_error *err)
{
    if (!options->profile)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "which profile? mprun report FILE, one that -o FILE.mprun or -o FILE.json has written");
    return mpr_options_settle_report(options, err);
}

static const struct mpr_option *const groups[] = {mpr_options_selection, mpr_options_output,
    mpr_options_report, mpr_options_budget, mpr_options_general, NULL};

const struct mpr_command mpr_command_report = {
    .name = "report",
    .synopsis = "FILE [OPTIONS]",
    .help = "a profile that was saved (-o FILE.mprun, FILE.json), again and otherwise: every "
            "option of the report and every format; --func shows some of its functions only",
    .options = groups,
    .take = take,
    .settle = settle,
    .run = run,
};
