/* SPDX-License-Identifier: MIT */
/* From what trace and the interpreter tell to the beginning and the end of an early session. Cold.
 */
#include "program.h"

#include "mprun/probe.h"
#include "mprun/runtime.h"
#include "mprun/session.h"

/* With -m a package is imported before its __main__ starts: that is the program, too. */
static void module_seen(void)
{
    mpr_probe->program_runs = 1;
}

static bool module_entered(bool in_main)
{
    if (in_main)
        mpr_session_begin(NULL);
    return in_main;
}

static void module_left(void)
{
    mpr_session_end(MPR_SESSION_MAIN, NULL);
    if (mpr_probe->heap)
        mpr_python_end_nears();
}

/* Nobody will see the program end: its exit has to do. */
static void blinded(void)
{
    if (mpr_probe->heap)
        mpr_python_end_nears();
}

const struct mpr_trace_watch mpr_program_watch = {
    .module_seen = module_seen,
    .module_entered = module_entered,
    .module_left = module_left,
    .blinded = blinded,
};

/* Threads and exit handlers are done. */
static void exiting(void)
{
    if (mpr_session_state() != MPR_SESSION_ENDED)
        mpr_session_end(MPR_SESSION_MAIN, NULL);
    mpr_session_end(MPR_SESSION_EXIT, NULL);
}

/* The interpreter's own last collection has left what is still live at the end. */
static void collected(void)
{
    if (mpr_python_holds_traceback())
        mpr_note(MPR_NOTE_LAST_TRACEBACK);
    mpr_session_end(MPR_SESSION_COLLECTED, NULL);
}

int mpr_program_watch_end(struct mpr_error *err)
{
    if (!mpr_probe->heap || mpr_python_watch_end(exiting, collected) == 0)
        return 0;
    return mpr_error_set(err, MPR_ERR_NOMEM, "cannot register with Python's exit handlers");
}
