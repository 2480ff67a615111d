/* SPDX-License-Identifier: MIT */
/* Fork and exec the target as the user's shell would have: signal mask, dispositions, timers and
 * closed descriptors as mprun was given them. A failed exec comes back through a close-on-exec
 * pipe. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start.h"

_Static_assert(ITIMER_REAL == 0 && ITIMER_VIRTUAL == 1 && ITIMER_PROF == 2, "timers are an array");

void mpr_inherited_signals(struct mpr_inherited *ret_inherited)
{
    sigemptyset(&ret_inherited->mask);
    sigprocmask(SIG_SETMASK, NULL, &ret_inherited->mask);
    sigemptyset(&ret_inherited->ignored);
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            sigaddset(&ret_inherited->ignored, number);
    }
}

static void restore_signals(const struct mpr_inherited *inherited)
{
    struct sigaction action = {0};
    for (int number = 1; number <= SIGRTMAX; number++) {
        action.sa_handler = sigismember(&inherited->ignored, number) == 1 ? SIG_IGN : SIG_DFL;
        sigaction(number, &action, NULL); /* fails for SIGKILL, SIGSTOP and glibc's own */
    }
    sigprocmask(SIG_SETMASK, &inherited->mask, NULL);
}

/* Disarmed here: what they have left goes on in the target. */
static void take_kept(struct mpr_start_kept *ret_kept)
{
    const struct itimerval none = {0};
    *ret_kept = (struct mpr_start_kept){0};
    for (int i = 0; i < 3; i++)
        setitimer((__itimer_which_t)i, &none, &ret_kept->timer[i]);
    prctl(PR_GET_CHILD_SUBREAPER, &ret_kept->is_subreaper);
}

static void give_kept(const struct mpr_start_kept *kept)
{
    if (kept->is_subreaper)
        prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int i = 0; i < 3; i++)
        setitimer((__itimer_which_t)i, &kept->timer[i], NULL);
}

/* In the child; only async-signal-safe calls. Returns the errno of what failed. */
static int become_target(const struct mpr_start_plan *plan)
{
    const struct mpr_inherited *inherited = plan->inherited;
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* where it may not be asked, the witness sees to it */
    if (getppid() != plan->parent)
        _exit(127); /* mprun died before the kernel was told: nobody waits for this process */
    if (plan->recording_fd >= 0 && fcntl(plan->recording_fd, F_SETFD, 0) < 0)
        return errno;
    for (int fd = 0; fd < 3; fd++)
        if (inherited->stdio_closed[fd])
            close(fd);
    mpr_environment_own_ids(&plan->ids);
    restore_signals(inherited);
    give_kept(&plan->kept);
    execve(plan->executable, plan->args, plan->environment);
    if (errno == ENOEXEC && plan->shell_args)
        execve(plan->shell_args[0], plan->shell_args, plan->environment);
    return errno;
}

/* The errno that the child reported, 0 once exec has closed the pipe. */
static int read_report(int fd)
{
    int failed = 0;
    ssize_t got;
    do
        got = read(fd, &failed, sizeof failed);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof failed ? failed : 0;
}

int mpr_start_fork(struct mpr_start_plan *plan, pid_t *ret_pid, struct mpr_error *err)
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot make a pipe: %s", strerror(errno));
    plan->parent = getpid();
    plan->report_fd = pipe_fds[1];
    take_kept(&plan->kept);
    pid_t pid = fork();
    if (pid == 0) {
        int failed = become_target(plan);
        ssize_t written = write(plan->report_fd, &failed, sizeof failed);
        _exit(written < 0 ? 126 : 127);
    }
    int fork_errno = errno;
    close(pipe_fds[1]);
    int failed = pid > 0 ? read_report(pipe_fds[0]) : fork_errno;
    close(pipe_fds[0]);
    if (pid < 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot fork: %s%s", strerror(failed),
            failed == EAGAIN ? "; is it the limit of processes (ulimit -u)?" : "");
    if (failed) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
        plan->exec_errno = failed;
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot run %s: %s", plan->executable, strerror(failed));
    }
    *ret_pid = pid;
    return 0;
}

/* argv[0] and python's command line behind it; the array is the caller's. */
static char **build_args(const struct mpr_launch *launch, const char *const *args)
{
    size_t count = 0;
    while (args[count])
        count++;
    char **built = calloc(count + 2, sizeof *built);
    if (!built)
        return NULL;
    built[0] = launch->argv0;
    memcpy(built + 1, args, count * sizeof *built);
    return built;
}

int mpr_launch_start(const struct mpr_launch *launch, const struct mpr_launch_start *start,
    pid_t *ret_pid, struct mpr_error *err)
{
    struct mpr_environment_extra extra = {
        .preload = launch->preload,
        .host_library = launch->host_library,
        .recording_fd = start->recording_fd,
    };
    struct mpr_start_plan plan = {
        .executable = launch->executable,
        .args = build_args(launch, start->args),
        .environment = mpr_environment_build(launch->environment, &extra),
        .inherited = start->inherited,
        .recording_fd = start->recording_fd,
    };
    bool ready =
        plan.args && plan.environment && mpr_environment_find_ids(plan.environment, &plan.ids);
    int status = ready ? mpr_start_fork(&plan, ret_pid, err)
                       : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    mpr_environment_free(plan.environment, launch->environment);
    free(plan.args);
    return status;
}
