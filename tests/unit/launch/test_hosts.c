/* SPDX-License-Identifier: MIT */
/* The hosts in a folder, by version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "hosts.h"
#include "own_folder.h"

/* A folder with a, b and libexec in it. */
static int setup(void **state)
{
    return enter_folder(state) < 0 ? -1
                                   : mkdir("a", 0700) | mkdir("b", 0700) | mkdir("libexec", 0700);
}

static void test_hosts_are_found_by_version(void **state)
{
    (void)state;
    char *path;
    struct mpr_error err;
    write_file("libexec/libmprun-host-3.11.so", "", 0600);
    write_file("libexec/libmprun-host-3.12.so", "", 0600);
    write_file("libexec/libmprun-host-3.12.so.old", "", 0600);
    write_file("libexec/mprun-host-3.11", "", 0700);
    assert_int_equal(mpr_hosts_library("libexec", 0x030b02f0, "py", &path, &err), 0);
    assert_string_equal(path, "libexec/libmprun-host-3.11.so");
    free(path);
    assert_int_equal(mpr_hosts_library("libexec", 0x030d01f0, "py", &path, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "py is Python 3.13.1"));
    assert_non_null(strstr(err.message, "installed: 3.11, 3.12)"));
    assert_int_equal(
        mpr_hosts_embedded("libexec", 0x030c01f0, "py", &path, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "installed: 3.11)"));
    assert_int_equal(mpr_hosts_newest_embedded("libexec", &path, &err), 0);
    assert_string_equal(path, "libexec/mprun-host-3.11");
    free(path);
}

/* 3.9 is older than 3.11. */
static void test_hosts_are_in_the_order_of_versions(void **state)
{
    char *path;
    struct mpr_error err;
    (void)state;
    assert_int_equal(mpr_hosts_newest_embedded("libexec", &path, &err), MPR_ERR_NOTFOUND);
    write_file("libexec/mprun-host-3.9", "", 0700);
    write_file("libexec/mprun-host-3.11", "", 0700);
    write_file("libexec/mprun-host-3.", "", 0700);
    write_file("libexec/mprun-host-3.12x", "", 0700);
    assert_int_equal(mpr_hosts_newest_embedded("libexec", &path, &err), 0);
    assert_string_equal(path, "libexec/mprun-host-3.11");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hosts_are_found_by_version, setup, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_hosts_are_in_the_order_of_versions, setup, leave_folder),
    };
    return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
