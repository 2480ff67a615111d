/* SPDX-License-Identifier: MIT */
/* What the files of the tree share: its processes, found by their number. */
#ifndef MPRUN_TREE_MEMBERS_H
#define MPRUN_TREE_MEMBERS_H

#include "mprun/proc.h"
#include "mprun/tree.h"

/* At once; of others nothing is read. Each takes two descriptors. */
#define MPR_TREE_LIVE_MAX ((size_t)8192)
/* With a timeline of their own, of those that live. */
#define MPR_TREE_TIMELINES_MAX ((size_t)512)
/* Ended ones. */
#define MPR_TREE_KEPT_MAX ((size_t)2000)
/* Numbers of ended ones, whose sessions and groups may live on. */
#define MPR_TREE_GONE_MAX ((size_t)1024)
struct mpr_member {
    struct mpr_tree_process seen;
    uint64_t start; /* clock ticks, as /proc has them */
    uint64_t parent_number;
    int folder_fd; /* of /proc/NUMBER: never another process, whoever gets the number next */
    int statm_fd;
    uint64_t size;                 /* pages of address space, at the sample that is being taken */
    int64_t rss;                   /* at that sample; 0: it has none of its own */
    int64_t highest;               /* sample */
    uint64_t looks;                /* samples with memory of its own */
    struct mpr_timeline *timeline; /* owned; NULL: no room */
    struct mpr_member *next;       /* of those that have just ended */
};

/* Who mprun is, as /proc has it. */
struct mpr_tree_self {
    struct mpr_proc_kin kin;
    uint64_t number;
    uint64_t reaper; /* whom orphans of mprun's offspring go to; 0: not known */
    bool asked;      /* for that */
};

struct mpr_tree {
    struct mpr_tree_facts facts;
    struct mpr_tree_self self;
    struct mpr_member **live; /* by number */
    size_t live_count, live_capacity;
    struct mpr_member **kept; /* ended ones; after the finish all, by serial */
    size_t kept_count, kept_capacity;
    uint64_t gone[MPR_TREE_GONE_MAX]; /* a ring of numbers */
    size_t gone_count;
    size_t serial;       /* of the next one */
    size_t timelines;    /* of those that live */
    uint64_t root_start; /* clock ticks */
    uint64_t start_ns;   /* CLOCK_MONOTONIC */
    uint64_t interval_ns;
    uint64_t next_ns; /* a sample is due, since the start */
    uint64_t next_pss_ns;
    uint64_t effort;               /* processor time that a sample takes, on average */
    bool scanned;                  /* all of /proc */
    uint64_t scan_ns, scan_effort; /* when last, and what it took */
    uint64_t newest, before;       /* number given last, now and a sample ago */
    int64_t page_size;
    uint64_t tick_ns;
    int proc_fd;    /* the folder; -1 */
    int loadavg_fd; /* -1: numbers are not as ours */
    int fd_limit;   /* of this process */
};

/* members.c */
struct mpr_member *mpr_members_find(const struct mpr_tree *tree, uint64_t number);
/* Does the process belong to the tree? *ret_parent is who in it stands for its parent. */
bool mpr_members_claim(const struct mpr_tree *tree, const struct mpr_proc_kin *kin,
    const struct mpr_member **ret_parent);
/* It is one of the tree if its parent is whom orphans go to. */
bool mpr_members_may_be_orphan(const struct mpr_tree *tree, const struct mpr_proc_kin *kin);
/* A new one, among those that live; NULL: no memory, or too many. Both descriptors are its own
 * then. */
struct mpr_member *mpr_members_add(struct mpr_tree *tree, uint64_t number,
    const struct mpr_proc_kin *kin, const struct mpr_member *parent);
/* Those of whom `ended` was set live no longer. */
void mpr_members_sweep(struct mpr_tree *tree);
void mpr_members_release(struct mpr_tree *tree);

/* tree_find.c: processes that are new since the last sample. What a look at all of /proc has taken,
 * if there was one: it has a share of its own. */
uint64_t mpr_tree_find(struct mpr_tree *tree, uint64_t now_ns);
/* tree_reaper.c: whom orphans of this process's offspring go to; 0: unknown. Makes one. */
uint64_t mpr_tree_reaper(void);
/* A file of a folder of /proc; the length, or -1. */
ssize_t mpr_tree_read_at(int folder_fd, const char *name, char *text, size_t size);
/* Since the tree's start. */
uint64_t mpr_tree_now(const struct mpr_tree *tree);
/* Processor time that this thread has taken. */
uint64_t mpr_tree_effort(void);

#endif
