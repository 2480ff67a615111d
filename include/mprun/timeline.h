/* SPDX-License-Identifier: MIT */
/* Samples of the target's memory over time, bounded in number: when full, neighbours are merged
 * into buckets of twice the width that keep minimum and maximum. No Python, no /proc. */
#ifndef MPRUN_TIMELINE_H
#define MPRUN_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#define MPR_TIMELINE_CAPACITY 2048

/* One bucket. Times are nanoseconds since the target's start, RSS bytes without own pages. */
struct mpr_timeline_bucket {
    uint64_t t_ns; /* of the first sample in it */
    int64_t rss_min;
    int64_t rss_max;
    int64_t heap_max;      /* bytes of heap, INT64_MIN: not tracked */
    uint64_t max_function; /* recording offset of the main thread's open function at the maximum */
    uint32_t max_line;     /* its line, 0 unknown */
    uint32_t samples;
};

struct mpr_timeline {
    struct mpr_timeline_bucket bucket[MPR_TIMELINE_CAPACITY];
    size_t count;
    uint32_t samples_per_bucket; /* a power of two */
    uint64_t samples;            /* taken in all */
    uint64_t last_t_ns;          /* the newest sample; meaningless while samples is 0 */
    int64_t last_rss;
};

void mpr_timeline_init(struct mpr_timeline *timeline);
void mpr_timeline_add(
    struct mpr_timeline *timeline, uint64_t t_ns, int64_t rss, uint64_t function, uint32_t line);
/* What the sample that was just added saw of the heap. */
void mpr_timeline_add_heap(struct mpr_timeline *timeline, int64_t heap);

#endif
