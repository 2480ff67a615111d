/* SPDX-License-Identifier: MIT */
/* `mprun watch CONTROL PID -o FILE`: reads a session that begins within a Python that runs. The
 * program starts it, waits for the process that it started, which ends at once, and has no child
 * then: the one that reads has a session of its own, and no descriptor but those that it needs. It
 * outlives the program. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "message.h"
#include "mprun/number.h"
#include "mprun/reading.h"
#include "mprun/supervise.h"
#include "mprun/watch.h"
#include "option_table.h"
#include "options.h"
#include "output.h"
#include "render.h"
#include "watched.h"

#define TRIES 3
#define END_MS 1000
#define CMDLINE_MAX ((size_t)256 << 10)

struct watch {
    const struct mpr_options *options;
    int control_fd, pid_fd, recording_fd;
    pid_t pid;
    struct mpr_rec_reader *reader;
    struct mpr_watch_recording recording;
    struct mpr_sampler sampler;
    struct mpr_outcome outcome; /* of it: clocks and timeline */
    /* Of the program, as it was at the start. */
    char *cwd, *executable, *words;
    const char **command;
    const char *code;       /* in `command` */
    char *file;             /* where the profile goes */
    uint64_t checkpoint_at; /* CLOCK_MONOTONIC */
    pid_t keeper;           /* writes a checkpoint; 0: none does */
    bool gone;              /* the program has died */
};

/* --- who asks --- */

/* The pair is of the process that is to be measured, which is the user's. */
static int check_caller(const struct watch *watch, struct mpr_error *err)
{
    struct ucred maker;
    socklen_t size = sizeof maker;
    int type = 0;
    socklen_t type_size = sizeof type;
    if (getsockopt(watch->control_fd, SOL_SOCKET, SO_TYPE, &type, &type_size) < 0 ||
        type != SOCK_SEQPACKET ||
        getsockopt(watch->control_fd, SOL_SOCKET, SO_PEERCRED, &maker, &size) < 0)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "mprun watch: descriptor %d is no pair of sockets (AF_UNIX, SOCK_SEQPACKET); Python "
            "programs start it by the package mprun",
            watch->control_fd);
    if (maker.pid != watch->pid || maker.uid != geteuid())
        return mpr_error_set(err, MPR_ERR_INVALID, "mprun watch: the sockets are not of process %d",
            (int)watch->pid);
    return 0;
}

/* --- what is known of the program --- */

static char *read_link(pid_t pid, const char *name)
{
    char path[64], target[4096];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len < 0)
        return NULL;
    target[len] = '\0';
    return mpr_strdup(target);
}

static size_t read_words(pid_t pid, char *text, size_t size)
{
    char path[64];
    size_t len = 0;
    ssize_t got = 1;
    snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && got > 0 && len < size - 1) {
        got = read(fd, text + len, size - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    text[len] = '\0';
    return len;
}

/* Behind the interpreter's name; that name where there is nothing. */
static int learn_command(struct watch *watch)
{
    size_t count = 0, first;
    watch->words = malloc(CMDLINE_MAX);
    size_t len = watch->words ? read_words(watch->pid, watch->words, CMDLINE_MAX) : 0;
    watch->command = calloc(len + 2, sizeof *watch->command);
    if (!watch->words || !watch->command)
        return MPR_ERR_NOMEM;
    for (size_t at = 0; at < len; at += strlen(watch->words + at) + 1)
        watch->command[count++] = watch->words + at;
    first = count > 1;
    memmove(watch->command, watch->command + first, (count - first) * sizeof *watch->command);
    watch->command[count - first] = NULL;
    if (count == 0)
        watch->command[0] = "python";
    if (count > 2 && strcmp(watch->command[0], "-c") == 0)
        watch->code = watch->command[1];
    return 0;
}

static int learn(struct watch *watch, struct mpr_error *err)
{
    watch->cwd = read_link(watch->pid, "cwd");
    watch->executable = read_link(watch->pid, "exe");
    mpr_timeline_init(&watch->outcome.timeline);
    clock_gettime(CLOCK_REALTIME, &watch->outcome.started);
    watch->outcome.start_ns = mpr_monotonic_ns();
    if (learn_command(watch) < 0)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    return 0;
}

/* --- the profile --- */

static int build(const struct watch *watch, struct mpr_rec_reader *reader, bool running,
    struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct mpr_run facts = {
        .command = watch->command,
        .code = watch->code,
        .cwd = watch->cwd ? watch->cwd : "/",
        .interpreter = watch->executable ? watch->executable : "python",
        .started = watch->outcome.started,
        .start_ns = watch->outcome.start_ns,
        .end = mpr_rec_moment_now(false),
        .running = running,
        .unwaited = watch->gone,
        .maxrss = watch->sampler.hwm_seen,
        .hwm_seen = watch->sampler.hwm_seen,
        .unseen = watch->sampler.statm_fd < 0,
        .interval_ns = watch->options->interval_ns,
        .timeline = &watch->outcome.timeline,
    };
    facts.duration_ns = facts.end.ns - facts.start_ns;
    int status = mpr_profile_build(reader, &facts, ret_profile, err);
    if (status == 0 && watch->options->no_source)
        status = mpr_profile_leave_source_out(*ret_profile, err);
    return status == 0 ? mpr_profile_check(*ret_profile, err) : status;
}

static int write_profile(const struct watch *watch, const struct mpr_profile *profile,
    const char *path, struct mpr_error *err)
{
    struct mpr_output output = {.fd = -1};
    struct mpr_view *view = NULL;
    int status = mpr_view_new(profile, &(struct mpr_view_options){0}, &view, err);
    if (status == 0)
        status = mpr_output_open(path, NULL, &output, err);
    if (status == 0)
        status = mpr_render(watch->options, watch->options->format, view, &output, err);
    mpr_output_release(&output);
    mpr_view_free(view);
    return status;
}

/* What a program writes meanwhile may contradict itself; a moment later it does not. */
static int write_what_is(
    const struct watch *watch, bool running, const char *path, struct mpr_error *err)
{
    int status = MPR_ERR_CORRUPT;
    for (int i = 0; status == MPR_ERR_CORRUPT && i < TRIES; i++) {
        struct mpr_rec_reader *reader = NULL;
        struct mpr_profile *profile = NULL;
        status = mpr_rec_open(watch->recording_fd, &reader, err);
        if (status == 0)
            mpr_rec_settle(reader, watch->recording_fd);
        if (status == 0)
            status = build(watch, reader, running, &profile, err);
        if (status == 0)
            status = write_profile(watch, profile, path, err);
        mpr_profile_free(profile);
        mpr_rec_close(reader);
    }
    return status;
}

/* --- while it runs --- */

static void keep(struct watch *watch)
{
    uint64_t now = mpr_monotonic_ns();
    if (watch->keeper > 0 && waitpid(watch->keeper, NULL, WNOHANG) != 0)
        watch->keeper = 0;
    if (!watch->options->checkpoint_ns || watch->keeper || now < watch->checkpoint_at)
        return;
    watch->checkpoint_at = now + watch->options->checkpoint_ns;
    watch->keeper = fork();
    if (watch->keeper == 0) {
        struct mpr_error err = {""};
        close(watch->control_fd);
        _exit(write_what_is(watch, true, watch->file, &err) < 0);
    }
}

static void wait_for_keeper(struct watch *watch)
{
    while (watch->keeper > 0 && waitpid(watch->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    watch->keeper = 0;
}

/* The other end is closed: by the end of the program, as a rule, which is to be seen a moment
 * later.
 */
static void look_for_end(struct watch *watch)
{
    struct pollfd item = {.fd = watch->pid_fd, .events = POLLIN};
    watch->gone = poll(&item, 1, END_MS) == 1;
}

/* The last profile: nobody writes behind it. */
static void finish(struct watch *watch)
{
    struct mpr_error err = {""};
    wait_for_keeper(watch);
    mpr_request_answer(watch->control_fd, write_what_is(watch, false, watch->file, &err), &err);
}

static int go_elsewhere(struct watch *watch, const char *path, struct mpr_error *err)
{
    char *file = mpr_strdup(path);
    if (!file)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    wait_for_keeper(watch);
    free(watch->file);
    watch->file = file;
    return 0;
}

static void do_with_path(struct watch *watch, enum mpr_request request, const char *path)
{
    struct mpr_error err = {""};
    int status;
    if (path[0] != '/')
        status = mpr_error_set(&err, MPR_ERR_INVALID, "'%s': the path is not absolute", path);
    else if (request == MPR_REQUEST_KEEP)
        status = go_elsewhere(watch, path, &err);
    else
        status = write_what_is(watch, true, path, &err);
    mpr_request_answer(watch->control_fd, status, &err);
}

/* False: that was the last one. */
static bool obey(struct watch *watch)
{
    char text[MPR_PACKET_MAX + 1];
    struct mpr_error err = {""};
    const char *argument;
    enum mpr_request request = mpr_request_take(watch->control_fd, text, &argument);
    mpr_sampler_take_last(&watch->sampler);
    switch (request) {
    case MPR_REQUEST_SNAPSHOT:
    case MPR_REQUEST_KEEP:
        do_with_path(watch, request, argument);
        return true;
    case MPR_REQUEST_DROP:
        wait_for_keeper(watch);
        return false;
    case MPR_REQUEST_GONE:
        look_for_end(watch);
        finish(watch);
        return false;
    case MPR_REQUEST_STOP:
        finish(watch);
        return false;
    case MPR_REQUEST_UNKNOWN:
        break;
    }
    mpr_request_answer(watch->control_fd,
        mpr_error_set(&err, MPR_ERR_INVALID, "the packet is none of snapshot, keep, stop, drop"),
        &err);
    return true;
}

static void loop(struct watch *watch)
{
    int interval_ms = (int)(watch->options->interval_ns / 1000000u);
    for (;;) {
        struct pollfd items[] = {
            {.fd = watch->control_fd, .events = POLLIN},
            {.fd = watch->pid_fd, .events = POLLIN},
        };
        int count = poll(items, 2, interval_ms);
        if (count > 0 && items[0].revents & POLLIN) {
            if (!obey(watch))
                return;
        } else if (count > 0) { /* it has died, or has hung up */
            look_for_end(watch);
            finish(watch);
            return;
        } else {
            mpr_sampler_take(&watch->sampler);
            keep(watch);
        }
    }
}

/* --- the command --- */

/* Whoever started it is the parent of another process, and waits for that. */
static void leave_home(struct watch *watch)
{
    pid_t pid = fork();
    if (pid > 0)
        _exit(0);
    if (pid < 0)
        return;
    setsid();
    umask(077);
    if (watch->control_fd != 3)
        dup2(watch->control_fd, 3);
    watch->control_fd = 3;
    close_range(4, ~0u, 0);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    for (int fd = 0; fd < 3; fd++)
        mpr_open_nothing();
    fcntl(watch->control_fd, F_SETFD, FD_CLOEXEC);
}

static int begin(struct watch *watch, struct mpr_error *err)
{
    const struct mpr_options *options = watch->options;
    uint32_t settings = options->no_heap ? MPR_REC_NO_HEAP : 0;
    int status = learn(watch, err);
    watch->file = mpr_strdup(options->output);
    if (status == 0 && !watch->file)
        status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    watch->pid_fd = (int)syscall(SYS_pidfd_open, watch->pid, 0);
    if (status == 0 && watch->pid_fd < 0)
        return mpr_error_set(err, MPR_ERR_IO, "process %d cannot be watched (pidfd_open): %s",
            (int)watch->pid, strerror(errno));
    if (status == 0)
        status = mpr_rec_create(options->patterns, options->pattern_count, settings, options->rss,
            &watch->recording_fd, err);
    if (status == 0)
        status = mpr_rec_open(watch->recording_fd, &watch->reader, err);
    if (status < 0)
        return status;
    const struct mpr_watch_source source =
        mpr_watch_recording_source(&watch->recording, watch->reader);
    mpr_sampler_open(
        &watch->sampler, watch->pid, watch->outcome.start_ns, &source, &watch->outcome.timeline);
    watch->checkpoint_at = mpr_monotonic_ns() + options->checkpoint_ns;
    return mpr_request_ready(watch->control_fd, watch->recording_fd, err);
}

static struct mpr_ending run(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct mpr_error err = {""};
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    watch->options = options;
    watch->control_fd = options->watched[0];
    watch->pid = options->watched[1];
    watch->pid_fd = watch->recording_fd = -1;
    if (check_caller(watch, &err) < 0) {
        mpr_say("%s", err.message);
        free(watch);
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    }
    leave_home(watch);
    int status = begin(watch, &err);
    if (status == 0)
        loop(watch);
    else
        mpr_request_answer(watch->control_fd, status, &err);
    _exit(status < 0 ? MPR_STATUS_FAILED : 0); /* what it holds ends with it */
}

static int take(struct mpr_options *options, const char *word, struct mpr_error *err)
{
    char *end;
    if (options->watched_count == 2)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "mprun watch CONTROL PID: '%s' is one word too many", word);
    long number = strtol(word, &end, 10);
    if (end == word || *end || number < 0 || number > INT32_MAX)
        return mpr_error_set(
            err, MPR_ERR_INVALID, "mprun watch CONTROL PID: '%s' is no number", word);
    options->watched[options->watched_count++] = (int)number;
    return 0;
}

static int settle(struct mpr_options *options, struct mpr_error *err)
{
    if (options->watched_count < 2)
        return mpr_error_set(err, MPR_ERR_INVALID,
            "mprun watch CONTROL PID: a socket's descriptor and a process; Python programs start "
            "it by the package mprun");
    if (!options->output || options->output[0] != '/')
        return mpr_error_set(
            err, MPR_ERR_INVALID, "mprun watch needs -o FILE, a path that is absolute");
    if (!options->format)
        options->format = mpr_format_by_name("store");
    return 0;
}

static const struct mpr_option *const groups[] = {mpr_options_selection, mpr_options_output,
    mpr_options_measure, mpr_options_sampling, mpr_options_general, NULL};

const struct mpr_command mpr_command_watch = {
    .name = "watch",
    .synopsis = "CONTROL PID -o FILE [OPTIONS]",
    .help = "read a session that a Python program begins in its own process; the package mprun "
            "starts it",
    .options = groups,
    .take = take,
    .settle = settle,
    .run = run,
};
