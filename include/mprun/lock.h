/* SPDX-License-Identifier: MIT */
/* A lock for what is rare and short in the target: no allocation, no libpthread, no ownership. Its
 * holder makes no call that could allocate. In a forked child nothing of the target's is touched
 * but by a session of its own, whose start makes every lock anew: one which another thread held at
 * the fork is never waited for. */
#ifndef MPRUN_LOCK_H
#define MPRUN_LOCK_H

#include <sched.h>
#include <stdint.h>

struct mpr_lock {
    uint32_t taken;
};

static inline void mpr_lock_take(struct mpr_lock *lock)
{
    while (__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE))
        sched_yield();
}

static inline void mpr_lock_give(struct mpr_lock *lock)
{
    __atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif
