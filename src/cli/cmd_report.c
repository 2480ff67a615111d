/* SPDX-License-Identifier: MIT */
/* `mprun report FILE`: a profile that was saved, rendered as one that was just measured. */
#include <string.h>

#include "commands.h"
#include "message.h"
#include "option_table.h"
#include "options.h"
#include "render.h"
#include "saved.h"

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

static int report(const struct mpr_options *options, const struct mpr_saved *saved, bool *ret_over,
    struct mpr_error *err)
{
    struct mpr_view *view = NULL;
    int status = mpr_render_view(options, saved->profile, true, &view, err);
    if (status == 0)
        status = check_sort(options, view, err);
    if (status == 0 && (!options->quiet || options->output))
        status = mpr_saved_report(options, saved, 1, view, NULL, err);
    if (status == 0)
        status = mpr_render_budgets(options, view, ret_over);
    mpr_view_free(view);
    return status;
}

static struct mpr_ending run(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct mpr_saved saved = {NULL, NULL};
    struct mpr_error err = {""};
    bool over = false;
    int status = mpr_saved_load(options->profile, &saved, &err);
    if (status == 0 && options->process)
        status = mpr_profile_only(saved.profile, options->process, &err);
    if (status == 0 && options->no_source)
        status = mpr_profile_leave_source_out(saved.profile, &err);
    if (status == 0)
        status = report(options, &saved, &over, &err);
    mpr_saved_release(&saved);
    return mpr_saved_ending(status, over, &err);
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
    mpr_options_report, mpr_options_saved, mpr_options_budget, mpr_options_general, NULL};

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
