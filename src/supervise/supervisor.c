/* SPDX-License-Identifier: MIT */
/* The loop between exec and the target's end: one signal in, one out; stop and continue with the
 * target; sample on a timer. Works in one thread and without signal handlers. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper.h"
#include "mprun/proc.h"
#include "mprun/supervise.h"
#include "mprun/sys.h"
#include "mprun/watch.h"
#include "waker.h"
#include "witness.h"

/* After a job is continued, how long the kernel may take to wake the target too. */
#define CONTINUE_GRACE_MS 20
/* How long a process that signals one process after another (pkill) may need from mprun to the
 * last of them. */
#define SENDER_GRACE_MS 5
#define LOOK_NS 10000000 /* between two looks, where nothing can be waited for */

struct mpr_supervisor {
    int signal_fd;
    int timer_fd;
    sigset_t passed; /* signals that are taken by signal_fd */
    sigset_t old_mask;
    struct sigaction
        old_child; /* SIGCHLD may have been ignored, and then nothing can be waited for */
    uint64_t start_ns;
    struct timespec started;
    pid_t pid;
    bool resumed; /* the SIGCONT that ended mprun's stop is still to be read */
    bool ended;
    int wait_status;
    struct rusage usage;
    struct mpr_watch_recording recording;
    struct mpr_sampler sampler;
    struct mpr_supervisor_watcher watcher; /* all NULL: nobody */
    struct mpr_witness witness;
    struct mpr_keeper keeper;
    struct mpr_outcome *outcome; /* the caller's: its timeline grows */
};

/* All but those that a bug in mprun itself would raise. */
static void choose_signals(sigset_t *ret_set)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    sigfillset(ret_set);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(ret_set, own[i]);
}

static int no_descriptor(const char *what, struct mpr_error *err)
{
    bool limited = errno == EMFILE;
    return mpr_error_set(err, MPR_ERR_IO, "cannot make %s: %s%s", what, strerror(errno),
        limited ? "; raise the limit with: ulimit -n 64" : "");
}

static int open_descriptors(
    struct mpr_supervisor *supervisor, uint64_t interval_ns, struct mpr_error *err)
{
    struct timespec interval = {
        .tv_sec = (time_t)(interval_ns / 1000000000u),
        .tv_nsec = (long)(interval_ns % 1000000000u),
    };
    struct itimerspec timer = {.it_interval = interval, .it_value = interval};
    supervisor->signal_fd = signalfd(-1, &supervisor->passed, SFD_CLOEXEC | SFD_NONBLOCK);
    if (supervisor->signal_fd < 0)
        return no_descriptor("a signalfd (signalfd4)", err);
    supervisor->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (supervisor->timer_fd < 0 || timerfd_settime(supervisor->timer_fd, 0, &timer, NULL) < 0)
        return no_descriptor("a timer (timerfd_create, timerfd_settime)", err);
    return 0;
}

int mpr_supervisor_open(
    uint64_t interval_ns, struct mpr_supervisor **ret_supervisor, struct mpr_error *err)
{
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    struct mpr_supervisor *supervisor = calloc(1, sizeof *supervisor);
    if (!supervisor)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    supervisor->signal_fd = supervisor->timer_fd = -1;
    choose_signals(&supervisor->passed);
    sigprocmask(SIG_BLOCK, &supervisor->passed, &supervisor->old_mask);
    sigaction(SIGCHLD, &by_default, &supervisor->old_child);
    int status = open_descriptors(supervisor, interval_ns, err);
    if (status < 0) {
        mpr_supervisor_close(supervisor);
        return status;
    }
    mpr_sys_clock_gettime(CLOCK_REALTIME, &supervisor->started);
    supervisor->start_ns = mpr_monotonic_ns();
    *ret_supervisor = supervisor;
    return 0;
}

/* A process may have sent them for the target; when that is gone, so is their meaning. The same
 * Ctrl-C that ended the target must not end the report. */
static void drop_pending(struct mpr_supervisor *supervisor)
{
    struct signalfd_siginfo info;
    if (supervisor->signal_fd < 0)
        return;
    while (read(supervisor->signal_fd, &info, sizeof info) > 0)
        ;
}

void mpr_supervisor_hide(struct mpr_supervisor *supervisor, char *own_words, size_t own_size)
{
    supervisor->witness.own_words = own_words;
    supervisor->witness.own_size = own_size;
}

void mpr_supervisor_keep(struct mpr_supervisor *supervisor, const struct mpr_checkpoint *checkpoint)
{
    supervisor->keeper.checkpoint = *checkpoint;
}

void mpr_supervisor_watch(
    struct mpr_supervisor *supervisor, const struct mpr_supervisor_watcher *watcher)
{
    supervisor->watcher = *watcher;
}

/* A sample; before something that may be the target's end, in any case. */
static void take_sample(struct mpr_supervisor *supervisor, bool last)
{
    if (last)
        mpr_sampler_take_last(&supervisor->sampler);
    else
        mpr_sampler_take(&supervisor->sampler);
    if (supervisor->watcher.look)
        supervisor->watcher.look(supervisor->watcher.data, last);
}

void mpr_supervisor_close(struct mpr_supervisor *supervisor)
{
    if (!supervisor)
        return;
    drop_pending(supervisor);
    sigaction(SIGCHLD, &supervisor->old_child, NULL);
    sigprocmask(SIG_SETMASK, &supervisor->old_mask, NULL);
    if (supervisor->signal_fd >= 0)
        close(supervisor->signal_fd);
    if (supervisor->timer_fd >= 0)
        close(supervisor->timer_fd);
    free(supervisor);
}

/* Has something happened to it since its last stop was seen? It runs again, or did and is stopped
 * anew, or is gone. */
static bool has_moved(pid_t pid)
{
    const int any = WEXITED | WSTOPPED | WCONTINUED;
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &info, any | WNOHANG | WNOWAIT) != 0)
        return errno == ECHILD; /* else a filter of system calls: /proc has to tell */
    return info.si_pid == pid;
}

/* Whoever continued mprun may have continued the whole group: the target then must not be sent a
 * SIGCONT of its own, which it could see, and which would undo a stop that came meanwhile. */
static void continue_target(struct mpr_supervisor *supervisor)
{
    for (int i = 0; i < CONTINUE_GRACE_MS; i++) {
        if (has_moved(supervisor->pid) || !mpr_is_stopped(supervisor->pid))
            return;
        poll(NULL, 0, 1);
    }
    kill(supervisor->pid, SIGCONT);
}

/* The shell watches mprun, not the target: so mprun stops when the target did, however it came.
 * Without a waker only for the terminal's stops: a shell waits for that, and continues the group.
 */
static void stop_with_target(struct mpr_supervisor *supervisor, int number)
{
    pid_t waker = mpr_waker_open(supervisor->pid);
    if (!waker && (number == SIGSTOP || has_moved(supervisor->pid)))
        return;
    kill(getpid(), SIGSTOP);
    mpr_waker_close(waker);
    supervisor->resumed = true;
    continue_target(supervisor);
}

static int check_target(struct mpr_supervisor *supervisor, struct mpr_error *err)
{
    int status;
    struct rusage usage;
    while (!supervisor->ended) {
        pid_t got = wait4(supervisor->pid, &status, WNOHANG | WUNTRACED, &usage);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mpr_error_set(
                err, MPR_ERR_IO, "cannot wait for the program's end (wait4): %s", strerror(errno));
        if (got != supervisor->pid)
            return 0;
        if (WIFSTOPPED(status)) {
            stop_with_target(supervisor, WSTOPSIG(status));
            continue;
        }
        supervisor->ended = true;
        supervisor->wait_status = status;
        supervisor->usage = usage;
    }
    return 0;
}

/* Does the terminal send it, and always to the whole foreground group? What else the kernel sends
 * may be for one process: a hang-up is for the session's leader, a timer for its owner. */
static bool is_for_groups(int number)
{
    static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i] == number)
            return true;
    return false;
}

/* Has the target the signal already? Of a terminal's keys the whole group has; of others the
 * witness knows whether they went to the group, in which the target may not be. */
static bool has_it(struct mpr_supervisor *supervisor, const struct signalfd_siginfo *info)
{
    int number = (int)info->ssi_signo;
    bool saw = mpr_witness_saw(&supervisor->witness, number);
    if (info->ssi_code == SI_KERNEL && (is_for_groups(number) || number == SIGXCPU))
        return true; /* the processor time is mprun's own; the target has the same limit */
    if (!saw && info->ssi_code == SI_USER) {
        poll(NULL, 0, SENDER_GRACE_MS);
        saw = mpr_witness_saw(&supervisor->witness, number);
    }
    return saw && getpgid(supervisor->pid) == getpgrp();
}

static void pass_on(struct mpr_supervisor *supervisor, const struct signalfd_siginfo *info)
{
    int number = (int)info->ssi_signo;
    if (has_it(supervisor, info))
        return;
    take_sample(supervisor, true);
    if (info->ssi_code == SI_QUEUE) {
        union sigval value = {.sival_ptr = (void *)(uintptr_t)info->ssi_ptr};
        sigqueue(supervisor->pid, number, value);
    } else {
        kill(supervisor->pid, number);
    }
}

static void on_continue(struct mpr_supervisor *supervisor, const struct signalfd_siginfo *info)
{
    if (supervisor->resumed)
        mpr_witness_saw(&supervisor->witness, SIGCONT);
    else if (has_moved(supervisor->pid) || mpr_is_stopped(supervisor->pid))
        continue_target(supervisor);
    else
        pass_on(supervisor, info);
    supervisor->resumed = false;
}

static int on_signals(struct mpr_supervisor *supervisor, struct mpr_error *err)
{
    struct signalfd_siginfo info;
    int status = 0;
    while (
        status == 0 && !supervisor->ended && read(supervisor->signal_fd, &info, sizeof info) > 0) {
        if (info.ssi_signo == SIGCHLD && info.ssi_pid == (uint32_t)supervisor->pid)
            take_sample(supervisor, true);
        if (info.ssi_signo == SIGCHLD) {
            mpr_witness_check(&supervisor->witness);
            status = check_target(supervisor, err);
        } else if (info.ssi_signo == SIGCONT) {
            on_continue(supervisor, &info);
        } else {
            pass_on(supervisor, &info);
        }
    }
    return status;
}

static void on_timer(struct mpr_supervisor *supervisor)
{
    uint64_t expirations;
    if (read(supervisor->timer_fd, &expirations, sizeof expirations) > 0)
        take_sample(supervisor, false);
}

static void fill_outcome(const struct mpr_supervisor *supervisor, struct mpr_outcome *outcome)
{
    outcome->wait_status = supervisor->wait_status;
    outcome->maxrss = (int64_t)supervisor->usage.ru_maxrss * 1024;
    outcome->hwm_seen = supervisor->sampler.hwm_seen;
    outcome->unseen = supervisor->sampler.statm_fd < 0;
    outcome->started = supervisor->started;
    outcome->start_ns = supervisor->start_ns;
    outcome->end = mpr_rec_moment_now(false);
    outcome->duration_ns = outcome->end.ns - outcome->start_ns;
}

/* The process that writes has all of this as it is now. */
static void keep(struct mpr_supervisor *supervisor)
{
    if (supervisor->ended || !mpr_keeper_is_due(&supervisor->keeper, mpr_monotonic_ns()) ||
        !mpr_keeper_fork(&supervisor->keeper, &supervisor->witness))
        return;
    fill_outcome(supervisor, supervisor->outcome);
    mpr_keeper_write(&supervisor->keeper, supervisor->outcome);
}

static int loop(struct mpr_supervisor *supervisor, struct mpr_error *err)
{
    int status = check_target(supervisor, err);
    while (status == 0 && !supervisor->ended) {
        struct pollfd items[] = {
            {.fd = supervisor->signal_fd, .events = POLLIN},
            {.fd = supervisor->timer_fd, .events = POLLIN},
        };
        int wait_ms = mpr_keeper_wait_ms(&supervisor->keeper, mpr_monotonic_ns());
        if (poll(items, 2, wait_ms) < 0 && errno != EINTR) {
            /* The program is not to end because the kernel has no memory to wait for it with. */
            clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = LOOK_NS}, NULL);
            items[0].revents = items[1].revents = POLLIN;
        }
        if (items[1].revents)
            on_timer(supervisor);
        if (items[0].revents)
            status = on_signals(supervisor, err);
        else
            mpr_witness_settle(&supervisor->witness);
        if (status == 0)
            keep(supervisor);
    }
    return status;
}

int mpr_supervisor_run(struct mpr_supervisor *supervisor, pid_t pid,
    const struct mpr_rec_reader *reader, struct mpr_outcome *ret_outcome, struct mpr_error *err)
{
    supervisor->pid = pid;
    supervisor->outcome = ret_outcome;
    mpr_keeper_open(&supervisor->keeper, mpr_monotonic_ns());
    mpr_timeline_init(&ret_outcome->timeline);
    const struct mpr_watch_source source =
        mpr_watch_recording_source(&supervisor->recording, reader);
    mpr_sampler_open(
        &supervisor->sampler, pid, supervisor->start_ns, &source, &ret_outcome->timeline);
    if (supervisor->watcher.begin)
        supervisor->watcher.begin(supervisor->watcher.data, pid, supervisor->start_ns);
    int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
    supervisor->witness.target_fd = pid_fd;
    mpr_witness_open(&supervisor->witness);
    int status = loop(supervisor, err);
    if (status < 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    } else {
        fill_outcome(supervisor, ret_outcome);
    }
    mpr_keeper_close(&supervisor->keeper);
    mpr_witness_close(&supervisor->witness);
    if (pid_fd >= 0)
        close(pid_fd);
    mpr_sampler_close(&supervisor->sampler);
    return status;
}
