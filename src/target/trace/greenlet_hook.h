/* SPDX-License-Identifier: MIT */
/* Notices that greenlet switches, unseen by the program. GIL held. */
#ifndef MPRUN_TRACE_GREENLET_HOOK_H
#define MPRUN_TRACE_GREENLET_HOOK_H

#include "mprun/python.h"

#include <stdbool.h>

#include "mprun/probe.h"

/* What a backend keeps of a thread that belongs to what runs in it. */
struct mpr_switch_ops {
    /* Before the stacks are changed, the target running already: note it in the thread's stack. */
    void (*leave)(struct mpr_thread *thread);
    /* After that: make it what the thread's stack says. */
    void (*enter)(struct mpr_thread *thread);
    /* greenlet has asked for the frame in front of a switch; NULL: nothing is to be done. */
    PyFrameObject *(*frame)(PyThreadState *ts);
};

/* Watch for greenlet being imported, in whatever way. `ops` may be NULL. */
void mpr_greenlet_hook_start(const struct mpr_switch_ops *ops);

/* Events come from here on: a Python that has run before may have it. GIL held. */
void mpr_greenlet_hook_arm(void);

/* Watch no more. */
void mpr_greenlet_hook_stop(void);

/* greenlet's package is being imported. */
void mpr_greenlet_hook_imported(void);

#endif
