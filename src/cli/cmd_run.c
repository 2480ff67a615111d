/* SPDX-License-Identifier: MIT */
/* `mprun SCRIPT`: choose, open, start, supervise, build, render, end as the target did. The order
 * matters: everything that can be refused is refused before the target has run. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "interrupt.h"
#include "message.h"
#include "mistakes.h"
#include "mprun/reading.h"
#include "mprun/supervise.h"
#include "never_armed.h"
#include "option_table.h"
#include "output.h"
#include "render.h"

/* One run, from the choice of the interpreter to the report. */
struct run {
    const struct mpr_options *options;
    const struct mpr_inherited *inherited;
    struct mpr_launch launch;
    struct mpr_output output;
    int recording_fd;
    struct mpr_rec_reader *reader;
    struct mpr_outcome *outcome;
    char *cwd;
    struct mpr_profile *profile;
    struct mpr_view *view;  /* of it */
    enum mpr_detail detail; /* of the report: how much there is memory for */
    bool failed;            /* mprun could not do what was asked, although the target ran */
    bool over;              /* a budget was exceeded */
};

/* A report never takes the place of what runs or is read. */
static int open_output(struct run *run, struct mpr_error *err)
{
    char *own = NULL;
    int status = mpr_launch_own_program(&own, err);
    const char *const sources[] = {
        run->launch.executable, own, "/proc/self/fd/0", mpr_script_of(run->options), NULL};
    if (status == 0)
        status = mpr_output_open(run->options->output, sources, &run->output, err);
    free(own);
    return status;
}

static int prepare(struct run *run, char *const *environment, struct mpr_error *err)
{
    const struct mpr_options *options = run->options;
    struct mpr_launch_request request = {
        .python = options->python,
        .host = options->host,
        .environment = environment,
    };
    uint32_t settings = (options->pattern_count ? 0 : MPR_REC_SELECT_DEFAULT) |
                        (options->rss_check ? MPR_REC_RSS_CHECK : 0) |
                        (options->no_heap ? MPR_REC_NO_HEAP : 0);
    run->outcome = calloc(1, sizeof *run->outcome);
    run->cwd = getcwd(NULL, 0);
    if (!run->outcome)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    int status = mpr_supervisor_check(err);
    if (status == 0)
        status = mpr_launch_choose(&request, &run->launch, err);
    if (status == 0)
        status = mpr_rec_create(options->patterns, options->pattern_count, settings, options->rss,
            &run->recording_fd, err);
    if (status == 0)
        status = mpr_rec_open(run->recording_fd, &run->reader, err);
    if (status == 0)
        status = open_output(run, err);
    return status;
}

/* What is known of the run, when it has ended or while it goes on. */
static int build_profile(struct run *run, struct mpr_rec_reader *reader,
    const struct mpr_outcome *outcome, bool running, struct mpr_error *err)
{
    struct mpr_run facts = {
        .command = run->options->args,
        .code = run->options->code,
        .cwd = run->cwd ? run->cwd : "/",
        .interpreter = run->launch.interpreter ? run->launch.interpreter : run->launch.executable,
        .started = outcome->started,
        .start_ns = outcome->start_ns,
        .end = outcome->end,
        .duration_ns = outcome->duration_ns,
        .wait_status = outcome->wait_status,
        .running = running,
        .maxrss = outcome->maxrss,
        .hwm_seen = outcome->hwm_seen,
        .unseen = outcome->unseen,
        .interval_ns = run->options->interval_ns,
        .detail = run->detail,
        .timeline = &outcome->timeline,
    };
    int status = mpr_profile_build(reader, &facts, &run->profile, err);
    if (status == 0 && run->options->no_source)
        status = mpr_profile_leave_source_out(run->profile, err);
    return status;
}

static void forget(struct run *run)
{
    mpr_view_free(run->view);
    mpr_profile_free(run->profile);
    run->view = NULL;
    run->profile = NULL;
}

/* Only now it is known which files were measured. */
static int check_replaced(const struct run *run, struct mpr_error *err)
{
    const struct mpr_profile *profile = run->profile;
    for (size_t i = 0; i < profile->function_count; i++)
        if (mpr_output_replaces(&run->output, profile->functions[i].file))
            return mpr_error_set(err, MPR_ERR_INVALID, "it is one of the files that were measured");
    return 0;
}

/* --- while it runs --- */

#define TRIES 3

/* What the target writes meanwhile may contradict itself; a moment later it does not. */
static int build_checkpoint(
    struct run *run, const struct mpr_outcome *so_far, struct mpr_error *err)
{
    int status = MPR_ERR_CORRUPT;
    for (int i = 0; status == MPR_ERR_CORRUPT && i < TRIES; i++) {
        struct mpr_rec_reader *reader = NULL;
        forget(run);
        status = mpr_rec_open(run->recording_fd, &reader, err);
        if (status == 0)
            mpr_rec_settle(reader, run->recording_fd);
        if (status == 0)
            status = build_profile(run, reader, so_far, true, err);
        if (status == 0)
            status = mpr_profile_check(run->profile, err);
        mpr_rec_close(reader);
    }
    return status;
}

/* In a process of its own. Where it fails, the next one may not: only the first says so. It does
 * not have the words of the command line any more. */
static bool write_checkpoint(void *data, const struct mpr_outcome *so_far, bool news)
{
    struct run *run = data;
    struct mpr_error err = {""};
    struct mpr_output output = {.fd = -1};
    uint32_t state = __atomic_load_n(&mpr_rec_header(run->reader)->state, __ATOMIC_ACQUIRE);
    if (state < MPR_REC_ARMED)
        return true;
    int status = build_checkpoint(run, so_far, &err);
    if (status == 0)
        status = check_replaced(run, &err);
    if (status == 0)
        status = mpr_view_new(run->profile, &(struct mpr_view_options){0}, &run->view, &err);
    if (status == 0)
        status = mpr_output_open(run->output.path, NULL, &output, &err);
    if (status == 0)
        status = mpr_render(run->options, run->options->format, run->view, &output, &err);
    mpr_output_release(&output);
    if (status < 0 && news)
        mpr_say("no checkpoint could be written to %s: %s; the program goes on",
            run->options->output, err.message);
    return status == 0;
}

/* Only what keeps a whole profile is worth it. */
static void keep(struct run *run, struct mpr_supervisor *supervisor)
{
    const struct mpr_checkpoint checkpoint = {
        .every_ns = run->options->checkpoint_ns,
        .write = write_checkpoint,
        .data = run,
    };
    if (run->options->format->owns_file && run->output.path)
        mpr_supervisor_keep(supervisor, &checkpoint);
}

static int start_and_wait(struct run *run, struct mpr_error *err)
{
    struct mpr_supervisor *supervisor = NULL;
    struct mpr_launch_start start = {
        .recording_fd = run->recording_fd,
        .args = run->options->args,
        .inherited = run->inherited,
    };
    pid_t pid;
    int status = mpr_supervisor_open(run->options->interval_ns, &supervisor, err);
    if (status == 0)
        mpr_supervisor_hide(supervisor, run->options->own_words, run->options->own_size);
    if (status == 0)
        keep(run, supervisor);
    if (status == 0)
        status = mpr_launch_start(&run->launch, &start, &pid, err);
    if (status == 0)
        status = mpr_supervisor_run(supervisor, pid, run->reader, run->outcome, err);
    if (status == 0)
        mpr_interrupt_hold(run->output.temporary);
    mpr_supervisor_close(supervisor);
    return status;
}

/* With as much detail as there is memory for. */
static int build(struct run *run, struct mpr_error *err)
{
    for (;;) {
        int status = build_profile(run, run->reader, run->outcome, false, err);
        if (status < 0)
            return status;
        status = mpr_render_view(run->options, run->profile, false, &run->view, err);
        if (status >= 0)
            return 0;
        run->detail = run->profile->detail + 1;
        forget(run);
        if (status != MPR_ERR_NOMEM || run->detail > MPR_DETAIL_NO_FUNCTIONS)
            return status;
    }
}

/* With less and less in it where there is no memory for it, as long as nobody has seen any of it.
 */
static int render_what_fits(struct run *run, const struct mpr_format *format,
    struct mpr_output *output, struct mpr_error *err)
{
    int status = mpr_render(run->options, format, run->view, output, err);
    while (status == MPR_ERR_NOMEM && run->profile->detail < MPR_DETAIL_NO_FUNCTIONS &&
           mpr_output_restart(output)) {
        run->detail = run->profile->detail + 1;
        forget(run);
        status = build(run, err);
        if (status < 0)
            break;
        status = mpr_render(run->options, format, run->view, output, err);
    }
    return status;
}

/* The run cannot be had again: what cannot be written where it should go is shown on stderr. */
static void report(struct run *run)
{
    const struct mpr_options *options = run->options;
    struct mpr_error err = {""};
    if (options->quiet && !options->output)
        return;
    if (check_replaced(run, &err) == 0 &&
        render_what_fits(run, options->format, &run->output, &err) == 0) {
        mpr_render_say_where(options, &run->output);
        return;
    }
    run->failed = true;
    mpr_say("cannot write the report to %s: %s",
        options->output && run->output.fd != STDOUT_FILENO ? options->output : "standard output",
        err.message);
    struct mpr_output fallback = {.fd = STDERR_FILENO};
    if (run->profile && render_what_fits(run, &mpr_format_text, &fallback, &err) < 0)
        mpr_say("nor to standard error: %s", err.message);
}

/* In no format a note must be overlooked that tells of a report that is not all of it. */
static void tell_detail(struct run *run)
{
    const char *left_out = mpr_detail_note(run->profile->detail);
    if (!left_out)
        return;
    mpr_say("%s", left_out);
    run->failed |= run->profile->detail == MPR_DETAIL_NO_FUNCTIONS;
}

static void tell_one_unmatched(const struct mpr_profile_unmatched *unmatched)
{
    struct mpr_buf names;
    const char *first = unmatched->none_near ? "; some that there are: " : "; nearest: ";
    mpr_buf_init(&names);
    for (size_t k = 0; k < 3 && unmatched->nearest[k]; k++)
        mpr_buf_printf(&names, "%s%s", k ? ", " : first, unmatched->nearest[k]);
    mpr_say("--func %s matched no function%s", unmatched->pattern,
        names.len && !names.failed ? names.data : "");
    mpr_buf_release(&names);
    if (!unmatched->scoped)
        mpr_say("only your own code was searched; --func '*:%s' searches everything",
            unmatched->pattern);
}

static void tell_unmatched(struct run *run)
{
    const struct mpr_profile *profile = run->profile;
    for (size_t i = 0; i < profile->unmatched_count; i++) {
        tell_one_unmatched(&profile->unmatched[i]);
        run->failed = true;
    }
    if (profile->unmatched_count && run->view->process->children)
        mpr_say("what was looked for may have run in the %" PRIu64 " process%s that the program "
                "started: only the program itself is measured (with pytest-xdist: -n 0)",
            run->view->process->children, run->view->process->children == 1 ? "" : "es");
}

static void tell_strays(const struct mpr_options *options)
{
    struct mpr_buf words;
    if (options->quiet || !options->strays[0])
        return;
    mpr_buf_init(&words);
    for (const char **at = options->strays; *at; at++)
        mpr_buf_printf(&words, "%s%s", words.len ? ", " : "", *at);
    const char *program = options->args[options->program];
    bool nameless = options->code && program == options->code;
    mpr_say("note: %s went to %s; mprun's own options stand before it", words.data,
        nameless ? "the program" : program);
    mpr_buf_release(&words);
}

static struct mpr_ending ending_of(const struct run *run)
{
    int status = run->outcome->wait_status;
    if (WIFSIGNALED(status))
        return (struct mpr_ending){.status = 128 + WTERMSIG(status), .signal = WTERMSIG(status)};
    if (run->failed)
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    if (WEXITSTATUS(status) == 0 && run->over)
        return (struct mpr_ending){.status = MPR_STATUS_OVER};
    return (struct mpr_ending){.status = WEXITSTATUS(status)};
}

/* 125, unless somebody stopped it while it started: that stops a shell's loop all the same. */
static struct mpr_ending ending_unmeasured(int wait_status)
{
    static const int asked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct mpr_ending ending = {.status = MPR_STATUS_FAILED};
    for (size_t i = 0; WIFSIGNALED(wait_status) && i < sizeof asked / sizeof *asked; i++)
        if (WTERMSIG(wait_status) == asked[i])
            ending.signal = asked[i];
    return ending;
}

/* The target has ended: report what there is. */
static struct mpr_ending finish(struct run *run)
{
    struct mpr_error err = {""};
    mpr_rec_settle(run->reader, run->recording_fd);
    switch (mpr_never_armed(mpr_rec_header(run->reader), run->outcome->wait_status, &run->launch)) {
    case MPR_ARMED:
        break;
    case MPR_PYTHON_ANSWERED:
        return ending_of(run);
    case MPR_NOT_MEASURED:
        return ending_unmeasured(run->outcome->wait_status);
    }
    if (build(run, &err) < 0) {
        mpr_say("cannot read what was recorded: %s", err.message);
        run->failed = true;
        return ending_of(run);
    }
    report(run);
    if (!run->profile)
        return ending_of(run);
    tell_detail(run);
    tell_unmatched(run);
    run->failed |= mpr_render_budgets(run->options, run->view, &run->over) < 0;
    return ending_of(run);
}

static void release(struct run *run)
{
    forget(run);
    mpr_rec_close(run->reader);
    if (run->recording_fd >= 0)
        close(run->recording_fd);
    mpr_output_release(&run->output);
    mpr_launch_release(&run->launch);
    free(run->outcome);
    free(run->cwd);
}

static struct mpr_ending run_program(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct run run = {
        .options = options,
        .inherited = invocation->inherited,
        .recording_fd = -1,
        .output = {.fd = -1},
    };
    struct mpr_ending ending = {.status = MPR_STATUS_FAILED};
    struct mpr_error err = {""};
    int status = mpr_mistakes_program(options, &err) ? MPR_ERR_INVALID : 0;
    if (status == 0)
        status = prepare(&run, invocation->environment, &err);
    if (status == 0) {
        tell_strays(options);
        status = start_and_wait(&run, &err);
    }
    if (status == 0)
        ending = finish(&run);
    else
        mpr_say("%s", err.message);
    release(&run);
    return ending;
}

static const struct mpr_option *const groups[] = {
    mpr_options_selection,
    mpr_options_output,
    mpr_options_report,
    mpr_options_measure,
    mpr_options_sampling,
    mpr_options_budget,
    mpr_options_launch,
    mpr_options_general,
    mpr_options_program,
    NULL,
};

const struct mpr_command mpr_command_run = {
    .name = "run",
    .synopsis = "[OPTIONS] SCRIPT | -m MODULE | -c CODE [ARGS...]\n"
                "[OPTIONS] python3 [PYTHON'S OWN COMMAND LINE...]\n",
    .help = "Runs a Python program under your own interpreter, watches the lines of the\n"
            "functions that you select, and prints their source annotated with what each\n"
            "line did to the memory of the process. The report goes to standard output\n"
            "after the program has ended, however it ended.",
    .options = groups,
    .program = true,
    .settle = mpr_options_settle_program,
    .run = run_program,
};
