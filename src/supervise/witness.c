/* SPDX-License-Identifier: MIT */
/* The witness: forked without exec, holds no descriptor of mprun's, dies with it. Its pending
 * signals are read in /proc; they cannot be taken out from there, so it is replaced once it has
 * some. */
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/proc.h"

/* Until nothing has come while there were two. */
#define REPLACEMENTS 4

/* Nobody's pipe stays open because of it. */
static void close_all_but(int low, int high)
{
    if (low > high) {
        int higher = low;
        low = high;
        high = higher;
    }
    if (low > 0)
        close_range(0, (unsigned)low - 1, 0);
    if (high > low + 1)
        close_range((unsigned)low + 1, (unsigned)high - 1, 0);
    close_range((unsigned)high + 1, ~0u, 0);
}

/* mprun is gone, so the target goes too. The kernel was asked for that, but forgets it when a
 * process changes its user, and the process can take it back. */
static void end_target(int target_fd)
{
    if (target_fd >= 0)
        syscall(SYS_pidfd_send_signal, target_fd, SIGKILL, NULL, 0);
    _exit(0);
}

static void outlive(int mprun_fd, int target_fd)
{
    struct pollfd item = {.fd = mprun_fd, .events = POLLIN};
    close_all_but(mprun_fd, target_fd);
    int status;
    do
        status = poll(&item, 1, -1);
    while (status < 0 && errno == EINTR);
    if (status == 1)
        end_target(target_fd);
    _exit(0);
}

static void stand_by(const struct mpr_witness *witness, pid_t parent)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    int mprun_fd = witness->target_fd >= 0 ? (int)syscall(SYS_pidfd_open, parent, 0) : -1;
    /* SIGCONT: whatever has stopped the group, this process sees mprun's end. */
    int status = prctl(PR_SET_PDEATHSIG, mprun_fd >= 0 ? SIGCONT : SIGKILL);
    if (getppid() != parent)
        end_target(witness->target_fd);
    if (status < 0 && mprun_fd < 0)
        _exit(0);
    prctl(PR_SET_NAME, "witness");
    if (witness->own_size)
        memset(witness->own_words, 0, witness->own_size); /* /proc/PID/cmdline is this memory */
    if (mprun_fd >= 0)
        outlive(mprun_fd, witness->target_fd);
    close_range(0, ~0u, 0);
    for (;;)
        sigsuspend(&all);
}

static pid_t start(const struct mpr_witness *witness)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        stand_by(witness, parent);
    return pid > 0 ? pid : 0;
}

static void end(pid_t pid)
{
    if (pid <= 0 || kill(pid, SIGKILL) < 0)
        return; /* it ends with mprun */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

void mpr_witness_open(struct mpr_witness *witness)
{
    witness->pid = start(witness);
    witness->known = 0;
}

void mpr_witness_close(struct mpr_witness *witness)
{
    end(witness->pid);
    witness->pid = 0;
}

void mpr_witness_check(struct mpr_witness *witness)
{
    int status;
    if (witness->pid <= 0 || waitpid(witness->pid, &status, WNOHANG) != witness->pid)
        return;
    witness->pid = 0;
    if (WIFSIGNALED(status)) /* one that cannot stand by ends by itself, and so would the next */
        mpr_witness_open(witness);
}

static uint64_t pending(pid_t pid)
{
    char text[4096];
    uint64_t mask = 0;
    int fd = pid > 0 ? mpr_proc_open(pid, "status") : -1;
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
    if (fd >= 0)
        close(fd);
    if (len <= 0 || mpr_proc_parse_pending(text, (size_t)len, &mask) < 0)
        return 0;
    return mask;
}

/* The group is never without one: the new one stands by before the old one goes. What comes while
 * there are two they both have, and it counts once. */
static void replace(struct mpr_witness *witness)
{
    pid_t old = witness->pid;
    witness->pid = start(witness);
    uint64_t last = pending(old);
    witness->credit |= last & ~witness->known;
    witness->known = pending(witness->pid) & last;
    end(old);
}

bool mpr_witness_saw(struct mpr_witness *witness, int number)
{
    uint64_t bit = (uint64_t)1 << (number - 1);
    if (pending(witness->pid) & ~witness->known) {
        witness->idle = false;
        for (int i = 0; i == 0 || (witness->known && i < REPLACEMENTS); i++)
            replace(witness);
    }
    bool saw = (witness->credit & bit) != 0;
    witness->credit &= ~bit;
    return saw;
}

/* The witness may have had one a moment before mprun has. */
void mpr_witness_settle(struct mpr_witness *witness)
{
    if (witness->idle)
        witness->credit = 0;
    witness->idle = true;
}
