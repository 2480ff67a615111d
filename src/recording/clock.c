/* SPDX-License-Identifier: MIT */
/* One moment on all clocks, and what a tick is by two of them. Both sides; cold. */
#include <time.h>
#include <x86intrin.h>

#include "mprun/recording.h"
#include "mprun/sys.h"

#define TRIES 5

/* A difference below is that of two readings, one after the other; nobody wakes up so soon. */
#define SLEEP_LEAST_NS 100000000
/* By how much the quick measurement may be wrong, as a part. */
#define NEAR 0.05
/* What the machine slept is less of the run than that measurement could tell. */
#define TELLING 0.02

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now = {0};
    mpr_sys_clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Who is preempted between two readings would make a pair of two moments: of a few the one counts
 * that was read quickest. */
struct mpr_rec_moment mpr_rec_moment_now(bool ticks_are_ns)
{
    struct mpr_rec_moment best = {0};
    uint64_t quickest = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = __rdtsc(), ns = read_ns(CLOCK_MONOTONIC);
        uint64_t boot = read_ns(CLOCK_BOOTTIME), took = __rdtsc() - before;
        if (took >= quickest)
            continue;
        quickest = took;
        best = (struct mpr_rec_moment){ticks_are_ns ? ns : before + took / 4 /* the first of two */,
            ns, boot > ns ? boot - ns : 0};
    }
    return best;
}

static bool has_slept(const struct mpr_rec_moment *end, const struct mpr_rec_moment *start)
{
    return end->slept_ns > start->slept_ns && end->slept_ns - start->slept_ns >= SLEEP_LEAST_NS;
}

/* A moment of which a part was written only is none. Ticks may have begun anew in a sleep. */
static bool is_after(const struct mpr_rec_moment *end, const struct mpr_rec_moment *start)
{
    return end->ns > start->ns && (end->tick > start->tick || has_slept(end, start));
}

static double apart(double one, double other)
{
    double ratio = one / other;
    return ratio > 1 ? ratio - 1 : 1 - ratio;
}

/* After a sleep: of what the ticks may have done the one is true that fits the measurement at the
 * start best. If both do, a tick is what leaves times within the run's. */
static void pace_after_sleep(struct mpr_rec_pace *pace, const struct mpr_rec_clock *clock)
{
    double ran = (double)(pace->end.ns - clock->start.ns);
    double ticks = (double)(pace->end.tick - clock->start.tick);
    double nominal = clock->ticks_per_us ? 1000.0 / clock->ticks_per_us : 0;
    double still = ran / ticks, on = (ran + (double)pace->slept_ns) / ticks;
    bool forward = pace->end.tick > clock->start.tick;
    bool was_still = forward && nominal > 0 && apart(still, nominal) < apart(on, nominal);
    double best = was_still ? still : on;
    if (!forward || nominal <= 0 || apart(best, nominal) > NEAR) {
        pace->sleep = MPR_SLEPT_ANEW;
        pace->ns_per_tick = nominal > 0 ? nominal : 1.0;
        return;
    }
    if (apart(on, still) < TELLING) {
        pace->sleep = MPR_SLEPT_UNKNOWN;
        pace->ns_per_tick = still;
        return;
    }
    pace->sleep = was_still ? MPR_SLEPT_OUT : MPR_SLEPT_IN;
    pace->ns_per_tick = best;
}

struct mpr_rec_pace mpr_rec_pace(
    const struct mpr_rec_clock *clock, const struct mpr_rec_moment *seen)
{
    const struct mpr_rec_moment *start = &clock->start;
    struct mpr_rec_pace pace = {.ns_per_tick = 1.0};
    if (is_after(&clock->end, start))
        pace.end = clock->end;
    else if (is_after(seen, start))
        pace.end = *seen;
    else
        return pace;
    if (has_slept(&pace.end, start)) {
        pace.slept_ns = pace.end.slept_ns - start->slept_ns;
        pace.sleep = MPR_SLEPT_OUT;
        if (!clock->ticks_are_ns)
            pace_after_sleep(&pace, clock);
    } else if (!clock->ticks_are_ns) {
        pace.ns_per_tick =
            (double)(pace.end.ns - start->ns) / (double)(pace.end.tick - start->tick);
    }
    return pace;
}
