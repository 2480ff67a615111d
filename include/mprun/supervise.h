/* SPDX-License-Identifier: MIT */
/* From exec to the end of the target: wait, pass signals on, follow its stops, sample its memory
 * from outside. Prints nothing and decides no exit status. */
#ifndef MPRUN_SUPERVISE_H
#define MPRUN_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "mprun/base.h"
#include "mprun/recording_reader.h"
#include "mprun/timeline.h"

/* How the target ended and what was seen of it. Sizes are bytes, mprun's own pages included in
 * maxrss and hwm_seen, but not in the timeline. */
struct mpr_outcome {
    int wait_status;  /* as wait(2) gives it */
    int64_t maxrss;   /* ru_maxrss: the kernel's high-water mark, waited-for children included */
    int64_t hwm_seen; /* highest VmHWM that sampling saw; 0 none */
    bool unseen;      /* /proc does not show the target: nothing was sampled */
    uint64_t duration_ns;
    struct timespec started;   /* CLOCK_REALTIME */
    uint64_t start_ns;         /* the same moment on CLOCK_MONOTONIC */
    struct mpr_rec_moment end; /* when its end was seen; the tick is the TSC */
    struct mpr_timeline timeline;
};

struct mpr_supervisor;

/* Somebody else who looks at the target, when it has begun and then as often as it is sampled. The
 * functions neither wait nor take long. */
struct mpr_supervisor_watcher {
    void (*begin)(void *data, pid_t pid, uint64_t start_ns); /* CLOCK_MONOTONIC */
    void (*look)(void *data, bool last); /* `last`: it is about to end, or to be sent a signal */
    void *data;                          /* borrowed */
};

/* May this process do what supervising takes? Asked first: what a sandbox forbids is named then,
 * and nothing has run. */
int mpr_supervisor_check(struct mpr_error *err);

/* Block the signals that are to be passed on and take the clock of the start: before the target
 * is forked, so that none is lost. */
int mpr_supervisor_open(
    uint64_t interval_ns, struct mpr_supervisor **ret_supervisor, struct mpr_error *err);
/* The words of mprun's command line that are not the program's, in their place in memory: a process
 * that helps to supervise clears its copy, so that a kill by these words does not mean it. */
void mpr_supervisor_hide(struct mpr_supervisor *supervisor, char *own_words, size_t own_size);
/* Before the run. */
void mpr_supervisor_watch(
    struct mpr_supervisor *supervisor, const struct mpr_supervisor_watcher *watcher);
/* What is known so far is worth keeping, now and then. `write` is called in a process of its own,
 * forked from this one, which ends with its return and with mprun. */
struct mpr_checkpoint {
    uint64_t every_ns; /* at least; 0: never. Longer where it takes more than a hundredth of that */
    /* False: it could not be written, which is to be told if it is `news`. */
    bool (*write)(void *data, const struct mpr_outcome *so_far, bool news);
    void *data;
};

void mpr_supervisor_keep(
    struct mpr_supervisor *supervisor, const struct mpr_checkpoint *checkpoint);
/* Supervise the child `pid` until it has ended and is reaped. `reader` may be NULL: then the
 * timeline stays empty. */
int mpr_supervisor_run(struct mpr_supervisor *supervisor, pid_t pid,
    const struct mpr_rec_reader *reader, struct mpr_outcome *ret_outcome, struct mpr_error *err);
/* Drop what is still pending of the passed-on signals and restore the mask. Takes NULL. */
void mpr_supervisor_close(struct mpr_supervisor *supervisor);

#endif
