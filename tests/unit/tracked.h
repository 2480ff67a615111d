/* SPDX-License-Identifier: MIT */
/* A test as a target whose heap is tracked, with the interposed functions in front of the C
 * library's: what they count, and stand-ins for what they go on to. */
#ifndef MPRUN_TESTS_TRACKED_H
#define MPRUN_TESTS_TRACKED_H

#include "attached.h"
#include "mprun/blocks.h"
#include "mprun/count.h"
#include "mprun/heap.h"
#include "mprun/next.h"

/* Of this thread, so far. */
struct tally {
    uint64_t allocated, freed, allocations;
};

static inline struct tally tally(void)
{
    const struct mpr_rec_heap_counts *counts = mpr_thread_block.heap.counts;
    return (struct tally){counts->allocated, counts->freed, counts->allocations};
}

/* What has come since. */
static inline struct tally since(struct tally before)
{
    struct tally now = tally();
    return (struct tally){now.allocated - before.allocated, now.freed - before.freed,
        now.allocations - before.allocations};
}

#define assert_tally(found, bytes, freed_bytes, blocks)                                            \
    do {                                                                                           \
        assert_int_equal((found).allocated, bytes);                                                \
        assert_int_equal((found).freed, freed_bytes);                                              \
        assert_int_equal((found).allocations, blocks);                                             \
    } while (0)

/* A set-up of tests: done by the first one. */
static inline int track(void **state)
{
    static bool done;
    struct mpr_error err;
    (void)state;
    if (done)
        return 0;
    done = true;
    if (attach_recording() < 0 || mpr_heap_start(&(struct mpr_heap_config){0}, &err) < 0)
        return -1;
    return mpr_heap_counts(&mpr_thread_block) ? 0 : -1;
}

/* Another function in the place of the next one; returns that. */
static inline void *put_next(enum mpr_next which, void *function)
{
    void *before = mpr_next_of(which);
    mpr_next_table[which] = function;
    return before;
}

#endif
