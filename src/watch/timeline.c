/* SPDX-License-Identifier: MIT */
/* The bounded timeline. Each sample costs O(1), a merge of all buckets now and then included.
 * Knows nothing of where samples come from. */
#include "mprun/timeline.h"

_Static_assert(MPR_TIMELINE_CAPACITY % 2 == 0, "buckets merge in pairs");

void mpr_timeline_init(struct mpr_timeline *timeline)
{
    timeline->count = 0;
    timeline->samples_per_bucket = 1;
    timeline->samples = 0;
    timeline->last_t_ns = 0;
    timeline->last_rss = 0;
}

/* `later` into its predecessor. Of equal maxima the first stands: it is when the level was
 * reached. */
static void merge(struct mpr_timeline_bucket *bucket, const struct mpr_timeline_bucket *later)
{
    if (later->rss_min < bucket->rss_min)
        bucket->rss_min = later->rss_min;
    if (later->rss_max > bucket->rss_max) {
        bucket->rss_max = later->rss_max;
        bucket->max_function = later->max_function;
        bucket->max_line = later->max_line;
    }
    if (later->heap_max > bucket->heap_max)
        bucket->heap_max = later->heap_max;
    bucket->samples += later->samples;
}

static void halve(struct mpr_timeline *timeline)
{
    size_t half = timeline->count / 2;
    for (size_t i = 0; i < half; i++) {
        struct mpr_timeline_bucket merged = timeline->bucket[2 * i];
        merge(&merged, &timeline->bucket[2 * i + 1]);
        timeline->bucket[i] = merged;
    }
    timeline->count = half;
    timeline->samples_per_bucket *= 2;
}

void mpr_timeline_add(
    struct mpr_timeline *timeline, uint64_t t_ns, int64_t rss, uint64_t function, uint32_t line)
{
    const struct mpr_timeline_bucket sample = {
        .t_ns = t_ns,
        .rss_min = rss,
        .rss_max = rss,
        .heap_max = INT64_MIN,
        .max_function = function,
        .max_line = line,
        .samples = 1,
    };
    timeline->samples++;
    timeline->last_t_ns = t_ns;
    timeline->last_rss = rss;
    struct mpr_timeline_bucket *last =
        timeline->count ? &timeline->bucket[timeline->count - 1] : NULL;
    if (last && last->samples < timeline->samples_per_bucket) {
        merge(last, &sample);
        return;
    }
    if (timeline->count == MPR_TIMELINE_CAPACITY)
        halve(timeline);
    timeline->bucket[timeline->count++] = sample;
}

void mpr_timeline_add_heap(struct mpr_timeline *timeline, int64_t heap)
{
    struct mpr_timeline_bucket *last =
        timeline->count ? &timeline->bucket[timeline->count - 1] : NULL;
    if (last && heap > last->heap_max)
        last->heap_max = heap;
}
