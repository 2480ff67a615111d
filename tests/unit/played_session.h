/* SPDX-License-Identifier: MIT */
/* A session whose Python is played, and the table of its calls as session.h has it. For one file of
 * a program. */
#ifndef MPRUN_TESTS_PLAYED_SESSION_H
#define MPRUN_TESTS_PLAYED_SESSION_H

#include <stdio.h>
#include <unistd.h>

#include "mprun/imports.h"
#include "mprun/interpose.h"
#include "mprun/measured_names.h"
#include "mprun/probe.h"
#include "mprun/runtime.h"
#include "mprun/session.h"
#include "mprun/trace.h"

/* --- Python's side --- */

const char mpr_trace_engine[] = "played";
static int trace_answer;
static const struct mpr_trace_watch *watch;

void mpr_python_hook_allocators(void)
{
}

int mpr_python_heap_start(void)
{
    return 0;
}

int mpr_python_watch_end(void (*exiting)(void), void (*collected)(void))
{
    (void)exiting, (void)collected;
    return 0;
}

void mpr_python_end_nears(void)
{
}

bool mpr_python_holds_traceback(void)
{
    return false;
}

void mpr_python_describe(struct mpr_rec_header *header)
{
    (void)header;
}

void mpr_python_library(char *path, size_t size)
{
    snprintf(path, size, "/usr/lib/python3");
}

void mpr_imports_start(const char *stdlib)
{
    (void)stdlib;
}

void mpr_names_prepare(void)
{
}

int mpr_names_start(bool late)
{
    (void)late;
    return 0;
}

static bool python_runs;
static int started, stopped; /* trace */
static int rows_closed, rows_dropped;

bool mpr_python_runs(void)
{
    return python_runs;
}

void mpr_trace_stop(void)
{
    stopped++;
    mpr_probe->armed = 0;
}

int mpr_interpose_start(const void *interpreter, struct mpr_error *err)
{
    (void)interpreter, (void)err;
    return 0;
}

void mpr_interpose_stop(void)
{
}

int64_t mpr_python_arenas(void)
{
    return -1;
}

const void *mpr_python_address(void)
{
    return &python_runs;
}

void mpr_names_stop(void)
{
}

void mpr_python_unwatch_end(void)
{
}

void mpr_python_unhook_allocators(void)
{
}

void mpr_python_heap_stop(void)
{
}

void mpr_trace_rss_gap(struct mpr_thread *thread, bool over)
{
    (void)thread, (void)over;
}

int mpr_trace_start(const struct mpr_trace_config *config, struct mpr_error *err)
{
    watch = config->watch;
    if (trace_answer < 0)
        return mpr_error_set(err, trace_answer, "this Python does not work");
    mpr_probe->armed = 1;
    started++;
    return trace_answer;
}

void mpr_trace_complete(void)
{
}

void mpr_trace_close_rows(void)
{
    rows_closed++;
}

void mpr_trace_drop_rows(void)
{
    rows_dropped++;
}

/* --- the order of calls --- */

enum { OPEN, HOOK, ARM, BEGIN, END, CLOSE, CALLS };

/* Of session.h, but that a forked child has a test of its own: where a call leads, or no change. */
#define NO MPR_SESSION_STATES
static const enum mpr_session_state table[MPR_SESSION_FORKED][CALLS] = {
    [MPR_SESSION_CLOSED] = {MPR_SESSION_OPENED, NO, NO, NO, NO, NO},
    [MPR_SESSION_OPENED] = {NO, MPR_SESSION_HOOKED, NO, NO, NO, MPR_SESSION_CLOSED},
    [MPR_SESSION_HOOKED] = {NO, NO, MPR_SESSION_ARMED, NO, NO, MPR_SESSION_CLOSED},
    [MPR_SESSION_ARMED] = {NO, NO, NO, MPR_SESSION_RUNNING, MPR_SESSION_ENDED, MPR_SESSION_CLOSED},
    [MPR_SESSION_RUNNING] = {NO, NO, NO, NO, MPR_SESSION_ENDED, MPR_SESSION_CLOSED},
    [MPR_SESSION_ENDED] = {NO, NO, NO, NO, NO, MPR_SESSION_CLOSED},
};

#endif
