/* SPDX-License-Identifier: MIT */
/* The profile of a tree of processes, made by hand, for tests of what reads it. */
#ifndef MPRUN_TESTS_MADE_PROCESSES_H
#define MPRUN_TESTS_MADE_PROCESSES_H

#include "made_profile.h"

/* One part of a timeline, in which RSS was `mib`, at `ms`. */
static inline void made_part(struct mpr_profile_timeline *timeline, uint64_t ms, double mib)
{
    timeline->bucket = made_array(timeline->bucket, timeline->count + 1, sizeof *timeline->bucket);
    timeline->bucket[timeline->count++] = (struct mpr_profile_bucket){
        .t_ns = ms * 1000000,
        .rss_min = MADE_MIB(mib) / 2,
        .rss_max = MADE_MIB(mib),
        .heap_max = MPR_UNKNOWN,
        .max_function = MPR_NONE,
        .samples = 2,
    };
}

static inline void made_as_command(
    struct mpr_profile_process *process, uint32_t pid, const char *command, int64_t peak)
{
    process->pid = pid;
    process->command = made_array(process->command, 3, sizeof *process->command);
    process->command[0] = made_text(command);
    process->command[1] = made_text("-x y");
    process->command[2] = NULL;
    process->python = made_text("");
    process->interpreter = made_text("");
    process->tier = MPR_TIER_OFF;
    process->peak_function = process->heap.at.function = MPR_NONE;
    process->rss_resolution = 4096;
    process->rss_start = process->rss_end = MPR_UNKNOWN;
    process->rss_peak = peak;
}

/* `make -x y` with two children, one of which goes on; no notes. */
static inline struct mpr_profile *made_processes(void)
{
    struct mpr_profile *profile = mpr_profile_new();
    if (!profile)
        abort();
    profile->kind = MPR_PROFILE_TREE;
    profile->cwd = made_text("/home/ann/shop");
    profile->notes = made_array(NULL, 1, sizeof *profile->notes);
    profile->notes[0] = NULL;
    profile->process = made_array(profile->process, 3, sizeof *profile->process);
    memset(profile->process, 0, 3 * sizeof *profile->process);
    profile->process_count = 3;
    struct mpr_profile_process *process = profile->process;
    made_as_command(&process[0], 4711, "make", MADE_MIB(4));
    made_as_command(&process[1], 4712, "cc1", MADE_MIB(96.5));
    made_as_command(&process[2], 4720, "daemon", MADE_MIB(8));
    process[0].parent = MPR_NONE;
    process[0].duration_ns = 2000000000;
    process[0].exit_status = 2;
    process[1].begin = process[2].begin = MPR_BEGIN_FOUND;
    process[1].end = MPR_END_UNSEEN;
    process[1].duration_ns = 1200000000;
    process[2].end = MPR_END_NOT;
    process[2].parent = 1;
    process[2].duration_ns = 500000000;
    for (size_t i = 0; i < 3; i++)
        process[i].started.tv_sec = 1767225600; /* 2026-01-01T00:00:00Z */
    process[1].started.tv_nsec = 250000000;
    process[2].started.tv_sec++;
    process[2].started.tv_nsec = 500000000;
    made_part(&process[0].timeline, 0, 4);
    made_part(&process[1].timeline, 0, 20);
    made_part(&process[1].timeline, 500, 96);
    made_part(&process[2].timeline, 0, 8);
    struct mpr_profile_tree *tree = &profile->tree;
    *tree = (struct mpr_profile_tree){
        .rss_peak = MADE_MIB(100),
        .pss_peak = MADE_MIB(88),
        .rss_peak_ns = 760000000,
        .pss_peak_ns = 800000000,
        .samples = 200,
        .pss_samples = 12,
        .found = 5,
        .at_once = 3,
        .at_peak = 2,
        .interval_ns = 10000000,
    };
    made_part(&tree->rss, 0, 24);
    made_part(&tree->rss, 750, 100);
    made_part(&tree->rss, 1500, 12);
    made_part(&tree->pss, 800, 88);
    return profile;
}

#endif
