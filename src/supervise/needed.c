/* SPDX-License-Identifier: MIT */
/* The system calls without which a program cannot be supervised, each tried once where it changes
 * nothing. A sandbox may refuse any of them, and found out later it would be a hang. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/supervise.h"

/* The C library takes these for calls that cannot fail, and hands the kernel's answer on. */
static int try_pids(void)
{
    pid_t worse = getpid() < getppid() ? getpid() : getppid();
    errno = worse < 0 ? -worse : 0;
    return worse < 0 ? -1 : 0;
}

static int try_signal(void)
{
    return kill(getpid(), 0);
}

static int try_mask(void)
{
    sigset_t none;
    sigemptyset(&none);
    return sigprocmask(SIG_BLOCK, &none, NULL);
}

static int try_action(void)
{
    struct sigaction action;
    return sigaction(SIGCHLD, NULL, &action);
}

/* No process is its own child. */
static int try_wait(void)
{
    return waitpid(getpid(), NULL, WNOHANG) < 0 && errno != ECHILD ? -1 : 0;
}

static int try_poll(void)
{
    return poll(NULL, 0, 0);
}

int mpr_supervisor_check(struct mpr_error *err)
{
    static const struct {
        int (*try)(void);
        const char *what;
        const char *name;
    } calls[] = {
        {try_pids, "ask for the number of a process", "getpid, getppid"},
        {try_signal, "send signals", "kill"},
        {try_mask, "hold signals back", "rt_sigprocmask"},
        {try_action, "choose what signals do", "rt_sigaction"},
        {try_wait, "wait for the program's end", "wait4"},
        {try_poll, "wait for signals", "poll"},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].try() < 0)
            return mpr_error_set(err, MPR_ERR_IO,
                "cannot %s (%s): %s; a sandbox (seccomp) must allow mprun this call", calls[i].what,
                calls[i].name, strerror(errno));
    return 0;
}
