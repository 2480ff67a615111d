/* SPDX-License-Identifier: MIT */
/* Signals while the report is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "interrupt.h"
#include "own_folder.h"

/* In a child, which ends by what the test then finds. */
static pid_t fork_writer(const char *temporary)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        mpr_interrupt_hold(temporary);
        if (write(ready[1], "", 1) == 1)
            for (int i = 0; i < 1000; i++)
                usleep(10000); /* a signal ends one of them */
        _exit(7);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static int ended(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* Ask until it ends: where the machine is busy, it may have seen the first signal only now, and
 * takes what follows at once for the same. */
static int ask(pid_t pid, int signal)
{
    int status = 0;
    for (int i = 0; i < 25; i++) {
        kill(pid, signal);
        usleep(200000);
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status;
    }
    fail_msg("it was asked for five seconds");
    return status;
}

/* Asked once it goes on; asked again, it gives up and leaves nothing behind. */
static void test_interrupt_twice_gives_up(void **state)
{
    (void)state;
    write_file("temporary", "half", 0600);
    pid_t pid = fork_writer("temporary");
    kill(pid, SIGINT);
    usleep(150000);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    assert_int_equal(access("temporary", F_OK), 0);
    int status = ask(pid, SIGTERM);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_int_not_equal(access("temporary", F_OK), 0);
}

/* Who signals a process and then its group (timeout) has asked once. (Where the machine is busy,
 * the second one may come late.) */
static void test_interrupt_twice_at_once_is_once(void **state)
{
    bool survived = false;
    (void)state;
    for (int i = 0; i < 20 && !survived; i++) {
        pid_t pid = fork_writer(NULL);
        kill(pid, SIGINT);
        usleep(20000);
        kill(pid, SIGTERM);
        usleep(50000);
        survived = waitpid(pid, NULL, WNOHANG) == 0;
        if (!survived)
            continue;
        kill(pid, SIGKILL);
        ended(pid);
    }
    assert_true(survived);
}

/* A terminal that goes away asks once, however often; what is not for it does nothing. */
static void test_interrupt_others_do_not_end_it(void **state)
{
    (void)state;
    pid_t pid = fork_writer(NULL);
    kill(pid, SIGUSR1);
    kill(pid, SIGALRM);
    kill(pid, SIGPIPE);
    kill(pid, SIGRTMIN);
    kill(pid, SIGHUP);
    usleep(150000);
    kill(pid, SIGHUP);
    usleep(50000);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    int status = ask(pid, SIGQUIT);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
    assert_false(WCOREDUMP(status));
}

static void test_interrupt_what_was_ignored_stays_so(void **state)
{
    (void)state;
    void (*before)(int) = signal(SIGINT, SIG_IGN);
    pid_t pid = fork_writer(NULL);
    signal(SIGINT, before);
    kill(pid, SIGINT);
    usleep(150000);
    kill(pid, SIGINT);
    usleep(50000);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
    kill(pid, SIGKILL);
    ended(pid);
}

/* Also of a signal that is blocked and handled. */
static void test_interrupt_ends_by_the_signal(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        signal(SIGABRT, SIG_IGN);
        mpr_end_by_signal(SIGABRT);
        _exit(7);
    }
    int status = ended(pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_false(WCOREDUMP(status));
}

/* nohup ignores one of them, a job in the background the others. */
static void ask_for_all(void)
{
    static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}

int main(void)
{
    ask_for_all();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interrupt_twice_gives_up, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_interrupt_twice_at_once_is_once, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_interrupt_others_do_not_end_it, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_interrupt_what_was_ignored_stays_so, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_interrupt_ends_by_the_signal, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
