/* SPDX-License-Identifier: MIT */
/* The program's own beginning and end. Cold. */
#include "program.h"

#include "mprun/heap.h"
#include "mprun/probe.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"
#include "mprun/rss.h"
#include "sources.h"

void mpr_program_begins(void)
{
    struct mpr_rec_header *header = mpr_probe->header;
    header->state = MPR_REC_RUNNING;
    mpr_probe->program_runs = 1;
    header->rss.start = mpr_rss_read();
}

void mpr_program_ends(void)
{
    mpr_probe->header->rss.end = mpr_rss_read();
    mpr_guard_begin(&mpr_thread_block);
    mpr_sources_complete();
    mpr_guard_end(&mpr_thread_block);
    if (!mpr_probe->heap)
        return;
    mpr_heap_reconcile();
    mpr_heap_snapshot(MPR_SNAPSHOT_MAIN);
    mpr_python_end_nears();
}

/* Threads and exit handlers are done. Without a tool nobody has seen the program itself end. */
static void exiting(void)
{
    const struct mpr_rec_header *header = mpr_probe->header;
    if (header->notes & (MPR_NOTE_NO_TOOL | MPR_NOTE_TOOL_LOST) && header->rss.end == 0)
        mpr_program_ends();
    mpr_heap_snapshot(MPR_SNAPSHOT_EXIT);
}

/* The interpreter's own last collection has left what is still live at the end. */
static void collected(void)
{
    PyObject *traceback = PySys_GetObject("last_traceback");
    if (traceback && traceback != Py_None)
        mpr_note(MPR_NOTE_LAST_TRACEBACK);
    mpr_heap_snapshot(MPR_SNAPSHOT_COLLECTED);
}

int mpr_program_watch_end(struct mpr_error *err)
{
    if (!mpr_probe->heap || mpr_python_watch_end(exiting, collected) == 0)
        return 0;
    PyErr_Clear();
    return mpr_error_set(err, MPR_ERR_NOMEM, "cannot register with Python's exit handlers");
}
