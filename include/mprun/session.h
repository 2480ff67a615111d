/* SPDX-License-Identifier: MIT */
/* A session: one measurement inside a process, from open to close. It knows the order in which the
 * parts of the target start and stop, and what each is told; no other part of the target reads
 * settings. One session a process at a time.
 *
 * Early, a session is opened before Python is initialised and sees every byte. Initialising Python
 * goes on meanwhile, so that its start is told in three calls: open, hook (Python is
 * pre-initialised, which has reset its allocators), arm (it is initialised). Late, in a Python that
 * runs, open does all three.
 *
 *   state      open        hook       arm       begin       end         close
 *   CLOSED     OPENED (1)  –          –         –           –           –
 *   OPENED     –           HOOKED     –         –           –           CLOSED
 *   HOOKED     –           –          ARMED     –           –           CLOSED
 *   ARMED      –           –          –         RUNNING     ENDED       CLOSED
 *   RUNNING    –           –          –         –           ENDED       CLOSED (2)
 *   ENDED      –           –          –         –           ENDED (3)   CLOSED
 *   FORKED     –           –          –         –           –           CLOSED (4)
 *
 * –: MPR_ERR_INVALID, a sentence that says what is the matter, and nothing changes. A call that
 * fails for another reason ends in CLOSED, with what it took given back and its sentence in the
 * recording. (1) Late: ARMED. (2) After an end by MPR_SESSION_STOPPED. (3) For a later reason than
 * the last one, or another MPR_SESSION_COLLECTED; else –. (4) A forked child finds itself in
 * FORKED: it is not measured, the session is its parent's, and its close touches no recording.
 * Before that no other container (an extension in the child of a host's program) can open one
 * there. */
#ifndef MPRUN_SESSION_H
#define MPRUN_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/recording.h"

struct mpr_session_config {
    enum mpr_rec_container container;
    bool late;                   /* Python runs; its GIL is held in all calls */
    const void *library;         /* an address in an object that was loaded for mprun; NULL: none */
    const char *const *patterns; /* of --func; borrowed until the session is armed */
    size_t pattern_count;
    bool by_default; /* the script's own file is selected */
    bool heap;
    enum mpr_rss_tier rss;
    bool rss_check;
};

enum mpr_session_state {
    MPR_SESSION_CLOSED,
    MPR_SESSION_OPENED,
    MPR_SESSION_HOOKED,
    MPR_SESSION_ARMED,
    MPR_SESSION_RUNNING,
    MPR_SESSION_ENDED,
    MPR_SESSION_FORKED,
    MPR_SESSION_STATES
};

/* Why it ends, in the order in which they may follow one another. */
enum mpr_session_end {
    MPR_SESSION_STOPPED = 1, /* somebody asked for it; the process goes on, and open rows close */
    MPR_SESSION_MAIN,        /* the program's own code is over */
    MPR_SESSION_EXIT,        /* and its threads and exit handlers */
    MPR_SESSION_COLLECTED,   /* and the interpreter's last collection */
    MPR_SESSION_FINALIZED,   /* and the interpreter itself */
};

/* Measure into the recording behind `fd`, which stays the caller's and may be closed afterwards.
 * The configuration is copied, but for the text of its patterns. In the main thread. */
int mpr_session_open(const struct mpr_session_config *config, int fd, struct mpr_error *err);
int mpr_session_hook(struct mpr_error *err);
int mpr_session_arm(struct mpr_error *err);

/* What is measured begins: what was allocated before belongs to no line of it. */
int mpr_session_begin(struct mpr_error *err);

/* It is over, for now at least: keep what is live. */
int mpr_session_end(enum mpr_session_end reason, struct mpr_error *err);

/* Give back what the session took. Where the interpreter is gone already there is nothing to give
 * back, and the process ends with its hooks in place. */
int mpr_session_close(struct mpr_error *err);

enum mpr_session_state mpr_session_state(void);

#endif
