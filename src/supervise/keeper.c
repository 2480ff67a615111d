/* SPDX-License-Identifier: MIT */
/* Forked without exec, in mprun's group and with its signals blocked: what is sent to all is not
 * for it. */
#include "keeper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two, one takes no more than this part of a processor. */
#define SHARE 100
/* Whether it has ended is looked for so often. */
#define LOOK_MS 100

void mpr_keeper_open(struct mpr_keeper *keeper, uint64_t now_ns)
{
    keeper->due_ns = now_ns + keeper->checkpoint.every_ns;
    keeper->pid = 0;
}

void mpr_keeper_close(struct mpr_keeper *keeper)
{
    while (keeper->pid > 0 && waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    keeper->pid = 0;
}

static uint64_t time_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

bool mpr_keeper_is_due(struct mpr_keeper *keeper, uint64_t now_ns)
{
    struct rusage usage;
    int status;
    if (keeper->checkpoint.every_ns == 0)
        return false;
    if (keeper->pid > 0 && wait4(keeper->pid, &status, WNOHANG, &usage) == keeper->pid) {
        uint64_t pause = SHARE * (time_ns(usage.ru_utime) + time_ns(usage.ru_stime));
        keeper->due_ns =
            now_ns + (pause > keeper->checkpoint.every_ns ? pause : keeper->checkpoint.every_ns);
        keeper->pid = 0;
        keeper->failed = status != 0;
    }
    return keeper->pid == 0 && now_ns >= keeper->due_ns;
}

int mpr_keeper_wait_ms(const struct mpr_keeper *keeper, uint64_t now_ns)
{
    if (keeper->checkpoint.every_ns == 0)
        return -1;
    if (keeper->pid > 0)
        return LOOK_MS;
    uint64_t ms = keeper->due_ns > now_ns ? (keeper->due_ns - now_ns) / 1000000 + 1 : 0;
    return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

bool mpr_keeper_fork(struct mpr_keeper *keeper, const struct mpr_witness *witness)
{
    pid_t mprun = getpid(), pid = fork();
    if (pid != 0) {
        keeper->due_ns += keeper->checkpoint.every_ns; /* where no process is to be had */
        keeper->pid = pid > 0 ? pid : 0;
        return false;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != mprun)
        _exit(0);
    prctl(PR_SET_NAME, "checkpoint");
    if (witness->own_size)
        memset(witness->own_words, 0, witness->own_size);
    return true;
}

void mpr_keeper_write(const struct mpr_keeper *keeper, const struct mpr_outcome *so_far)
{
    bool news = !keeper->failed;
    _exit(keeper->checkpoint.write(keeper->checkpoint.data, so_far, news) ? 0 : 1);
}
