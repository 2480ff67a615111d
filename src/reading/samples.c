/* SPDX-License-Identifier: MIT */
/* Samples from outside: the timeline as the model has it, and what the last one saw. */
#include <stdlib.h>

#include "builder.h"

static size_t count_of(const struct mpr_timeline *timeline)
{
    size_t count = timeline ? timeline->count : 0;
    return count < MPR_TIMELINE_CAPACITY ? count : MPR_TIMELINE_CAPACITY;
}

/* A target that is being torn down shows 0: that is no sample. */
bool mpr_build_last_sample(
    const struct mpr_timeline *timeline, uint64_t *ret_t_ns, int64_t *ret_rss)
{
    size_t count = count_of(timeline);
    while (count > 0 && timeline->bucket[count - 1].rss_max <= 0)
        count--;
    if (count == 0)
        return false;
    const struct mpr_timeline_bucket *bucket = &timeline->bucket[count - 1];
    bool newest = count == timeline->count && timeline->last_rss > 0 &&
                  timeline->last_t_ns >= bucket->t_ns && timeline->last_rss >= bucket->rss_min &&
                  timeline->last_rss <= bucket->rss_max;
    *ret_t_ns = newest ? timeline->last_t_ns : bucket->t_ns;
    *ret_rss = newest ? timeline->last_rss : bucket->rss_max;
    return true;
}

static struct mpr_profile_bucket bucket_of(
    const struct mpr_builder *b, const struct mpr_timeline_bucket *sampled)
{
    struct mpr_profile_bucket bucket = {
        .t_ns = sampled->t_ns,
        .rss_min = sampled->rss_min,
        .rss_max = sampled->rss_max,
        .heap_max = sampled->heap_max,
        .max_function = MPR_NONE,
        .samples = sampled->samples,
    };
    if (sampled->max_line)
        bucket.max_function = mpr_build_listed(b, sampled->max_function);
    if (bucket.max_function != MPR_NONE)
        bucket.max_line = sampled->max_line;
    return bucket;
}

int mpr_build_timeline(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile_timeline *timeline = &b->process->timeline;
    size_t count = count_of(b->run->timeline);
    if (count == 0)
        return 0;
    timeline->bucket = calloc(count, sizeof *timeline->bucket);
    if (!timeline->bucket)
        return mpr_build_nomem(err);
    timeline->count = count;
    for (size_t i = 0; i < count; i++)
        timeline->bucket[i] = bucket_of(b, &b->run->timeline->bucket[i]);
    return 0;
}
