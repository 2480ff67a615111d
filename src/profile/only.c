/* SPDX-License-Identifier: MIT */
/* One process of a profile, as if it had been measured alone. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define LISTED 5

static int no_process(const struct mpr_profile *profile, const char *which, struct mpr_error *err)
{
    struct mpr_buf there;
    mpr_buf_init(&there);
    for (size_t i = 0; i < profile->process_count && i < LISTED; i++)
        mpr_buf_printf(&there, "%s%u", i ? ", " : "", (unsigned)profile->process[i].pid);
    if (profile->process_count > LISTED)
        mpr_buf_printf(&there, " and %zu more", profile->process_count - LISTED);
    int status = mpr_error_set(err, MPR_ERR_NOTFOUND,
        "there is no process '%s' in the profile; there is main, or one of %s", which,
        there.failed ? "?" : there.data);
    mpr_buf_release(&there);
    return status;
}

/* A number can come twice: then it is the first. */
static size_t find(const struct mpr_profile *profile, const char *which)
{
    uint64_t pid;
    if (strcmp(which, "main") == 0)
        return 0;
    for (size_t i = 0; mpr_parse_u64(which, &pid) == 0 && i < profile->process_count; i++)
        if (profile->process[i].pid == pid)
            return i;
    return MPR_NONE;
}

/* The tree's own figures are those of its one process. */
static bool reduce_tree(struct mpr_profile *profile)
{
    const struct mpr_profile_process *process = &profile->process[0];
    const struct mpr_profile_timeline *from = &process->timeline;
    struct mpr_profile_tree *tree = &profile->tree;
    struct mpr_profile_bucket *bucket = calloc(from->count + 1, sizeof *bucket);
    if (!bucket)
        return false;
    free(tree->rss.bucket);
    free(tree->pss.bucket);
    *tree = (struct mpr_profile_tree){.rss = {bucket, from->count},
        .rss_peak = process->rss_peak,
        .pss_peak = MPR_UNKNOWN,
        .found = 1,
        .at_once = 1,
        .at_peak = 1,
        .interval_ns = tree->interval_ns};
    int64_t highest = MPR_UNKNOWN;
    for (size_t i = 0; i < from->count; i++) {
        bucket[i] = from->bucket[i];
        tree->samples += bucket[i].samples;
        if (bucket[i].rss_max > highest)
            tree->rss_peak_ns = bucket[i].t_ns;
        highest = bucket[i].rss_max > highest ? bucket[i].rss_max : highest;
    }
    return true;
}

int mpr_profile_only(struct mpr_profile *profile, const char *which, struct mpr_error *err)
{
    size_t index = find(profile, which);
    if (index == MPR_NONE)
        return no_process(profile, which, err);
    if (profile->kind != MPR_PROFILE_TREE)
        return 0;
    struct mpr_profile_process kept = profile->process[index];
    profile->process[index] = profile->process[0];
    profile->process[0] = kept;
    profile->process[0].parent = MPR_NONE;
    mpr_profile_keep_processes(profile, 1);
    return reduce_tree(profile) ? 0 : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
}
