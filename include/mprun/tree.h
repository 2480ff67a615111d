/* SPDX-License-Identifier: MIT */
/* Memory of a tree of processes over time, seen from outside: of one that somebody started, and of
 * all that it starts, whatever they are. RSS at each sample; PSS, which divides a page among those
 * who have it and costs more to ask for, less often.
 *
 * Whoever lives shorter than the time between two samples may be missed. A child is known by its
 * parent; one whose parent is gone before it is seen, by a session or process group of the tree. */
#ifndef MPRUN_TREE_H
#define MPRUN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/base.h"
#include "mprun/timeline.h"

#define MPR_TREE_NAME_MAX 64

/* Of the tree; not seen since its end. Sizes are bytes, times nanoseconds since the tree's start.
 */
struct mpr_tree_process {
    uint64_t number;  /* as /proc has it */
    size_t parent;    /* serial of the process that started it, or has come to stand for it */
    size_t serial;    /* in the order in which they were found; the first is 0 */
    bool ended;       /* no longer there */
    uint64_t from_ns; /* its start, to a clock tick */
    uint64_t to_ns;   /* when it was seen last */
    uint64_t samples;
    int64_t rss_peak; /* highest sample, or what the kernel remembers if that is more */
    uint64_t peak_ns; /* of the highest sample */
    char name[MPR_TREE_NAME_MAX];
    char *command; /* as /proc/PID/cmdline has it: a NUL behind each word; NULL: unknown. Owned */
    size_t command_size;
    struct mpr_timeline_bucket *bucket; /* owned; times are the tree's; none if there was no room */
    size_t count;
};

/* What was seen of all of them together. */
struct mpr_tree_facts {
    struct mpr_timeline rss;    /* sum of all, a page as often as processes have it */
    struct mpr_timeline pss;    /* sum of all, a page once; samples 0: never asked for */
    int64_t rss_peak, pss_peak; /* highest samples of them */
    uint64_t rss_peak_ns, pss_peak_ns;
    size_t at_once;        /* processes, at most */
    size_t at_peak;        /* processes, when the sum of RSS was highest */
    uint64_t found;        /* processes in all */
    uint64_t forgotten;    /* ended ones that there was no room for: the smallest */
    uint64_t unread;       /* that could not be sampled at all */
    uint64_t pss_refused;  /* readings of PSS that the kernel refused: RSS stands in for it */
    uint64_t stretched_ns; /* the longest pause that was made for want of time; 0: none */
    bool unseen;           /* /proc does not show the first one: nothing was sampled */
};

struct mpr_tree;

/* Samples are `interval_ns` apart, or farther where that would take too much of a processor. */
int mpr_tree_new(uint64_t interval_ns, struct mpr_tree **ret_tree, struct mpr_error *err);
void mpr_tree_free(struct mpr_tree *tree);
/* The first process, a child of ours; start_ns is CLOCK_MONOTONIC. */
void mpr_tree_begin(struct mpr_tree *tree, pid_t pid, uint64_t start_ns);
/* Take a sample if it is time for one; `now`: in any case. Never waits. */
void mpr_tree_look(struct mpr_tree *tree, bool now);
/* No more samples: what is left of the processes is as it was seen last. */
void mpr_tree_finish(struct mpr_tree *tree);

const struct mpr_tree_facts *mpr_tree_facts(const struct mpr_tree *tree);
/* After mpr_tree_finish, in the order in which they were found; NULL behind the last one. */
const struct mpr_tree_process *mpr_tree_process(const struct mpr_tree *tree, size_t index);

#endif
