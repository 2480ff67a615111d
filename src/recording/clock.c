/* SPDX-License-Identifier: MIT */
/* One moment on both clocks, and what a tick is by two of them. Both sides; cold. */
#include <time.h>
#include <x86intrin.h>

#include "mprun/recording.h"
#include "mprun/sys.h"

#define TRIES 5

static uint64_t now_ns(void)
{
    struct timespec now = {0};
    mpr_sys_clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Who is preempted between two readings would make a pair of two moments: of a few the one counts
 * that was read quickest. */
struct mpr_rec_moment mpr_rec_moment_now(bool ticks_are_ns)
{
    struct mpr_rec_moment best = {0};
    uint64_t quickest = UINT64_MAX;
    if (ticks_are_ns)
        best.tick = best.ns = now_ns();
    for (int i = 0; !ticks_are_ns && i < TRIES; i++) {
        uint64_t before = __rdtsc(), ns = now_ns(), took = __rdtsc() - before;
        if (took >= quickest)
            continue;
        quickest = took;
        best = (struct mpr_rec_moment){before + took / 2, ns};
    }
    return best;
}

static bool is_after(const struct mpr_rec_moment *end, const struct mpr_rec_moment *start)
{
    return end->tick > start->tick && end->ns > start->ns;
}

double mpr_rec_ns_per_tick(const struct mpr_rec_clock *clock, const struct mpr_rec_moment *seen)
{
    const struct mpr_rec_moment *start = &clock->start, *end = &clock->end;
    if (clock->ticks_are_ns)
        return 1.0;
    if (!is_after(end, start))
        end = seen;
    if (!is_after(end, start))
        return 1.0;
    return (double)(end->ns - start->ns) / (double)(end->tick - start->tick);
}
