/* SPDX-License-Identifier: MIT */
/* The one place that knows in which order the parts of the target start and stop. Cold. */
#include "mprun/session.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "mprun/clock.h"
#include "mprun/heap.h"
#include "mprun/imports.h"
#include "mprun/interpose.h"
#include "mprun/measured_names.h"
#include "mprun/nodes.h"
#include "mprun/own.h"
#include "mprun/probe.h"
#include "mprun/rss.h"
#include "mprun/runtime.h"
#include "mprun/sys.h"
#include "program.h"

enum call { OPEN, HOOK, ARM, BEGIN, END, CLOSE };

static struct {
    enum mpr_session_state state;
    enum mpr_session_end ended; /* the last reason */
    pid_t pid;
    struct mpr_session_config config;
} session;

/* --- the order of calls --- */

#define BIT(call) (1u << (call))

static const struct {
    unsigned allowed;
    const char *sentence;
} states[MPR_SESSION_STATES] = {
    [MPR_SESSION_CLOSED] = {BIT(OPEN), "no session is open"},
    [MPR_SESSION_OPENED] = {BIT(HOOK) | BIT(CLOSE), "Python is not pre-initialised yet"},
    [MPR_SESSION_HOOKED] = {BIT(ARM) | BIT(CLOSE), "Python is not initialised yet"},
    [MPR_SESSION_ARMED] = {BIT(BEGIN) | BIT(END) | BIT(CLOSE), "the session is open already"},
    [MPR_SESSION_RUNNING] = {BIT(END) | BIT(CLOSE), "the session has begun already"},
    [MPR_SESSION_ENDED] = {BIT(END) | BIT(CLOSE), "the session has ended already"},
    [MPR_SESSION_FORKED] = {BIT(CLOSE), "the session is that of the parent process"},
};

static const char *const calls[] = {
    [OPEN] = "open",
    [HOOK] = "hook",
    [ARM] = "arm",
    [BEGIN] = "begin",
    [END] = "end",
    [CLOSE] = "close",
};

enum mpr_session_state mpr_session_state(void)
{
    bool forked = session.state != MPR_SESSION_CLOSED && session.pid != getpid();
    return forked ? MPR_SESSION_FORKED : session.state;
}

static int refuse_call(enum call call, struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_INVALID, "cannot %s a session: %s", calls[call],
        states[mpr_session_state()].sentence);
}

static int check_call(enum call call, struct mpr_error *err)
{
    bool allowed = states[mpr_session_state()].allowed & BIT(call);
    return allowed ? 0 : refuse_call(call, err);
}

/* --- open, hook, arm --- */

/* In the order in which each may still use what follows. What was never started stays as it is; in
 * a child nothing is the session's but what it has in Python. */
static void give_back(void)
{
    mpr_guard_begin(&mpr_thread_block);
    if (mpr_python_runs()) {
        mpr_trace_stop();
        mpr_names_stop();
        mpr_python_unwatch_end();
        mpr_python_unhook_allocators();
    }
    mpr_interpose_stop();
    mpr_heap_stop();
    if (mpr_python_runs())
        mpr_python_heap_stop();
    mpr_rss_stop();
    mpr_guard_end(&mpr_thread_block);
    mpr_probe_detach();
    mpr_probe_set_parts(false);
}

/* The recording tells why. */
static int fail(int status, const struct mpr_error *err)
{
    struct mpr_rec_header *header = mpr_probe->header;
    snprintf(header->host.refusal, sizeof header->host.refusal, "%s", err->message);
    header->state = MPR_REC_REFUSED;
    give_back();
    session.state = MPR_SESSION_CLOSED;
    return status;
}

static void note_facts(const struct mpr_session_config *config)
{
    struct mpr_rec_header *header = mpr_probe->header;
    header->host.container = config->container;
    header->host.pid = (uint32_t)session.pid;
    mpr_python_describe(header);
    snprintf(header->host.trace_engine, sizeof header->host.trace_engine, "%s", mpr_trace_engine);
}

/* Whoever made the recording did not know them. */
static int note_settings(const struct mpr_session_config *config, struct mpr_error *err)
{
    struct mpr_rec_header *header = mpr_probe->header;
    header->settings.flags = (config->by_default ? MPR_REC_SELECT_DEFAULT : 0) |
                             (config->rss_check ? MPR_REC_RSS_CHECK : 0) |
                             (config->heap ? 0 : MPR_REC_NO_HEAP);
    header->settings.rss_request = config->rss;
    bool has_some = header->log_used > MPR_REC_LOG;
    for (size_t i = 0; !has_some && i < config->pattern_count; i++) {
        size_t size = strlen(config->patterns[i]) + 1;
        struct mpr_rec_pattern *record =
            mpr_rec_append(mpr_probe->writer, MPR_KIND_PATTERN, sizeof *record + size);
        if (!record)
            return mpr_error_set(err, MPR_ERR_LIMIT, "the patterns take too much room");
        memcpy(record->text, config->patterns[i], size);
        mpr_rec_publish(mpr_probe->writer);
    }
    return 0;
}

static int64_t python_arenas(void)
{
    mpr_guard_begin(&mpr_thread_block);
    int64_t bytes = mpr_python_arenas();
    mpr_guard_end(&mpr_thread_block);
    return bytes;
}

int mpr_session_open(const struct mpr_session_config *config, int fd, struct mpr_error *err)
{
    struct mpr_error unwanted;
    if (!err)
        err = &unwanted;
    int status = check_call(OPEN, err);
    if (status < 0)
        return status;
    status = mpr_probe_attach(fd, err);
    if (status < 0) {
        mpr_rec_refuse(fd, err->message);
        return status;
    }
    mpr_probe_set_parts(true);
    session.pid = getpid();
    session.config = *config;
    session.ended = 0;
    if (config->late && (status = note_settings(config, err)) < 0)
        return fail(status, err);
    if (config->library)
        mpr_probe_count_own((int64_t)mpr_own_populate_object(config->library));
    note_facts(config);
    const struct mpr_heap_config heap = {.runtime = NULL};
    if (config->heap && (status = mpr_heap_start(&heap, err)) < 0)
        return fail(status, err);
    session.state = MPR_SESSION_OPENED;
    if (!config->late) {
        mpr_names_prepare();
        return 0;
    }
    if (config->heap)
        mpr_probe->header->heap.before_arenas = python_arenas();
    status = mpr_interpose_start(mpr_python_address(), err);
    if (status < 0)
        return fail(status, err);
    status = mpr_session_hook(err);
    return status < 0 ? status : mpr_session_arm(err);
}

int mpr_session_hook(struct mpr_error *err)
{
    int status = check_call(HOOK, err);
    if (status < 0)
        return status;
    if (session.config.heap)
        mpr_python_hook_allocators();
    session.state = MPR_SESSION_HOOKED;
    return 0;
}

static const struct mpr_trace_watch nobody;

static int start_trace(const char *stdlib, struct mpr_error *err)
{
    const struct mpr_session_config *config = &session.config;
    struct mpr_trace_config trace = {
        .stdlib = stdlib,
        .patterns = config->patterns,
        .pattern_count = config->pattern_count,
        .by_default = config->by_default,
        .late = config->late,
        .watch = config->late ? &nobody : &mpr_program_watch,
    };
    return mpr_trace_start(&trace, err);
}

static int start_in_python(struct mpr_error *err)
{
    struct mpr_rec_header *header = mpr_probe->header;
    char stdlib[4096];
    if (session.config.heap && mpr_python_heap_start() < 0)
        return mpr_error_set(err, MPR_ERR_LIMIT, "CPython has no room left in its code objects");
    mpr_python_library(stdlib, sizeof stdlib);
    mpr_imports_start(stdlib);
    mpr_node_stdlib(stdlib);
    if (mpr_names_start(session.config.late) < 0)
        return mpr_error_set(err, MPR_ERR_NOMEM, "cannot install the decorators");
    const struct mpr_rss_config rss = {
        .tier = session.config.rss, .check = session.config.rss_check, .gap = mpr_trace_rss_gap};
    int status = mpr_rss_start(&rss, err);
    if (status < 0)
        return status;
    header->clock.start = mpr_rec_moment_now(mpr_probe->ticks_are_ns);
    status = session.config.late ? 0 : mpr_program_watch_end(err);
    return status < 0 ? status : start_trace(stdlib, err);
}

/* Where nobody will see the program begin it has begun. */
int mpr_session_arm(struct mpr_error *err)
{
    struct mpr_error unwanted;
    if (!err)
        err = &unwanted;
    int status = check_call(ARM, err);
    if (status < 0)
        return status;
    mpr_guard_begin(&mpr_thread_block);
    status = start_in_python(err);
    mpr_guard_end(&mpr_thread_block);
    if (status < 0)
        return fail(status, err);
    session.state = MPR_SESSION_ARMED;
    mpr_probe->header->state = MPR_REC_ARMED;
    if (status != MPR_TRACE_BLIND || session.config.late)
        return 0;
    mpr_program_watch.blinded();
    return mpr_session_begin(err);
}

/* --- begin, end, close --- */

int mpr_session_begin(struct mpr_error *err)
{
    int status = check_call(BEGIN, err);
    if (status < 0)
        return status;
    session.state = MPR_SESSION_RUNNING;
    mpr_probe->header->state = MPR_REC_RUNNING;
    mpr_probe->program_runs = 1;
    mpr_probe->header->rss.start = mpr_rss_read();
    return 0;
}

/* When the rows are complete. */
static void end_rows(enum mpr_session_end reason)
{
    mpr_probe->header->rss.end = mpr_rss_read();
    mpr_guard_begin(&mpr_thread_block);
    if (reason == MPR_SESSION_STOPPED && mpr_python_runs())
        mpr_trace_close_rows();
    mpr_trace_complete();
    mpr_guard_end(&mpr_thread_block);
    if (mpr_probe->heap)
        mpr_heap_reconcile();
}

static void take_snapshot(enum mpr_session_end reason)
{
    static const enum mpr_heap_snapshot stages[] = {
        [MPR_SESSION_STOPPED] = MPR_SNAPSHOT_MAIN,
        [MPR_SESSION_MAIN] = MPR_SNAPSHOT_MAIN,
        [MPR_SESSION_EXIT] = MPR_SNAPSHOT_EXIT,
        [MPR_SESSION_COLLECTED] = MPR_SNAPSHOT_COLLECTED,
    };
    if (mpr_probe->heap)
        mpr_heap_snapshot(stages[reason]);
}

int mpr_session_end(enum mpr_session_end reason, struct mpr_error *err)
{
    int status = check_call(END, err);
    bool again = session.ended == MPR_SESSION_COLLECTED && reason == MPR_SESSION_COLLECTED;
    if (status < 0)
        return status;
    if (reason <= session.ended && !again)
        return refuse_call(END, err);
    if (reason == MPR_SESSION_STOPPED || reason == MPR_SESSION_MAIN)
        end_rows(reason);
    if (reason == MPR_SESSION_FINALIZED)
        mpr_probe->header->state = MPR_REC_FINALIZING;
    else
        take_snapshot(reason);
    session.state = MPR_SESSION_ENDED;
    session.ended = reason;
    return 0;
}

/* The recording's last word. Where Python runs on, no row is the one in which the program ended. */
static void note_end(void)
{
    struct rusage usage;
    if (session.state >= MPR_SESSION_ARMED && mpr_python_runs())
        mpr_trace_drop_rows();
    if (session.state >= MPR_SESSION_ARMED && mpr_sys_getrusage(RUSAGE_SELF, &usage) == 0)
        mpr_probe->header->rss.hwm = (int64_t)usage.ru_maxrss * 1024;
    mpr_probe->header->clock.end = mpr_rec_moment_now(mpr_probe->ticks_are_ns);
    mpr_probe->header->state = MPR_REC_ENDED;
}

int mpr_session_close(struct mpr_error *err)
{
    int status = check_call(CLOSE, err);
    if (status < 0)
        return status;
    if (mpr_session_state() == MPR_SESSION_RUNNING)
        mpr_session_end(MPR_SESSION_STOPPED, NULL);
    if (mpr_session_state() != MPR_SESSION_FORKED)
        note_end();
    if (mpr_python_runs() || session.config.late)
        give_back();
    session.state = MPR_SESSION_CLOSED;
    return 0;
}
