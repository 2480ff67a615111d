/* SPDX-License-Identifier: MIT */
/* `mprun timeline -- COMMAND`: any command, and all that it starts, seen from outside. It is
 * started as a shell would and ends mprun as a shell would end. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "mprun/reading.h"
#include "mprun/supervise.h"
#include "mprun/tree.h"
#include "option_table.h"
#include "options.h"
#include "output.h"
#include "render.h"

/* As shells have them. */
#define STATUS_NOT_FOUND 127
#define STATUS_CANNOT_RUN 126

struct run {
    const struct mpr_invocation *invocation;
    struct mpr_output output;
    struct mpr_tree *tree;
    struct mpr_outcome *outcome;
    char *cwd;
    bool failed; /* mprun could not do what was asked, although the command ran */
};

/* --- the command --- */

static void begin(void *data, pid_t pid, uint64_t start_ns)
{
    mpr_tree_begin(data, pid, start_ns);
    mpr_tree_look(data, true); /* it may end before the first tick */
}

static void look(void *data, bool last)
{
    mpr_tree_look(data, last);
}

/* A report never takes the place of what runs or is read. */
static int open_output(struct run *run, struct mpr_error *err)
{
    const struct mpr_options *options = run->invocation->options;
    char *own = NULL;
    char *file = strchr(options->args[0], '/') ? mpr_strdup(options->args[0])
                                               : mpr_launch_on_path(options->args[0]);
    int status = mpr_launch_own_program(&own, err);
    const char *const sources[] = {"/proc/self/fd/0", own, file, NULL};
    if (status == 0)
        status = mpr_output_open(options->output, sources, &run->output, err);
    free(own);
    free(file);
    return status;
}

static int prepare(struct run *run, struct mpr_error *err)
{
    run->outcome = calloc(1, sizeof *run->outcome);
    run->cwd = getcwd(NULL, 0);
    if (!run->outcome)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    int status = mpr_supervisor_check(err);
    if (status == 0)
        status = open_output(run, err);
    if (status == 0)
        status = mpr_tree_new(run->invocation->options->interval_ns, &run->tree, err);
    return status;
}

/* *ret_status is a shell's where the command could not be started. */
static int start_and_wait(struct run *run, int *ret_status, struct mpr_error *err)
{
    const struct mpr_invocation *invocation = run->invocation;
    const struct mpr_options *options = invocation->options;
    const struct mpr_supervisor_watcher watcher = {begin, look, run->tree};
    struct mpr_supervisor *supervisor = NULL;
    pid_t pid;
    int status = mpr_supervisor_open(options->interval_ns, &supervisor, err);
    if (status < 0)
        return status;
    mpr_supervisor_hide(supervisor, options->own_words, options->own_size);
    mpr_supervisor_watch(supervisor, &watcher);
    status = mpr_launch_command(
        options->args, invocation->environment, invocation->inherited, &pid, err);
    if (status == MPR_ERR_NOTFOUND)
        *ret_status = STATUS_NOT_FOUND;
    else if (status == MPR_ERR_UNSUPPORTED)
        *ret_status = STATUS_CANNOT_RUN;
    else if (status == 0)
        status = mpr_supervisor_run(supervisor, pid, NULL, run->outcome, err);
    if (status == 0)
        mpr_interrupt_hold(run->output.temporary);
    mpr_supervisor_close(supervisor);
    return status;
}

/* --- the report --- */

static int build(const struct run *run, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    const struct mpr_options *options = run->invocation->options;
    const struct mpr_run facts = {
        .command = options->args,
        .cwd = run->cwd,
        .started = run->outcome->started,
        .duration_ns = run->outcome->duration_ns,
        .wait_status = run->outcome->wait_status,
        .maxrss = run->outcome->maxrss,
        .interval_ns = options->interval_ns,
    };
    mpr_tree_finish(run->tree);
    return mpr_profile_build_tree(run->tree, &facts, ret_profile, err);
}

/* The run cannot be had again: what cannot be written where it should go is shown on stderr. */
static void render(struct run *run, const struct mpr_view *view)
{
    const struct mpr_options *options = run->invocation->options;
    struct mpr_output fallback = {.fd = STDERR_FILENO};
    struct mpr_error err = {""};
    if (mpr_render(options, options->format, view, &run->output, &err) == 0) {
        mpr_render_say_where(options, &run->output);
        return;
    }
    run->failed = true;
    mpr_say("cannot write the report to %s: %s",
        run->output.fd == STDOUT_FILENO ? "standard output" : options->output, err.message);
    if (mpr_render(options, &mpr_format_text, view, &fallback, &err) < 0)
        mpr_say("nor to standard error: %s", err.message);
}

static void report(struct run *run)
{
    const struct mpr_options *options = run->invocation->options;
    struct mpr_profile *profile = NULL;
    struct mpr_view *view = NULL;
    struct mpr_error err = {""};
    if (options->quiet && !options->output)
        return;
    int status = build(run, &profile, &err);
    if (status == 0)
        status = mpr_render_view(options, profile, false, &view, &err);
    if (status == 0)
        render(run, view);
    else
        mpr_say("%s", err.message);
    run->failed |= status < 0;
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static struct mpr_ending ending_of(const struct run *run)
{
    int status = run->outcome->wait_status;
    if (WIFSIGNALED(status))
        return (struct mpr_ending){.status = 128 + WTERMSIG(status), .signal = WTERMSIG(status)};
    return (struct mpr_ending){.status = run->failed ? MPR_STATUS_FAILED : WEXITSTATUS(status)};
}

static struct mpr_ending run_command(const struct mpr_invocation *invocation)
{
    struct run run = {.invocation = invocation, .output = {.fd = -1}};
    struct mpr_ending ending = {.status = MPR_STATUS_FAILED};
    struct mpr_error err = {""};
    int status = prepare(&run, &err);
    if (status == 0)
        status = start_and_wait(&run, &ending.status, &err);
    if (status == 0) {
        report(&run);
        ending = ending_of(&run);
    } else {
        mpr_say("%s", err.message);
    }
    mpr_tree_free(run.tree);
    mpr_output_release(&run.output);
    free(run.outcome);
    free(run.cwd);
    return ending;
}

static int settle(struct mpr_options *options, struct mpr_error *err)
{
    if (!options->args)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "which command? mprun timeline [OPTIONS] -- COMMAND [ARGS...]");
    int status = mpr_options_settle_report(options, err);
    if (status == 0 && !options->format->trees)
        status = mpr_error_set(err, MPR_ERR_INVALID,
            "--format %s is of functions, of which a timeline has none", options->format->name);
    return status;
}

static const struct mpr_option *const groups[] = {
    mpr_options_output, mpr_options_sampling, mpr_options_general, NULL};

const struct mpr_command mpr_command_timeline = {
    .name = "timeline",
    .synopsis = "[OPTIONS] -- COMMAND...",
    .help = "any command, with all that it starts: memory over time, from outside",
    .options = groups,
    .foreign = true,
    .settle = settle,
    .run = run_command,
};
