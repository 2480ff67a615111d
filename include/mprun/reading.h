/* SPDX-License-Identifier: MIT */
/* From a recording to the model. The recording may come from a target that died at any instruction,
 * or be hostile; what it says is checked, and what the model says is its own. */
#ifndef MPRUN_READING_H
#define MPRUN_READING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "mprun/base.h"
#include "mprun/profile.h"
#include "mprun/recording_reader.h"
#include "mprun/timeline.h"
#include "mprun/tree.h"

/* What the supervisor knows and the recording does not. Borrowed by mpr_profile_build. */
struct mpr_run {
    const char *const *command;
    const char *code; /* the CODE of -c, or NULL: source of <string> */
    const char *cwd;  /* relative file names of code objects start here */
    const char *interpreter;
    struct timespec started;   /* CLOCK_REALTIME */
    uint64_t start_ns;         /* the same moment on CLOCK_MONOTONIC */
    struct mpr_rec_moment end; /* when its end was seen; the tick is the TSC */
    uint64_t duration_ns;
    int wait_status;        /* as wait(2) gives it */
    bool unwaited;          /* it has ended, and nobody says how: wait_status says nothing */
    bool running;           /* it has not ended: `end` is now, and wait_status says nothing */
    int64_t maxrss;         /* bytes, wait4's ru_maxrss: includes waited-for children */
    int64_t hwm_seen;       /* highest VmHWM that sampling saw; 0 none */
    bool unseen;            /* nothing could be sampled */
    uint64_t interval_ns;   /* between samples; 0 unknown */
    enum mpr_detail detail; /* at most */
    const struct mpr_timeline *timeline;
};

/* Build the model, with as much detail as there is memory for: charge the rows that were still
 * open, read sources, write the notes. A damaged recording gives MPR_ERR_CORRUPT
 * only if its header is unusable; otherwise what can be read is reported, with a note. */
int mpr_profile_build(struct mpr_rec_reader *reader, const struct mpr_run *run,
    struct mpr_profile **ret_profile, struct mpr_error *err);

/* The model of a tree of processes that was only watched, after mpr_tree_finish. Of `run` it takes
 * what is known of any command. */
int mpr_profile_build_tree(const struct mpr_tree *tree, const struct mpr_run *run,
    struct mpr_profile **ret_profile, struct mpr_error *err);

#endif
