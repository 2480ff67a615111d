/* SPDX-License-Identifier: MIT */
/* Looks at a process's memory from outside: /proc/PID/statm, the kernel's high-water mark, and what
 * a source knows of the inside. A sample is two or three system calls. */
#ifndef MPRUN_WATCH_H
#define MPRUN_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/base.h"
#include "mprun/recording_reader.h"
#include "mprun/timeline.h"

/* What is known of a process beside what /proc tells, at this moment. The functions are called in
 * this order, at each sample; one that is NULL knows nothing. They neither wait nor take long. */
struct mpr_watch_source {
    /* Is the process worth a sample? NULL: always. */
    bool (*ready)(void *data);
    /* The row that is open: the function as the timeline names it, and the line; 0, 0 none. */
    void (*where)(void *data, uint64_t *ret_function, uint32_t *ret_line);
    /* Bytes of mprun's own that are resident in it. */
    int64_t (*own)(void *data);
    /* Bytes of heap; INT64_MIN: not tracked. */
    int64_t (*heap)(void *data);
    void *data; /* borrowed */
};

/* recording.c: a process that is measured, by its recording. */
struct mpr_watch_recording {
    const struct mpr_rec_reader *reader; /* borrowed; NULL: it is never ready */
    uint64_t cursor;                     /* records up to here are no main thread */
    const struct mpr_rec_thread *main;   /* NULL until it is recorded */
};

/* A source: ready from the arming to the program's end, or until it execs another one. `recording`
 * is set up here, borrowed, and stays where it is. */
struct mpr_watch_source mpr_watch_recording_source(
    struct mpr_watch_recording *recording, const struct mpr_rec_reader *reader);

struct mpr_sampler {
    int statm_fd;
    int status_fd;
    int64_t page_size;
    uint64_t start_ns;
    uint64_t count; /* samples tried */
    struct mpr_watch_source source;
    struct mpr_timeline *timeline; /* borrowed */
    int64_t hwm_seen;              /* bytes, 0 none */
};

/* `pid` is our child, or any process that /proc shows to us. What cannot be opened is not sampled;
 * that is no error. Times count from start_ns (CLOCK_MONOTONIC). */
void mpr_sampler_open(struct mpr_sampler *sampler, pid_t pid, uint64_t start_ns,
    const struct mpr_watch_source *source, struct mpr_timeline *timeline);
void mpr_sampler_close(struct mpr_sampler *sampler);
/* Take a sample, if the source is ready. */
void mpr_sampler_take(struct mpr_sampler *sampler);
/* The same, with the high-water mark whatever the sample's number is. */
void mpr_sampler_take_last(struct mpr_sampler *sampler);

/* CLOCK_MONOTONIC. */
uint64_t mpr_monotonic_ns(void);

#endif
