/* SPDX-License-Identifier: MIT */
/* Change-gated RSS: the value at every line without a system call at every line.
 *
 * RSS grows by page faults and shrinks by unmapping. A tier says how faults are noticed; the probe
 * page's epoch, the program break and a time bound cover the rest. Only when something moved is
 * /proc/self/statm read again (0.4 to 1.2 µs). Every tier shares one observation: a page fault
 * costs hundreds of nanoseconds, so an interval shorter than half of the cheapest fault measured on
 * this machine holds none, and nothing needs to be asked. */
#ifndef MPRUN_RSS_H
#define MPRUN_RSS_H

#include <stdbool.h>

#include "mprun/probe.h"
#include "mprun/recording.h"
#include "mprun/rss_facts.h"

struct mpr_rss_config {
    enum mpr_rss_tier tier; /* MPR_RSS_AUTO: the best that is to be had */
    bool check;             /* read both ways at each line and count what the gate missed */
    /* RSS cannot be read, or, if it is `over`, can be again: what opens or closes now has no RSS.
     * Called with the GIL. NULL: nobody asks. */
    void (*gap)(struct mpr_thread *thread, bool over);
};

/* Open statm, probe its resolution, calibrate, choose the tier. After mpr_probe_attach; GIL held,
 * or there is no Python yet. MPR_ERR_UNSUPPORTED: the tier that was forced is not to be had; the
 * message says why and what would help. After a failure nothing is left to stop. */
MPR_EXPORT int mpr_rss_start(const struct mpr_rss_config *config, struct mpr_error *err);

/* Close statm and the fault rings of all threads. GIL held; nothing happens without a start. */
MPR_EXPORT void mpr_rss_stop(void);

/* The sample at an event of this thread; sets nothing but the gate's state. GIL held. */
static inline struct mpr_sample mpr_rss_sample(struct mpr_thread *thread)
{
    return mpr_probe->gate.sample(thread);
}

/* Read statm now, whatever the gate says; own pages not in. MPR_RSS_UNREAD: it could not be read.
 */
#define MPR_RSS_UNREAD INT64_MIN
MPR_EXPORT int64_t mpr_rss_read(void);
/* Why it was MPR_RSS_UNREAD: an errno; 0: the file says nothing. */
int mpr_rss_problem(void);

/* Cheapest page fault measured, in ticks: anonymous writes, zero-page reads, file pages. */
uint64_t mpr_fault_cost(bool ticks_are_ns);

/* Smallest change of RSS that statm shows here, in bytes. */
uint32_t mpr_rss_resolution(void);

/* Duplicate fd to the top of RLIMIT_NOFILE (at most 65536), close-on-exec, and close it; the new
 * number, or fd itself if there is no room there. */
int mpr_fd_raise(int fd);

#endif
