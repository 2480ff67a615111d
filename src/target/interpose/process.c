/* SPDX-License-Identifier: MIT */
/* Counts the processes that the target starts, which are not measured, notes an exec that replaces
 * the target itself, and a new thread, whose first pages appear without the GIL. A vfork child
 * shares the target's memory and shows here by its pid; a forked one finds the probe page wiped and
 * was counted at the fork. */
#include <pthread.h>
#include <pty.h>
#include <unistd.h>

#include "mprun/children.h"
#include "mprun/clock.h"
#include "mprun/next.h"
#include "mprun/probe.h"

/* The recording, until end() is called with it; NULL: there is no session, or no more. */
static struct mpr_rec_header *begin(void)
{
    if (!mpr_probe->armed || !mpr_hold_begin(&mpr_thread_block))
        return NULL;
    struct mpr_rec_header *header = __atomic_load_n(&mpr_probe->header, __ATOMIC_RELAXED);
    if (!header)
        mpr_hold_end(&mpr_thread_block);
    return header;
}

static void end(const struct mpr_rec_header *header)
{
    if (header)
        mpr_hold_end(&mpr_thread_block);
}

static void count_child(void)
{
    struct mpr_rec_header *header = begin();
    if (header)
        __atomic_fetch_add(&header->processes.children, 1, __ATOMIC_RELAXED);
    end(header);
}

/* execvp tries one directory after the other: a child is counted once. */
static void exec_begins(void)
{
    struct mpr_probe *probe = mpr_probe;
    struct mpr_rec_header *header = begin();
    pid_t self = getpid();
    if (header && self == probe->pid) {
        header->processes.exec_ns = mpr_clock_ns();
    } else if (header && probe->last_child != self) {
        probe->last_child = self;
        count_child();
    }
    end(header);
}

static void exec_failed(void)
{
    struct mpr_rec_header *header = begin();
    if (header && getpid() == mpr_probe->pid)
        header->processes.exec_ns = 0;
    end(header);
}

static const struct mpr_exec_watch watch = {exec_begins, exec_failed, count_child};

__attribute__((constructor)) static void watch_exec(void)
{
    mpr_exec_start(&watch);
}

/* In the child the page is wiped and nothing is counted. */
static void forked(pid_t pid)
{
    if (pid > 0)
        count_child();
    else if (pid == 0)
        mpr_probe_forked();
}

MPR_EXPORT pid_t fork(void)
{
    pid_t (*next)(void) = (pid_t(*)(void))mpr_next_of(MPR_NEXT_FORK);
    pid_t pid = next();
    forked(pid);
    return pid;
}

MPR_EXPORT pid_t forkpty(
    int *terminal, char *name, const struct termios *settings, const struct winsize *size)
{
    pid_t (*next)(int *, char *, const struct termios *, const struct winsize *) = (pid_t(*)(int *,
        char *, const struct termios *, const struct winsize *))mpr_next_of(MPR_NEXT_FORKPTY);
    pid_t pid = next(terminal, name, settings, size);
    forked(pid);
    return pid;
}

MPR_EXPORT int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
    void *(*start)(void *), void *restrict argument)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))mpr_next_of(
            MPR_NEXT_PTHREAD_CREATE);
    struct mpr_probe *probe = mpr_probe;
    if (probe->armed)
        probe->gate.unsettled_until = mpr_ticks(probe->ticks_are_ns) + probe->gate.unsettled_ticks;
    return next(thread, attr, start, argument);
}
