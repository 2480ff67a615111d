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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "find.h"
#include "mprun/sys.h"

#define TIMEOUT_MS 10000
#define ANSWER_LIMIT 8192

static int64_t now_ms(void)
{
    struct timespec now;
    mpr_sys_clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int spawn_shim(
    const char *path, char *const *environment, int in_fd, int out_fd, pid_t *ret_pid)
{
    static const char question[] = "import sys; print(sys.executable)";
    char *const args[] = {(char *)path, "-I", "-S", "-c", (char *)question, NULL};
    posix_spawn_file_actions_t actions;
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc != 0)
        return rc;
    rc = posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn(ret_pid, path, &actions, NULL, args, environment);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

/* Read until the end of the answer; false when time is up. */
static bool read_answer(int fd, struct mpr_buf *answer)
{
    int64_t deadline = now_ms() + TIMEOUT_MS;
    for (;;) {
        struct pollfd item = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - now_ms();
        int ready = left > 0 ? poll(&item, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        char chunk[1024];
        ssize_t got = read(fd, chunk, sizeof(chunk));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return true;
        if (answer->len < ANSWER_LIMIT)
            mpr_buf_append(answer, chunk, (size_t)got);
    }
}

static int reap(pid_t pid)
{
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* One absolute path and a newline is an answer; anything else is not. */
static int judge(const char *path, struct mpr_buf *answer, int status, struct mpr_error *err)
{
    if (answer->failed)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    while (answer->len && strchr("\r\n", answer->data[answer->len - 1]))
        answer->data[--answer->len] = '\0';
    if (status == 0 && answer->len && answer->data[0] == '/' && !strchr(answer->data, '\n'))
        return MPR_OK;
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "%s is a script and did not say which interpreter it runs; name one with --python PATH",
        path);
}

int mpr_shim_resolve(
    const char *path, char *const *environment, char **ret_path, struct mpr_error *err)
{
    int pipe_fds[2];
    pid_t pid;
    struct mpr_buf answer;
    int nothing = mpr_open_nothing();
    if (nothing < 0 || pipe2(pipe_fds, O_CLOEXEC) < 0) {
        int rc = mpr_error_set(err, MPR_ERR_IO, "cannot make a pipe: %s", strerror(errno));
        if (nothing >= 0)
            close(nothing);
        return rc;
    }
    int failed = spawn_shim(path, environment, nothing, pipe_fds[1], &pid);
    close(nothing);
    close(pipe_fds[1]);
    if (failed) {
        close(pipe_fds[0]);
        return mpr_error_set(err, MPR_ERR_IO, "cannot run %s: %s", path, strerror(failed));
    }
    mpr_buf_init(&answer);
    bool in_time = read_answer(pipe_fds[0], &answer);
    close(pipe_fds[0]);
    if (!in_time)
        kill(pid, SIGKILL);
    int status = reap(pid);
    int rc = in_time ? judge(path, &answer, status, err)
                     : mpr_error_set(err, MPR_ERR_LIMIT,
                           "%s is a script and did not name its interpreter within ten seconds; "
                           "name one with --python PATH",
                           path);
    if (rc == MPR_OK) {
        *ret_path = mpr_buf_steal(&answer);
        if (!*ret_path)
            rc = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    mpr_buf_release(&answer);
    return rc;
}
