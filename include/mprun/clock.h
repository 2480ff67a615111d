/* SPDX-License-Identifier: MIT */
/* Ticks: the cheapest clock that never runs backwards. The TSC where the processor says that it is
 * invariant (CPUID 80000007H, EDX bit 8: about 8 ns), CLOCK_MONOTONIC nanoseconds elsewhere. */
#ifndef MPRUN_CLOCK_H
#define MPRUN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <x86intrin.h>

/* CLOCK_MONOTONIC, in nanoseconds, of the kernel, not of a function that somebody has put in front
 * of the C library's: that may stand still. */
__attribute__((visibility("default"))) uint64_t mpr_clock_ns(void);

/* The kernel's own function for it, which takes the place of the system call from now on. Once, at
 * load. */
void mpr_clock_use(int (*gettime)(clockid_t clock, struct timespec *ret_now));

static inline uint64_t mpr_ticks(bool ticks_are_ns)
{
    return __builtin_expect(ticks_are_ns, 0) ? mpr_clock_ns() : __rdtsc();
}

/* Is the TSC fit to be the tick? */
bool mpr_clock_tsc_invariant(void);

/* Ticks in one microsecond, measured over a short spin (100 µs), which is bounded
 * should the clock stand still; at least 1. */
uint64_t mpr_clock_ticks_per_us(bool ticks_are_ns);

#endif
