/* SPDX-License-Identifier: MIT */
/* Looks at the target's memory from outside: /proc/PID/statm, the kernel's high-water mark, and
 * the row that is open in its main thread. A sample is two or three system calls. */
#ifndef MPRUN_WATCH_H
#define MPRUN_WATCH_H

#include <stdint.h>
#include <sys/types.h>

#include "mprun/base.h"
#include "mprun/recording_reader.h"
#include "mprun/timeline.h"

struct mpr_sampler {
    int statm_fd;
    int status_fd;
    int64_t page_size;
    uint64_t start_ns;
    uint64_t count;                      /* samples tried */
    const struct mpr_rec_reader *reader; /* borrowed; NULL: nothing is sampled */
    uint64_t cursor;                     /* records up to here are no main thread */
    const struct mpr_rec_thread *main;   /* NULL until it is recorded */
    struct mpr_timeline *timeline;       /* borrowed */
    int64_t hwm_seen;                    /* bytes, 0 none */
};

/* What cannot be opened is not sampled; that is no error. */
void mpr_sampler_open(struct mpr_sampler *sampler, pid_t pid, uint64_t start_ns,
    const struct mpr_rec_reader *reader, struct mpr_timeline *timeline);
void mpr_sampler_close(struct mpr_sampler *sampler);
/* Take a sample, if the target has been armed and is still the program that was started. */
void mpr_sampler_take(struct mpr_sampler *sampler);
/* The same, with the high-water mark whatever the sample's number is. */
void mpr_sampler_take_last(struct mpr_sampler *sampler);

/* CLOCK_MONOTONIC. */
uint64_t mpr_monotonic_ns(void);

#endif
