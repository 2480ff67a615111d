/* SPDX-License-Identifier: MIT */
/* Which interpreter and host are chosen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "mprun/launch.h"
#include "own_folder.h"

/* A folder with a, b and libexec in it. */
static int setup(void **state)
{
    return enter_folder(state) < 0 ? -1
                                   : mkdir("a", 0700) | mkdir("b", 0700) | mkdir("libexec", 0700);
}

static void test_launch_without_python_the_embedded_host_is_chosen(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_launch_request request = {.environment = environment, .libexec = "libexec"};
    struct mpr_launch launch;
    struct mpr_error err;
    write_file("libexec/mprun-host-3.11", "", 0700);
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), 0);
    assert_int_equal(launch.host, MPR_HOST_EMBEDDED);
    assert_string_equal(launch.executable, "libexec/mprun-host-3.11");
    assert_string_equal(launch.argv0, "python3");
    assert_null(launch.interpreter);
    assert_null(launch.preload);
    mpr_launch_release(&launch);
    request.host = MPR_HOST_INTERPRETER;
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), MPR_ERR_NOTFOUND);
}

static void test_launch_refuses_what_is_no_python(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_launch_request request = {
        .environment = environment, .libexec = "libexec", .python = "/proc/self/exe"};
    struct mpr_launch launch;
    struct mpr_error err;
    assert_int_equal(mpr_launch_choose(&request, &launch, &err), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "/proc/self/exe"));
    assert_non_null(strstr(err.message, "--python"));
}

static void test_launch_host_kind_names(void **state)
{
    (void)state;
    enum mpr_host_kind kind = MPR_HOST_AUTO;
    assert_int_equal(mpr_host_kind_parse("embedded", &kind), 0);
    assert_int_equal(kind, MPR_HOST_EMBEDDED);
    assert_int_equal(mpr_host_kind_parse("", &kind), MPR_ERR_INVALID);
    assert_string_equal(mpr_host_kind_name(MPR_HOST_INTERPRETER), "interpreter");
    assert_null(mpr_host_kind_name((enum mpr_host_kind)9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_launch_without_python_the_embedded_host_is_chosen, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_launch_refuses_what_is_no_python, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_launch_host_kind_names, setup, leave_folder),
    };
    return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
