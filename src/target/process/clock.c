/* SPDX-License-Identifier: MIT */
/* Chooses and calibrates the tick. Cold. */
#include <cpuid.h>

#include "mprun/clock.h"
#include "mprun/sys.h"

#define SPINS 1000000 /* some 100 ms of system calls */
#define LIKELY_PER_US 2000

static struct {
    int (*gettime)(clockid_t clock, struct timespec *ret_now);
} state = {mpr_sys_clock_gettime};

void mpr_clock_use(int (*gettime)(clockid_t clock, struct timespec *ret_now))
{
    state.gettime = gettime;
}

uint64_t mpr_clock_ns(void)
{
    struct timespec now = {0};
    state.gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool mpr_clock_tsc_invariant(void)
{
    unsigned eax, ebx, ecx, edx;
    if ((unsigned)__get_cpuid_max(0x80000000u, NULL) < 0x80000007u)
        return false;
    __cpuid(0x80000007u, eax, ebx, ecx, edx);
    return (edx & (1u << 8)) != 0;
}

uint64_t mpr_clock_ticks_per_us(bool ticks_are_ns)
{
    if (ticks_are_ns)
        return 1000;
    uint64_t ns0 = mpr_clock_ns(), ticks0 = __rdtsc(), ns = ns0;
    for (int i = 0; i < SPINS && ns - ns0 < 100000; i++)
        ns = mpr_clock_ns();
    if (ns - ns0 < 100000)
        return LIKELY_PER_US;
    uint64_t per_us = (__rdtsc() - ticks0) * 1000 / (ns - ns0);
    return per_us > 0 ? per_us : 1;
}
