/* SPDX-License-Identifier: MIT */
/* When calls ran: those that ended, of which the target keeps the longest, and those that did not.
 * The target may be at it, may have died in the middle of it, or lie. */
#include <stdlib.h>

#include "builder.h"

/* To look again where the target was moving them. */
#define TRIES 4

struct copied {
    struct mpr_rec_interval *interval;
    uint32_t count;
};

static uint64_t window_of(const struct mpr_rec_kept *kept)
{
    return __atomic_load_n(&kept->window, __ATOMIC_ACQUIRE);
}

/* What stands from `from` to `to`, as far as there are records for it. */
static void copy_range(const struct mpr_builder *b, uint64_t from, uint64_t to, struct copied *ret)
{
    uint64_t room = b->intervals_count * MPR_REC_INTERVALS_EACH;
    for (uint64_t i = from; i < to && i < room; i++)
        ret->interval[ret->count++] =
            b->intervals[i / MPR_REC_INTERVALS_EACH]->interval[i % MPR_REC_INTERVALS_EACH];
}

/* False: the target has moved some meanwhile. */
static bool copy_once(const struct mpr_builder *b, struct copied *ret)
{
    const struct mpr_rec_kept *kept = &b->header->kept;
    uint64_t passes = __atomic_load_n(&kept->passes, __ATOMIC_ACQUIRE), before = window_of(kept);
    uint64_t to = before & UINT32_MAX, from = before >> 32;
    ret->count = 0;
    copy_range(b, 0, to, ret);
    copy_range(b, from > to ? from : to, from == MPR_REC_NO_PASS ? 0 : UINT32_MAX, ret);
    uint64_t after = window_of(kept);
    return after >> 32 == from && passes == __atomic_load_n(&kept->passes, __ATOMIC_ACQUIRE) &&
           (from == MPR_REC_NO_PASS || after == before);
}

static bool copy(const struct mpr_builder *b, struct copied *ret)
{
    size_t room = b->intervals_count * MPR_REC_INTERVALS_EACH;
    ret->interval = malloc((room + 1) * sizeof *ret->interval);
    for (int i = 0; ret->interval && i < TRIES && !copy_once(b, ret); i++)
        ;
    return ret->interval;
}

static size_t count_slots(const struct mpr_builder *b)
{
    size_t count = 0;
    for (size_t i = 0; i < b->slots_count; i++)
        count += b->slots[i]->count;
    return count;
}

static int64_t size_of(const struct mpr_builder *b, uint32_t kib)
{
    return b->rss_off || kib == 0 ? MPR_UNKNOWN : (int64_t)kib * 1024;
}

static void add(struct mpr_builder *b, const struct mpr_rec_interval *recorded, bool open)
{
    struct mpr_profile_intervals *intervals = &b->process->intervals;
    size_t function = mpr_build_listed(b, (uint64_t)recorded->function * 8);
    uint64_t begin = (uint64_t)mpr_build_since_start(b, recorded->begin);
    uint64_t end = open ? b->run->duration_ns : (uint64_t)mpr_build_since_start(b, recorded->end);
    if (function == MPR_NONE)
        return;
    intervals->interval[intervals->count++] = (struct mpr_profile_interval){
        .function = function,
        .thread = recorded->thread,
        .begin_ns = begin < end ? begin : end,
        .end_ns = end,
        .rss_begin = size_of(b, recorded->rss_begin),
        .rss_end = open ? b->process->rss_end : size_of(b, recorded->rss_end),
        .open = open,
    };
}

static void add_open(struct mpr_builder *b, size_t room)
{
    for (size_t i = 0; i < b->slots_count; i++) {
        for (uint32_t n = 0; n < b->slots[i]->count && b->process->intervals.count < room; n++) {
            const struct mpr_rec_activation *slot = &b->slots[i]->slot[n];
            const struct mpr_rec_interval interval = {.begin = slot->entered,
                .rss_begin = mpr_rec_kib(slot->entered_rss),
                .function = (uint32_t)(slot->function / 8),
                .thread = slot->thread};
            if (slot->state == MPR_ACT_OPEN && slot->entered)
                add(b, &interval, true);
        }
    }
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By time, an outer one first. */
static int by_time(const void *left, const void *right)
{
    const struct mpr_profile_interval *a = left, *b = right;
    int order = compare(a->begin_ns, b->begin_ns);
    if (order == 0)
        order = compare(b->end_ns, a->end_ns);
    if (order == 0)
        order = compare(a->thread, b->thread);
    return order ? order : compare(a->function, b->function);
}

/* Where the copy was taken in the middle of a move, some are there twice. No two of one function
 * and thread begin and end together. */
static void drop_doubles(struct mpr_profile_intervals *intervals)
{
    size_t kept = 0;
    for (size_t i = 0; i < intervals->count; i++)
        if (kept == 0 || by_time(&intervals->interval[i], &intervals->interval[kept - 1]) != 0)
            intervals->interval[kept++] = intervals->interval[i];
    intervals->count = kept;
}

static uint64_t length_of(const struct mpr_builder *b, uint64_t ticks)
{
    int64_t length = mpr_build_ns(b, ticks < INT64_MAX ? (int64_t)ticks : INT64_MAX);
    return length > 0 ? (uint64_t)length : 0;
}

int mpr_build_intervals(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile_intervals *intervals = &b->process->intervals;
    struct copied copied = {0};
    if (b->detail >= MPR_DETAIL_NO_SITES)
        return 0;
    if (!copy(b, &copied))
        return mpr_build_nomem(err);
    size_t room = copied.count + count_slots(b);
    intervals->interval = calloc(room + 1, sizeof *intervals->interval);
    for (uint32_t i = 0; intervals->interval && i < copied.count; i++)
        add(b, &copied.interval[i], false);
    free(copied.interval);
    if (!intervals->interval)
        return mpr_build_nomem(err);
    add_open(b, room);
    qsort(intervals->interval, intervals->count, sizeof *intervals->interval, by_time);
    drop_doubles(intervals);
    intervals->left_out = b->header->kept.left_out;
    intervals->least_ns = intervals->left_out ? length_of(b, b->header->kept.least) : 0;
    return 0;
}
