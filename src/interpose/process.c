/* SPDX-License-Identifier: MIT */
/* Counts the processes that the target starts, which are not measured, notes an exec that replaces
 * the target itself, and a new thread, whose first pages appear without the GIL. A vfork child
 * shares the target's memory and shows here by its pid; a forked one finds the probe page wiped and
 * was counted at the fork. */
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mprun/clock.h"
#include "mprun/probe.h"
#include "next.h"

static void count_child(void)
{
    if (mpr_probe->armed)
        __atomic_fetch_add(&mpr_probe->header->children, 1, __ATOMIC_RELAXED);
}

/* execvp tries one directory after the other: a child is counted once. */
static void before_exec(void)
{
    struct mpr_probe *probe = mpr_probe;
    if (!probe->armed)
        return;
    pid_t self = getpid();
    if (self == probe->pid) {
        probe->header->exec_ns = mpr_clock_ns();
    } else if (probe->last_child != self) {
        probe->last_child = self;
        count_child();
    }
}

static int exec_failed(int result)
{
    int saved = errno;
    struct mpr_probe *probe = mpr_probe;
    if (probe->armed && getpid() == probe->pid)
        probe->header->exec_ns = 0;
    errno = saved;
    return result;
}

MPR_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
    int (*next)(const char *, char *const[], char *const[]) =
        (int (*)(const char *, char *const[], char *const[]))mpr_next_of(MPR_NEXT_EXECVE);
    before_exec();
    return exec_failed(next(path, argv, envp));
}

MPR_EXPORT int execv(const char *path, char *const argv[])
{
    int (*next)(const char *, char *const[]) =
        (int (*)(const char *, char *const[]))mpr_next_of(MPR_NEXT_EXECV);
    before_exec();
    return exec_failed(next(path, argv));
}

MPR_EXPORT int execvp(const char *file, char *const argv[])
{
    int (*next)(const char *, char *const[]) =
        (int (*)(const char *, char *const[]))mpr_next_of(MPR_NEXT_EXECVP);
    before_exec();
    return exec_failed(next(file, argv));
}

MPR_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
    int (*next)(const char *, char *const[], char *const[]) =
        (int (*)(const char *, char *const[], char *const[]))mpr_next_of(MPR_NEXT_EXECVPE);
    before_exec();
    return exec_failed(next(file, argv, envp));
}

MPR_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
    int (*next)(int, char *const[], char *const[]) =
        (int (*)(int, char *const[], char *const[]))mpr_next_of(MPR_NEXT_FEXECVE);
    before_exec();
    return exec_failed(next(fd, argv, envp));
}

/* In the child the page is wiped and nothing is counted. */
MPR_EXPORT pid_t fork(void)
{
    pid_t (*next)(void) = (pid_t(*)(void))mpr_next_of(MPR_NEXT_FORK);
    pid_t pid = next();
    if (pid > 0)
        count_child();
    return pid;
}

MPR_EXPORT pid_t forkpty(
    int *terminal, char *name, const struct termios *settings, const struct winsize *size)
{
    pid_t (*next)(int *, char *, const struct termios *, const struct winsize *) = (pid_t(*)(int *,
        char *, const struct termios *, const struct winsize *))mpr_next_of(MPR_NEXT_FORKPTY);
    pid_t pid = next(terminal, name, settings, size);
    if (pid > 0)
        count_child();
    return pid;
}

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *,
    const posix_spawnattr_t *, char *const[], char *const[]);

MPR_EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
    const posix_spawn_file_actions_t *restrict actions, const posix_spawnattr_t *restrict attr,
    char *const argv[restrict], char *const envp[restrict])
{
    int result =
        ((spawn_fn *)mpr_next_of(MPR_NEXT_POSIX_SPAWN))(pid, path, actions, attr, argv, envp);
    if (result == 0)
        count_child();
    return result;
}

MPR_EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict file,
    const posix_spawn_file_actions_t *restrict actions, const posix_spawnattr_t *restrict attr,
    char *const argv[restrict], char *const envp[restrict])
{
    int result =
        ((spawn_fn *)mpr_next_of(MPR_NEXT_POSIX_SPAWNP))(pid, file, actions, attr, argv, envp);
    if (result == 0)
        count_child();
    return result;
}

MPR_EXPORT int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
    void *(*start)(void *), void *restrict argument)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))mpr_next_of(
            MPR_NEXT_PTHREAD_CREATE);
    struct mpr_probe *probe = mpr_probe;
    if (probe->armed)
        probe->unsettled_until = mpr_ticks(probe->ticks_are_ns) + probe->unsettled_ticks;
    return next(thread, attr, start, argument);
}

MPR_EXPORT int system(const char *command)
{
    int (*next)(const char *) = (int (*)(const char *))mpr_next_of(MPR_NEXT_SYSTEM);
    int result = next(command);
    if (command && result != -1)
        count_child();
    return result;
}

MPR_EXPORT FILE *popen(const char *command, const char *type)
{
    FILE *(*next)(const char *, const char *) =
        (FILE * (*)(const char *, const char *)) mpr_next_of(MPR_NEXT_POPEN);
    FILE *result = next(command, type);
    if (result)
        count_child();
    return result;
}
