/* SPDX-License-Identifier: MIT */
/* A tree of processes: all of them as if they were one, and each by what it had. */
#include <stdlib.h>
#include <string.h>

#include "view.h"

#define SECOND INT64_C(1000000000)

/* Of equal ones the first that was found. */
static int by_peak(const void *a, const void *b)
{
    const struct mpr_profile_process *x = *(const struct mpr_profile_process *const *)a;
    const struct mpr_profile_process *y = *(const struct mpr_profile_process *const *)b;
    if (x->rss_peak != y->rss_peak)
        return x->rss_peak < y->rss_peak ? 1 : -1;
    return (x > y) - (x < y);
}

bool mpr_view_tree(struct mpr_view *view)
{
    const struct mpr_profile *profile = view->profile;
    if (profile->kind != MPR_PROFILE_TREE)
        return true;
    view->processes = calloc(profile->process_count, sizeof *view->processes);
    if (!view->processes)
        return false;
    view->process_count = profile->process_count;
    for (size_t i = 0; i < profile->process_count; i++)
        view->processes[i] = &profile->process[i];
    qsort(view->processes, view->process_count, sizeof(struct mpr_profile_process *), by_peak);
    view->whole = profile->process[0];
    view->whole.timeline = profile->tree.rss;
    view->whole.rss_peak = profile->tree.rss_peak;
    view->process = &view->whole;
    return true;
}

uint64_t mpr_view_process_from(
    const struct mpr_view *view, const struct mpr_profile_process *process)
{
    const struct timespec *from = &view->profile->process[0].started, *to = &process->started;
    if (to->tv_sec < from->tv_sec || (uint64_t)to->tv_sec - (uint64_t)from->tv_sec > INT32_MAX)
        return 0;
    int64_t ns =
        mpr_add((to->tv_sec - from->tv_sec) * SECOND, mpr_subtract(to->tv_nsec, from->tv_nsec));
    return ns > 0 ? (uint64_t)ns : 0;
}

const struct mpr_profile_bucket *mpr_view_process_highest(const struct mpr_profile_process *process)
{
    const struct mpr_profile_bucket *found = NULL;
    for (size_t i = 0; i < process->timeline.count; i++)
        if (!found || process->timeline.bucket[i].rss_max > found->rss_max)
            found = &process->timeline.bucket[i];
    return found;
}
