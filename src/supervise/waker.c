/* SPDX-License-Identifier: MIT */
/* The waker: forked without exec, in a session of its own, since what stops the group must not stop
 * it too. It looks at /proc now and then: only a parent is told of stops, and that is mprun. */
#include "waker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/proc.h"

/* From the first look to the rare ones at a job that stays stopped for days. */
#define FIRST_LOOK_MS 2
#define RARE_LOOK_MS 200

bool mpr_is_stopped(pid_t pid)
{
    char text[512];
    char state = '?';
    int fd = mpr_proc_open(pid, "stat");
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text) : -1;
    if (fd >= 0)
        close(fd);
    return len > 0 && mpr_proc_parse_state(text, (size_t)len, &state) == 0 && state == 'T';
}

static void stand_by(pid_t mprun, pid_t target)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != mprun)
        _exit(0);
    prctl(PR_SET_NAME, "waker"); /* kill by mprun's name does not mean this process */
    setsid();
    close_range(0, ~0u, 0); /* nobody's pipe stays open because of it */
    for (int pause_ms = FIRST_LOOK_MS;; pause_ms += pause_ms < RARE_LOOK_MS) {
        if (!mpr_is_stopped(target) && mpr_is_stopped(mprun))
            kill(mprun, SIGCONT);
        poll(NULL, 0, pause_ms);
    }
}

pid_t mpr_waker_open(pid_t target)
{
    pid_t mprun = getpid();
    if (!mpr_is_stopped(target))
        return 0;
    pid_t pid = fork();
    if (pid == 0)
        stand_by(mprun, target);
    return pid > 0 ? pid : 0;
}

void mpr_waker_close(pid_t waker)
{
    if (waker <= 0 || kill(waker, SIGKILL) < 0)
        return; /* it ends with mprun */
    while (waitpid(waker, NULL, 0) < 0 && errno == EINTR)
        ;
}
