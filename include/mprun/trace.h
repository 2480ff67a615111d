/* SPDX-License-Identifier: MIT */
/* Line events: the backend for the running Python, behind one name. GIL held in all calls. */
#ifndef MPRUN_TRACE_H
#define MPRUN_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/probe.h"

/* The backend's name: "settrace" or "monitoring". */
extern const char mpr_trace_engine[];

/* What trace tells, with whatever exception passes. Members may be NULL. */
struct mpr_trace_watch {
    /* Module code starts for the first time: not the standard library's. */
    void (*module_seen)(void);
    /* Module code starts, `in_main` that of __main__. True: it is the one whose end is to be told;
     * then this is asked no more. */
    bool (*module_entered)(bool in_main);
    /* That one has ended, or was left by an exception. */
    void (*module_left)(void);
    /* No event will come from here on: another tool has what they need. */
    void (*blinded)(void);
};

struct mpr_trace_config {
    const char *stdlib; /* folder of the standard library; "" if unknown */
    const char *const *patterns;
    size_t pattern_count;
    bool by_default; /* the script's own file is selected */
    bool late;       /* code has run before, and runs now */
    const struct mpr_trace_watch *watch;
};

/* Start watching: from the next frame on, in all threads, those that exist and those that come.
 * The watch is borrowed to the end, the rest for the call. MPR_TRACE_BLIND: started, but no event
 * will come, since other tools have what they need; the recording has a note. */
#define MPR_TRACE_BLIND 1
int mpr_trace_start(const struct mpr_trace_config *config, struct mpr_error *err);

/* The session ends and the program goes on: what is open in any thread closes with what it has been
 * until now. */
void mpr_trace_close_rows(void);

/* What is open is nobody's: it has opened since. */
void mpr_trace_drop_rows(void);

/* Watch no more. What tracing took is given back, in all threads; rows that are open stay so in the
 * recording. Nothing happens without a start. */
void mpr_trace_stop(void);

/* For struct mpr_rss_config: what opens or closes now has no RSS. */
void mpr_trace_rss_gap(struct mpr_thread *thread, bool over);

/* What is watched is over: look again for text that was not there when its code started. */
void mpr_trace_complete(void);

#endif
