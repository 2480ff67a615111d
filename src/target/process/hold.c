/* SPDX-License-Identifier: MIT */
/* Who is using a session without the GIL. A thread writes its own hold and nothing else, with plain
 * stores; that they are seen in time is the business of who waits (membarrier(2)), once a session.
 * Holds are kept and used again once their thread is gone. Cold, but for what probe.h has. */
#include "hold.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>

#include "memory.h"
#include "mprun/clock.h"
#include "mprun/lock.h"
#include "mprun/probe.h"
#include "mprun/sys.h"

#define FIRST_LIMIT 64u
#define PATIENCE_NS 1000000000u
#define SETTLING_NS 10000000 /* in which any processor has written what it had in store */

static struct {
    struct mpr_lock lock;
    struct mpr_hold *used, *unused;
    uint32_t count; /* of those in use */
    uint32_t limit; /* then some may be of threads that are gone */
    uint32_t round; /* of waiting */
    bool has_barrier;
} state = {.limit = FIRST_LIMIT};

static bool is_gone(const struct mpr_hold *hold, pid_t pid)
{
    return tgkill(pid, (pid_t)hold->tid, 0) != 0 && errno == ESRCH;
}

static void collect_gone(void)
{
    pid_t pid = getpid();
    struct mpr_hold **place = &state.used, *hold;
    while ((hold = *place)) {
        if (!is_gone(hold, pid)) {
            place = &hold->next;
            continue;
        }
        *place = hold->next;
        hold->next = state.unused;
        state.unused = hold;
        state.count--;
    }
    state.limit = state.count * 2 > FIRST_LIMIT ? state.count * 2 : FIRST_LIMIT;
}

/* A child by vfork runs in its parent's thread, under a number of its own. 0: not known, so that
 * the thread never counts as gone. */
static uint32_t number_of(const struct mpr_thread *thread)
{
    if (thread->tid)
        return thread->tid;
    return getpid() == mpr_probe->pid ? (uint32_t)gettid() : 0;
}

static struct mpr_hold *take(const struct mpr_thread *thread)
{
    if (state.count >= state.limit)
        collect_gone();
    struct mpr_hold *hold = state.unused;
    if (hold)
        state.unused = hold->next;
    else if (!(hold = mpr_kept_alloc(sizeof *hold)))
        return NULL;
    *hold = (struct mpr_hold){.tid = number_of(thread), .next = state.used};
    state.used = hold;
    state.count++;
    return hold;
}

bool mpr_hold_make(struct mpr_thread *thread)
{
    int saved = errno;
    if (!mpr_lock_take(&state.lock))
        return false;
    if (!thread->hold) /* a signal's handler may have been quicker */
        thread->hold = take(thread);
    mpr_lock_give(&state.lock);
    errno = saved;
    if (!thread->hold)
        return false;
    mpr_hold_begin(thread);
    mpr_kept_count();
    mpr_hold_end(thread);
    return true;
}

void mpr_holds_own(void)
{
    mpr_lock_make(&state.lock);
}

/* Registering may wait for all processors, so it is done once. */
void mpr_holds_start(void)
{
    if (!state.has_barrier)
        state.has_barrier =
            syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

/* Each thread's stores before this are seen after it, and none of its loads after this was done
 * before. */
static void barrier(void)
{
    if (state.has_barrier && syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0)
        return;
    struct timespec settling = {0, SETTLING_NS};
    while (syscall(SYS_nanosleep, &settling, &settling) != 0 && errno == EINTR)
        ;
}

/* Who is gone uses nothing, whatever stood in its hold: it was ended within it. */
static bool has_ended(const struct mpr_hold *hold, pid_t pid)
{
    return __atomic_load_n(&hold->taken, __ATOMIC_ACQUIRE) == 0 || is_gone(hold, pid);
}

/* Have all ended at some time since the round began? */
static bool all_ended(uint32_t round)
{
    bool all = true;
    pid_t pid = getpid();
    if (!mpr_lock_take(&state.lock))
        return false;
    for (struct mpr_hold *hold = state.used; hold; hold = hold->next) {
        if (hold->waited != round && has_ended(hold, pid))
            hold->waited = round;
        all = all && hold->waited == round;
    }
    mpr_lock_give(&state.lock);
    return all;
}

bool mpr_holds_wait(void)
{
    int saved = errno;
    uint32_t round = ++state.round;
    barrier();
    uint64_t since = mpr_clock_ns();
    bool all;
    while (!(all = all_ended(round)) && mpr_clock_ns() - since < PATIENCE_NS)
        sched_yield();
    errno = saved;
    return all;
}

void mpr_holds_forked(struct mpr_thread *thread)
{
    for (struct mpr_hold *hold = state.used, *next; hold; hold = next) {
        next = hold->next;
        hold->next = state.unused;
        state.unused = hold;
    }
    state.used = NULL;
    state.count = 0;
    state.has_barrier = false;
    thread->hold = NULL;
}
