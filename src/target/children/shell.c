/* SPDX-License-Identifier: MIT */
/* system() and popen(), which start the shell without a call that could be seen. */
#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "exec.h"

#define SHELL "/bin/sh"

extern char **environ;

/* While a command runs the caller ignores these two; several threads may have one. */
static struct {
    pthread_mutex_t lock;
    unsigned running;
    struct sigaction interrupt, quit;
} commands = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void ignore_signals(void)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    pthread_mutex_lock(&commands.lock);
    if (commands.running++ == 0) {
        sigaction(SIGINT, &ignored, &commands.interrupt);
        sigaction(SIGQUIT, &ignored, &commands.quit);
    }
    pthread_mutex_unlock(&commands.lock);
}

static void restore_signals(void)
{
    pthread_mutex_lock(&commands.lock);
    if (--commands.running == 0) {
        sigaction(SIGINT, &commands.interrupt, NULL);
        sigaction(SIGQUIT, &commands.quit, NULL);
    }
    pthread_mutex_unlock(&commands.lock);
}

/* "--" came with glibc 2.38. */
static bool shell_takes_end(void)
{
    int major = 0, minor = 0;
    return sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor) == 2 &&
           (major > 2 || minor >= 38);
}

static int spawn_shell(const char *command, char *const *given, const sigset_t *mask, pid_t *pid)
{
    posix_spawnattr_t attr;
    sigset_t defaults;
    char *argv[] = {"sh", "-c", "--", (char *)command, NULL};
    if (!shell_takes_end())
        argv[2] = argv[3], argv[3] = NULL;
    sigemptyset(&defaults);
    if (commands.interrupt.sa_handler != SIG_IGN)
        sigaddset(&defaults, SIGINT);
    if (commands.quit.sa_handler != SIG_IGN)
        sigaddset(&defaults, SIGQUIT);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, mask);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    mpr_spawn_function *next = (mpr_spawn_function *)mpr_exec_next(MPR_EXEC_SPAWN);
    int result = next(pid, SHELL, NULL, &attr, argv, given);
    posix_spawnattr_destroy(&attr);
    return result;
}

/* As the C library's, but for the environment, and that the wait cannot be cancelled. */
static int run_shell(const char *command, char *const *given)
{
    sigset_t child, mask;
    pid_t pid;
    int status, state, result;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    ignore_signals();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &child, &mask);
    int problem = spawn_shell(command, given, &mask, &pid);
    if (problem == 0) {
        mpr_exec_spawned();
        do
            result = waitpid(pid, &status, 0);
        while (result < 0 && errno == EINTR);
        if (result != pid)
            status = -1;
    } else {
        status = 127 << 8; /* as if the shell could not be executed */
    }
    int saved = problem ? problem : errno;
    restore_signals();
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_setcancelstate(state, NULL);
    errno = saved;
    return status;
}

MPR_EXEC_EXPORT int system(const char *command)
{
    struct mpr_children_file file = {AT_FDCWD, SHELL, false};
    int (*next)(const char *) = (int (*)(const char *))mpr_exec_next(MPR_EXEC_SYSTEM);
    MPR_EXEC_ROOM(environ);
    char *const *given = command ? mpr_children_give(&file, MPR_EXEC_OWN, room, size) : NULL;
    if (given)
        return run_shell(command, given);
    int result = next(command);
    if (command && result != -1)
        mpr_exec_spawned();
    return result;
}

/* Its stream is the C library's own kind: what it starts gets nothing. */
MPR_EXEC_EXPORT FILE *popen(const char *command, const char *type)
{
    FILE *(*next)(const char *, const char *) =
        (FILE * (*)(const char *, const char *)) mpr_exec_next(MPR_EXEC_POPEN);
    FILE *result = next(command, type);
    if (result)
        mpr_exec_spawned();
    return result;
}
