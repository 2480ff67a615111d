/* SPDX-License-Identifier: MIT */
/* Files of /proc about a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/proc.h"

static void test_proc_open_is_of_that_process(void **state)
{
    char text[512];
    uint64_t number;
    (void)state;
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int fd = mpr_proc_open(child, "status");
    assert_true(fd >= 0);
    ssize_t len = read(fd, text, sizeof text);
    assert_true(len > 0);
    assert_int_equal(mpr_proc_parse_pid(text, (size_t)len, &number), 0);
    assert_int_equal(number, child);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
    assert_int_equal(mpr_proc_open(child, "none"), -1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(mpr_proc_open(child, "status"), -1);
}

static void test_proc_open_of_nobody(void **state)
{
    (void)state;
    assert_int_equal(mpr_proc_open(INT32_MAX, "statm"), -1);
    assert_int_equal(mpr_proc_open(0, "statm"), -1);
    assert_int_equal(mpr_proc_open(-1, "statm"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proc_open_is_of_that_process),
        cmocka_unit_test(test_proc_open_of_nobody),
    };
    return cmocka_run_group_tests_name("proc_open", tests, NULL, NULL);
}
