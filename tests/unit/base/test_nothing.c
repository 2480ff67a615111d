/* SPDX-License-Identifier: MIT */
/* A file that has nothing in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/base.h"

static void test_nothing_is_read_of_it(void **state)
{
    char byte;
    (void)state;
    int fd = mpr_open_nothing();
    assert_true(fd >= 0);
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_read_of_it),
    };
    return cmocka_run_group_tests_name("nothing", tests, NULL, NULL);
}
