/* SPDX-License-Identifier: MIT */
/* A process that is stopped with the target, and continued with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "waker.h"

static pid_t start_target(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    assert_true(pid > 0);
    return pid;
}

static void stop_it(pid_t pid)
{
    int status;
    kill(pid, SIGSTOP);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    assert_true(WIFSTOPPED(status));
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_waker_tells_who_is_stopped(void **state)
{
    (void)state;
    pid_t target = start_target();
    assert_false(mpr_is_stopped(target));
    stop_it(target);
    assert_true(mpr_is_stopped(target));
    kill(target, SIGCONT);
    waitpid(target, NULL, WCONTINUED);
    assert_false(mpr_is_stopped(target));
    end(target);
    assert_false(mpr_is_stopped(target));
    assert_false(mpr_is_stopped(INT32_MAX));
}

/* Nobody is to wake mprun where the target runs. */
static void test_waker_of_a_target_that_runs(void **state)
{
    (void)state;
    pid_t target = start_target();
    assert_int_equal(mpr_waker_open(target), 0);
    mpr_waker_close(0);
    end(target);
}

/* In a child: stopped as mprun is, until somebody else continues, or kills, the target. */
static void assert_woken_by(int number)
{
    int status;
    pid_t target = start_target();
    stop_it(target);
    pid_t mprun = fork();
    if (mprun == 0) {
        pid_t waker = mpr_waker_open(target);
        if (!waker)
            _exit(1);
        kill(getpid(), SIGSTOP);
        mpr_waker_close(waker);
        _exit(waitpid(waker, NULL, WNOHANG) < 0 ? 7 : 2);
    }
    assert_int_equal(waitpid(mprun, &status, WUNTRACED), mprun);
    assert_true(WIFSTOPPED(status));
    usleep(20000);
    assert_int_equal(waitpid(mprun, &status, WNOHANG), 0); /* not before */
    kill(target, number);
    assert_int_equal(waitpid(mprun, &status, 0), mprun);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    end(target);
}

static void test_waker_wakes(void **state)
{
    (void)state;
    assert_woken_by(SIGCONT);
    assert_woken_by(SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waker_tells_who_is_stopped),
        cmocka_unit_test(test_waker_of_a_target_that_runs),
        cmocka_unit_test(test_waker_wakes),
    };
    return cmocka_run_group_tests_name("waker", tests, NULL, NULL);
}
