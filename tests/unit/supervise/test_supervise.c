/* SPDX-License-Identifier: MIT */
/* Parsers of /proc texts, and the supervisor over small children. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/proc.h"
#include "mprun/supervise.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static void test_supervise_statm_gives_resident_pages(void **state)
{
    (void)state;
    uint64_t pages = 7;
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 2401 1254 737 0 1210 0\n"), &pages), MPR_OK);
    assert_int_equal(pages, 2401);
    assert_int_equal(mpr_proc_parse_statm(BYTES("0 0 0 0 0 0 0\n"), &pages), MPR_OK);
    assert_int_equal(pages, 0);
}

static void test_supervise_statm_refuses_damage(void **state)
{
    (void)state;
    uint64_t pages = 7;
    assert_int_equal(mpr_proc_parse_statm(BYTES(""), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 24"), &pages), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_statm(BYTES("4177 -1 0"), &pages), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_proc_parse_statm(BYTES("1 99999999999999999999 0"), &pages), MPR_ERR_INVALID);
    assert_int_equal(pages, 7);
}

static const char status_text[] = "Name:\tVmHWM:\n"
                                  "State:\tS (sleeping)\n"
                                  "VmPeak:\t   16740 kB\n"
                                  "VmHWM:\t    9604 kB\n"
                                  "VmRSS:\t    9500 kB\n";

static void test_supervise_status_field_in_bytes(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    assert_int_equal(mpr_proc_parse_status(BYTES(status_text), "VmHWM", &bytes), MPR_OK);
    assert_int_equal(bytes, 9604 * 1024);
    assert_int_equal(mpr_proc_parse_status(BYTES(status_text), "VmRSS", &bytes), MPR_OK);
    assert_int_equal(bytes, 9500 * 1024);
}

static void test_supervise_status_refuses_damage(void **state)
{
    (void)state;
    uint64_t bytes = 7;
    assert_int_equal(
        mpr_proc_parse_status(BYTES("State:\tZ (zombie)\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_status(BYTES("VmHWM:\t 96"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_proc_parse_status(BYTES("VmHWM:\t 96 MB\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_proc_parse_status(BYTES("VmHWM:\t kB\n"), "VmHWM", &bytes), MPR_ERR_INVALID);
    assert_int_equal(bytes, 7);
}

static void test_supervise_pid_as_proc_has_it(void **state)
{
    (void)state;
    uint64_t pid = 7;
    assert_int_equal(
        mpr_proc_parse_pid(BYTES("pos:\t0\nflags:\t02\nPid:\t4711\nNSpid:\t4711\t2\n"), &pid),
        MPR_OK);
    assert_int_equal(pid, 4711);
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t0\nNSpid:\t0\n"), &pid),
        MPR_ERR_INVALID); /* not to be seen there */
    assert_int_equal(
        mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t-1\n"), &pid), MPR_ERR_INVALID); /* gone */
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nNSpid:\t3\n"), &pid), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pid(BYTES("pos:\t0\nPid:\t12"), &pid), MPR_ERR_INVALID);
    assert_int_equal(pid, 4711);
}

static void test_supervise_state_behind_any_name(void **state)
{
    (void)state;
    char letter = '?';
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (python3) S 1 2\n"), &letter), MPR_OK);
    assert_int_equal(letter, 'S');
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (a) S (b) T 1 2\n"), &letter), MPR_OK);
    assert_int_equal(letter, 'T');
    assert_int_equal(mpr_proc_parse_state(BYTES("12 (python3)"), &letter), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_state(BYTES(""), &letter), MPR_ERR_INVALID);
}

static void test_supervise_pending_mask(void **state)
{
    (void)state;
    uint64_t mask = 7;
    assert_int_equal(
        mpr_proc_parse_pending(BYTES("SigPnd:\t01\nShdPnd:\t80000000000048Fe\nx"), &mask), MPR_OK);
    assert_int_equal(mask, 0x80000000000048fe);
    mask = 7;
    assert_int_equal(mpr_proc_parse_pending(BYTES("SigPnd:\t01\n"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pending(BYTES("a\nShdPnd:\t"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mpr_proc_parse_pending(BYTES("a\nShdPnd:\t\n"), &mask), MPR_ERR_INVALID);
    assert_int_equal(mask, 7);
}

/* --- the supervisor --- */

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
    assert_int_equal(mpr_supervisor_run(supervisor, pid, NULL, outcome, &err), MPR_OK);
    mpr_supervisor_close(supervisor);
    return outcome;
}

static void test_supervise_passes_each_signal_once(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    sigset_t mask;
    int ready[2];
    sigprocmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), MPR_OK);
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

static void test_supervise_reports_the_signal_that_ended_it(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), MPR_OK);
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

static void test_supervise_waits_although_children_were_ignored(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    signal(SIGCHLD, SIG_IGN);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), MPR_OK);
    pid_t pid = fork();
    if (pid == 0)
        _exit(5);
    struct mpr_outcome *outcome = supervise(supervisor, pid);
    assert_int_equal(WEXITSTATUS(outcome->wait_status), 5);
    assert_ptr_equal(signal(SIGCHLD, SIG_DFL), SIG_IGN);
    free(outcome);
}

static void test_supervise_close_restores_the_mask_and_drops_signals(void **state)
{
    (void)state;
    struct mpr_supervisor *supervisor;
    sigset_t before, after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(mpr_supervisor_open(1000000, &supervisor, NULL), MPR_OK);
    kill(getpid(), SIGTERM); /* would end this test if it were still pending afterwards */
    mpr_supervisor_close(supervisor);
    sigprocmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
    mpr_supervisor_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_supervise_statm_gives_resident_pages),
        cmocka_unit_test(test_supervise_statm_refuses_damage),
        cmocka_unit_test(test_supervise_status_field_in_bytes),
        cmocka_unit_test(test_supervise_status_refuses_damage),
        cmocka_unit_test(test_supervise_pid_as_proc_has_it),
        cmocka_unit_test(test_supervise_state_behind_any_name),
        cmocka_unit_test(test_supervise_pending_mask),
        cmocka_unit_test(test_supervise_passes_each_signal_once),
        cmocka_unit_test(test_supervise_reports_the_signal_that_ended_it),
        cmocka_unit_test(test_supervise_waits_although_children_were_ignored),
        cmocka_unit_test(test_supervise_close_restores_the_mask_and_drops_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
