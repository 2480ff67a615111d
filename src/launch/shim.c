/* SPDX-License-Identifier: MIT */
/* Run a shim script once to learn which interpreter it starts. It sees the user's environment and
 * directory, since pyenv and its like choose by them; its complaints go to the user's stderr. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "find.h"
#include "mprun/sys.h"

#define TIMEOUT_MS 10000
#define ANSWER_LIMIT 8192
/* How often it is looked whether the shim has ended: while its output is open, which says so too
 * unless somebody else holds it; and once that is closed. */
#define LOOK_MS 20
#define LAST_LOOK_MS 1

static int64_t now_ms(void)
{
    struct timespec now;
    mpr_sys_clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* `ends`: what it reads from, and writes to. */
static int spawn_shim(
    const char *path, char *const *environment, const sigset_t *mask, int ends[2], pid_t *ret_pid)
{
    static const char question[] = "import sys; print(sys.executable)";
    char *const args[] = {(char *)path, "-I", "-S", "-c", (char *)question, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int status = posix_spawn_file_actions_init(&actions);
    if (status != 0)
        return status;
    status = posix_spawnattr_init(&attributes);
    if (status != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return status;
    }
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0); /* what it starts can be ended with it */
    posix_spawnattr_setsigmask(&attributes, mask);
    status = posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    if (status == 0)
        status = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (status == 0)
        status = posix_spawn(ret_pid, path, &actions, &attributes, args, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

/* A shim that has been started and is to answer. */
struct shim {
    pid_t pid;
    int out_fd;
    int signal_fd; /* readable when mprun is asked to end; -1: nobody says */
    struct mpr_buf answer;
    bool closed; /* nobody holds its output any more */
    bool reaped;
    int status; /* as wait(2) gives it; -1: it could not be waited for */
    int failed; /* the errno of that */
};

/* True if nothing is left to wait for. */
static bool reap(struct shim *shim, int flags)
{
    pid_t got;
    do
        got = waitpid(shim->pid, &shim->status, flags);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        shim->status = -1;
        shim->failed = errno;
    }
    shim->reaped = got != 0;
    return shim->reaped;
}

/* Not reaped, so that its number stays its own until its group has been ended. Where waitid is
 * refused there is only the other way. */
static bool has_ended(struct shim *shim)
{
    siginfo_t info = {0};
    int status;
    do
        status = waitid(P_PID, (id_t)shim->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    while (status < 0 && errno == EINTR);
    return status < 0 ? reap(shim, WNOHANG) : info.si_pid == shim->pid;
}

static void read_some(struct shim *shim)
{
    char chunk[1024];
    ssize_t got = read(shim->out_fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
        return;
    shim->closed = got <= 0;
    if (got > 0 && shim->answer.len < ANSWER_LIMIT)
        mpr_buf_append(&shim->answer, chunk, (size_t)got);
}

/* What it wrote before it ended; a job that it left behind may hold the pipe, and write, for ever.
 */
static void read_rest(struct shim *shim)
{
    struct pollfd item = {.fd = shim->out_fd, .events = POLLIN};
    while (!shim->closed && shim->answer.len < ANSWER_LIMIT && poll(&item, 1, 0) == 1)
        read_some(shim);
}

/* Read until its end; false when time is up, or when mprun is to end. */
static bool follow(struct shim *shim)
{
    int64_t deadline = now_ms() + TIMEOUT_MS;
    while (!has_ended(shim)) {
        struct pollfd items[] = {
            {.fd = shim->closed ? -1 : shim->out_fd, .events = POLLIN},
            {.fd = shim->signal_fd, .events = POLLIN},
        };
        if (now_ms() >= deadline ||
            (poll(items, 2, shim->closed ? LAST_LOOK_MS : LOOK_MS) < 0 && errno != EINTR))
            return false;
        if (items[1].revents)
            return false;
        if (items[0].revents)
            read_some(shim);
    }
    read_rest(shim);
    return true;
}

/* It and what it left behind. What cannot be ended (it runs as another user, a sandbox refuses it)
 * is not waited for. */
static void end_group(struct shim *shim, bool ended)
{
    bool killed = kill(-shim->pid, SIGKILL) == 0;
    if (!shim->reaped)
        reap(shim, ended || killed ? 0 : WNOHANG);
}

/* Does it end mprun? Not one that nohup has had ignored, or that is blocked for good. */
static bool would_end(int number, const sigset_t *blocked)
{
    static const int others[] = {SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD,
        SIGURG, SIGWINCH, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
    struct sigaction action;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (number == others[i])
            return false;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN &&
           sigismember(blocked, number) != 1;
}

/* Signals that end mprun are held back meanwhile: the shim's group is not the terminal's, so that
 * it would be left behind. They come once `old` is restored. */
static int hold_signals(sigset_t *ret_old)
{
    sigset_t held;
    sigemptyset(&held);
    sigemptyset(ret_old);
    sigprocmask(SIG_SETMASK, NULL, ret_old);
    for (int number = 1; number <= SIGRTMAX; number++)
        if (would_end(number, ret_old))
            sigaddset(&held, number);
    sigprocmask(SIG_BLOCK, &held, NULL);
    return signalfd(-1, &held, SFD_CLOEXEC);
}

/* One absolute path and a newline is an answer; anything else is not. */
static int judge(const char *path, struct shim *shim, struct mpr_error *err)
{
    struct mpr_buf *answer = &shim->answer;
    if (shim->failed)
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot wait for %s (wait4): %s", path, strerror(shim->failed));
    if (answer->failed)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    while (answer->len && strchr("\r\n", answer->data[answer->len - 1]))
        answer->data[--answer->len] = '\0';
    if (shim->status == 0 && answer->len && answer->data[0] == '/' && !strchr(answer->data, '\n'))
        return 0;
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "%s is a script and did not say which interpreter it runs; name one with --python PATH",
        path);
}

/* Start it, have its answer and end it. */
static int ask(const char *path, char *const *environment, const sigset_t *mask, struct shim *shim,
    struct mpr_error *err)
{
    int pipe_fds[2];
    int nothing = mpr_open_nothing();
    if (nothing < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0) {
        int status = mpr_error_set(err, MPR_ERR_IO, "cannot make a pipe: %s", strerror(errno));
        if (nothing >= 0)
            close(nothing);
        return status;
    }
    int failed = spawn_shim(path, environment, mask, (int[]){nothing, pipe_fds[1]}, &shim->pid);
    close(nothing);
    close(pipe_fds[1]);
    shim->out_fd = pipe_fds[0];
    bool in_time = !failed && follow(shim);
    if (!failed)
        end_group(shim, in_time);
    close(pipe_fds[0]);
    if (failed)
        return mpr_error_set(err, MPR_ERR_IO, "cannot run %s: %s", path, strerror(failed));
    if (in_time)
        return judge(path, shim, err);
    return mpr_error_set(err, MPR_ERR_LIMIT,
        "%s is a script and did not name its interpreter within ten seconds; name one with "
        "--python PATH",
        path);
}

int mpr_shim_resolve(
    const char *path, char *const *environment, char **ret_path, struct mpr_error *err)
{
    struct shim shim = {0};
    struct sigaction waited = {.sa_handler = SIG_DFL}, inherited;
    sigset_t old;
    mpr_buf_init(&shim.answer);
    shim.signal_fd = hold_signals(&old);
    sigaction(SIGCHLD, &waited, &inherited); /* ignored, no child could be waited for */
    int status = ask(path, environment, &old, &shim, err);
    sigaction(SIGCHLD, &inherited, NULL);
    if (shim.signal_fd >= 0)
        close(shim.signal_fd);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (status == 0) {
        *ret_path = mpr_buf_steal(&shim.answer);
        if (!*ret_path)
            status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    mpr_buf_release(&shim.answer);
    return status;
}
