/* SPDX-License-Identifier: MIT */
/* `mprun diff BEFORE AFTER`: two profiles that were saved, compared. */
#include <string.h>

#include "commands.h"
#include "message.h"
#include "option_table.h"
#include "options.h"
#include "saved.h"

/* Tell what grew by more than is allowed. */
static int check_growth(const struct mpr_options *options, const struct mpr_comparison *comparison,
    bool *ret_over, struct mpr_error *err)
{
    struct mpr_buf lines;
    if (!options->allowance.given)
        return 0;
    mpr_buf_init(&lines);
    int found = mpr_comparison_exceeds(comparison, &options->allowance, &lines, err);
    *ret_over = found > 0;
    mpr_say_lines(&lines);
    mpr_buf_release(&lines);
    return found < 0 ? found : 0;
}

static int compare(const struct mpr_options *options, const struct mpr_saved saved[MPR_SIDES],
    bool *ret_over, struct mpr_error *err)
{
    const struct mpr_comparison_options how = {
        .name = {options->profile, options->after},
        .unit = options->unit,
        .top = options->top,
    };
    struct mpr_comparison *comparison =
        mpr_comparison_new(saved[MPR_BEFORE].profile, saved[MPR_AFTER].profile, &how);
    if (!comparison)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while comparing");
    int status = 0;
    if (options->allowance.given && comparison->heap_off)
        status = mpr_error_set(err, MPR_ERR_INVALID,
            "--fail-above compares the heap, and one of the two was measured without it");
    if (status == 0 && (!options->quiet || options->output))
        status = mpr_saved_report(options, saved, MPR_SIDES, NULL, comparison, err);
    if (status == 0)
        status = check_growth(options, comparison, ret_over, err);
    mpr_comparison_free(comparison);
    return status;
}

static int check_kind(const char *name, const struct mpr_profile *profile, struct mpr_error *err)
{
    if (profile->kind != MPR_PROFILE_TREE)
        return 0;
    return mpr_error_set(err, MPR_ERR_INVALID,
        "%s is a timeline of processes: it has no functions to compare", name);
}

static struct mpr_ending run(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct mpr_saved saved[MPR_SIDES] = {{NULL, NULL}, {NULL, NULL}};
    struct mpr_error err = {""};
    bool over = false;
    int status = mpr_saved_load(options->profile, &saved[MPR_BEFORE], &err);
    if (status == 0)
        status = mpr_saved_load(options->after, &saved[MPR_AFTER], &err);
    if (status == 0)
        status = check_kind(options->profile, saved[MPR_BEFORE].profile, &err);
    if (status == 0)
        status = check_kind(options->after, saved[MPR_AFTER].profile, &err);
    if (status == 0)
        status = compare(options, saved, &over, &err);
    mpr_saved_release(&saved[MPR_BEFORE]);
    mpr_saved_release(&saved[MPR_AFTER]);
    return mpr_saved_ending(status, over, &err);
}

static int take(struct mpr_options *options, const char *word, struct mpr_error *err)
{
    if (options->after)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "mprun diff compares two files: '%s' is one too many", word);
    *(options->profile ? &options->after : &options->profile) = word;
    return 0;
}

static int check_format(const struct mpr_format *format, struct mpr_error *err)
{
    struct mpr_buf known;
    if (!format || format->compare)
        return 0;
    mpr_buf_init(&known);
    mpr_words_append(mpr_format_comparing, ", ", &known);
    int status = mpr_error_set(err, MPR_ERR_INVALID,
        "--format %s shows one profile; a comparison is one of %s", format->name,
        known.failed ? "text" : known.data);
    mpr_buf_release(&known);
    return status;
}

static int settle(struct mpr_options *options, struct mpr_error *err)
{
    if (!options->after)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "which profiles? mprun diff BEFORE AFTER, two that -o FILE.mprun or -o FILE.json has "
            "written");
    int status = check_format(options->format, err);
    if (status == 0)
        status = mpr_options_settle_report(options, err);
    return status == 0 ? check_format(options->format, err) : status;
}

static const struct mpr_option *const groups[] = {
    mpr_options_output, mpr_options_diff, mpr_options_general, NULL};

const struct mpr_command mpr_command_diff = {
    .name = "diff",
    .synopsis = "BEFORE AFTER [OPTIONS]",
    .help = "two profiles that were saved, or FILE@MARK of one, compared: what changed, worst "
            "first; --fail-above 5% for a "
            "check that fails where memory grew",
    .options = groups,
    .take = take,
    .settle = settle,
    .run = run,
};
