/* SPDX-License-Identifier: MIT */
/* A lock for what is rare and short in the target: no allocation, no libpthread. Its holder makes
 * no call that could allocate. It never hangs its thread where nobody could give it back: it knows
 * its owner, so that a signal's handler which comes to it while its own thread is inside is
 * refused, and the process in which it was made, so that who was waiting when the process forked
 * (in a handler) is refused in the child, where the owner is not. Who is refused does without.
 *
 * In a forked child nothing of the target's is touched but by a session of its own, whose start
 * makes every lock anew. */
#ifndef MPRUN_LOCK_H
#define MPRUN_LOCK_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

struct mpr_lock {
    uintptr_t owner; /* its pthread_self(), 0: free */
    pid_t pid;       /* 0: nobody has made it yet, and there is no child */
};

static inline void mpr_lock_make(struct mpr_lock *lock)
{
    *lock = (struct mpr_lock){0, getpid()};
}

/* A child by vfork has another number and its parent's memory: it is refused, too, but only where
 * it would have had to wait. */
static inline bool mpr_lock_is_lost(const struct mpr_lock *lock)
{
    return lock->pid != 0 && lock->pid != getpid();
}

/* False: refused. The owner is compared by one instruction, so that a handler finds it to be free
 * or its thread's at any time, never in between. */
__attribute__((warn_unused_result)) static inline bool mpr_lock_take(struct mpr_lock *lock)
{
    uintptr_t mine = (uintptr_t)pthread_self(), owner = 0;
    while (!__atomic_compare_exchange_n(
        &lock->owner, &owner, mine, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        if (owner == mine || mpr_lock_is_lost(lock))
            return false;
        sched_yield();
        owner = 0;
    }
    return true;
}

static inline void mpr_lock_give(struct mpr_lock *lock)
{
    __atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

#endif
