/* SPDX-License-Identifier: MIT */
/* The witness: forked without exec, holds no descriptor, dies with mprun. Its pending signals are
 * read in /proc; they cannot be taken out from there, so it is replaced once it has some. */
#include "witness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc.h"

static void stand_by(const struct mpr_witness *witness, pid_t parent)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(0);
    prctl(PR_SET_NAME, "witness");
    if (witness->own_size)
        memset(witness->own_words, 0, witness->own_size); /* /proc/PID/cmdline is this memory */
    close_range(0, ~0u, 0); /* nobody's pipe stays open because of it */
    for (;;)
        sigsuspend(&all);
}

void mpr_witness_open(struct mpr_witness *witness)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        stand_by(witness, parent);
    witness->pid = pid > 0 ? pid : 0;
}

void mpr_witness_close(struct mpr_witness *witness)
{
    if (witness->pid <= 0)
        return;
    kill(witness->pid, SIGKILL);
    while (waitpid(witness->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    witness->pid = 0;
}

void mpr_witness_check(struct mpr_witness *witness)
{
    if (witness->pid > 0 && waitpid(witness->pid, NULL, WNOHANG) == witness->pid)
        mpr_witness_open(witness);
}

static uint64_t pending(const struct mpr_witness *witness)
{
    char path[64];
    char text[4096];
    uint64_t mask = 0;
    snprintf(path, sizeof(path), "/proc/%ld/status", (long)witness->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof(text)) : -1;
    if (fd >= 0)
        close(fd);
    if (len <= 0 || mpr_proc_parse_pending(text, (size_t)len, &mask) < 0)
        return 0;
    return mask;
}

bool mpr_witness_saw(struct mpr_witness *witness, int number)
{
    uint64_t bit = (uint64_t)1 << (number - 1);
    uint64_t seen = witness->pid > 0 ? pending(witness) : 0;
    witness->credit |= seen;
    if (seen) {
        mpr_witness_close(witness);
        mpr_witness_open(witness);
    }
    bool saw = (witness->credit & bit) != 0;
    witness->credit &= ~bit;
    return saw;
}

void mpr_witness_settle(struct mpr_witness *witness)
{
    witness->credit = 0;
}
