/* SPDX-License-Identifier: MIT */
/* The supervisor over small children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/supervise.h"

static bool poll_fails;
static unsigned polls_failed;

/* By the linker, in the place of poll. */
int __real_poll(struct pollfd *items, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *items, nfds_t count, int timeout);

int __wrap_poll(struct pollfd *items, nfds_t count, int timeout)
{
    if (!poll_fails || count == 0)
        return __real_poll(items, count, timeout);
    polls_failed++;
    errno = ENOMEM;
    return -1;
}

static volatile sig_atomic_t seen;

static void on_usr1(int number)
{
    (void)number;
    seen++;
}

/* SIGTERM ends the counter with what it has counted. */
static void on_term(int number)
{
    (void)number;
    _exit(seen);
}

/* A child with the signal mask that the test was started with. */
static pid_t fork_counter(const sigset_t *mask, int ready_fd)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    signal(SIGUSR1, on_usr1);
    signal(SIGTERM, on_term);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (write(ready_fd, "", 1) != 1)
        _exit(99);
    for (;;)
        pause();
}

/* Sends the signals to mprun's side of the test as another process would. */
static pid_t fork_sender(pid_t supervisor, int ready_fd)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    char byte;
    if (read(ready_fd, &byte, 1) != 1)
        _exit(99);
    for (int i = 0; i < 3; i++) {
        kill(supervisor, SIGUSR1);
        usleep(30000);
    }
    kill(supervisor, SIGTERM);
    _exit(0);
}

static struct mpr_outcome *supervise(struct mpr_supervisor *supervisor, pid_t pid)
{
    struct mpr_error err = {""};
    struct mpr_outcome *outcome = calloc(1, sizeof(*outcome));
    assert_non_null(outcome);
    assert_int_equal(mpr_supervisor_run(supervisor, pid, NULL, outcome, &err), 0);
    mpr_supervisor_close(supervisor);
    return outcome;
}

static void test_supervisor_passes_each_signal_once(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    sigset_t mask;
    int ready[2];
    sigprocmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), 0);
    pid_t sender = fork_sender(getpid(), ready[0]);
    struct mpr_outcome *outcome = supervise(supervisor, fork_counter(&mask, ready[1]));
    assert_true(WIFEXITED(outcome->wait_status));
    assert_int_equal(WEXITSTATUS(outcome->wait_status), 3);
    assert_true(outcome->maxrss > 0);
    assert_true(outcome->duration_ns > 60000000);
    waitpid(sender, NULL, 0);
    free(outcome);
    close(ready[0]);
    close(ready[1]);
}

static void test_supervisor_reports_the_signal_that_ended_it(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), 0);
    pid_t pid = fork();
    if (pid == 0)
        raise(SIGKILL);
    struct mpr_rec_moment before = mpr_rec_moment_now(false);
    struct mpr_outcome *outcome = supervise(supervisor, pid);
    assert_true(WIFSIGNALED(outcome->wait_status));
    /* It died without leaving the moment of its end: that is when this was seen. */
    assert_true(outcome->end.tick > before.tick && outcome->end.ns > before.ns);
    assert_true(outcome->end.ns - outcome->start_ns == outcome->duration_ns);
    assert_int_equal(WTERMSIG(outcome->wait_status), SIGKILL);
    free(outcome);
}

static void test_supervisor_waits_although_children_were_ignored(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    signal(SIGCHLD, SIG_IGN);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    struct mpr_outcome *outcome = supervise(supervisor, pid);
    assert_int_equal(WEXITSTATUS(outcome->wait_status), 5);
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    free(outcome);
}

/* The kernel may have no memory to wait with: the program goes on, and is looked at now and then.
 */
static void test_supervisor_without_poll(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), 0);
    pid_t pid = fork();
    if (pid == 0) {
        usleep(50000);
        _exit(6);
    }
    poll_fails = true;
    struct mpr_outcome *outcome = supervise(supervisor, pid);
    poll_fails = false;
    assert_true(polls_failed > 0);
    assert_int_equal(WEXITSTATUS(outcome->wait_status), 6);
    free(outcome);
}

static void test_supervisor_close_restores_the_mask_and_drops_signals(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), 0);
    kill(getpid(), SIGTERM); /* would end this test if it were still pending afterwards */
    mpr_supervisor_close(supervisor);
    sigprocmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
    mpr_supervisor_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supervisor_passes_each_signal_once),
        cmocka_unit_test(test_supervisor_reports_the_signal_that_ended_it),
        cmocka_unit_test(test_supervisor_waits_although_children_were_ignored),
        cmocka_unit_test(test_supervisor_without_poll),
        cmocka_unit_test(test_supervisor_close_restores_the_mask_and_drops_signals),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
