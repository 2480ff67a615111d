/* SPDX-License-Identifier: MIT */
/* What the name of an output stands for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "output_name.h"
#include "own_folder.h"

static void assert_resolves(const char *name, const char *path, bool exists, bool direct)
{
    struct mpr_output_name what;
    struct mpr_error err = {""};
    if (mpr_output_name_resolve(name, &what, &err) != 0)
        fail_msg("%s", err.message);
    assert_string_equal(what.path, path);
    assert_int_equal(what.exists, exists);
    assert_int_equal(what.direct, direct);
    mpr_output_name_release(&what);
    mpr_output_name_release(&what);
}

static void test_output_name_behind_its_links(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sub", 0700), 0);
    write_file("file", "", 0600);
    assert_int_equal(symlink("../file", "sub/link"), 0);
    assert_int_equal(symlink("sub/link", "link"), 0);
    assert_int_equal(symlink("sub/new", "dangling"), 0);
    assert_int_equal(symlink("/dev/null", "device"), 0);
    assert_resolves("file", "file", true, false);
    assert_resolves("link", "sub/../file", true, false);
    assert_resolves("none", "none", false, false);
    assert_resolves("dangling", "sub/new", false, false);
    assert_resolves("device", "/dev/null", true, true);
    assert_resolves("sub", "sub", true, true);
}

/* What is open is not looked behind: whose file that is, its owner knows. */
static void test_output_name_of_what_is_open(void **state)
{
    char name[64];
    (void)state;
    write_file("file", "", 0600);
    int fd = open("file", O_WRONLY | O_CLOEXEC);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    assert_resolves(name, name, true, true);
    close(fd);
}

static void test_output_name_that_leads_nowhere(void **state)
{
    struct mpr_output_name what;
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(symlink("round", "round"), 0);
    assert_int_equal(mpr_output_name_resolve("round", &what, &err), MPR_ERR_IO);
    assert_non_null(strstr(err.message, "cannot write round: "));
    write_file("file", "", 0600);
    assert_int_equal(mpr_output_name_resolve("file/below", &what, &err), MPR_ERR_IO);
}

static void assert_checked(const char *name, const char *const *sources, const char *says)
{
    struct mpr_output_name what;
    struct mpr_error err = {""};
    assert_int_equal(mpr_output_name_resolve(name, &what, NULL), 0);
    int status = mpr_output_name_check(name, &what, sources, &err);
    assert_int_equal(status, says ? MPR_ERR_IO : 0);
    if (says && !strstr(err.message, says))
        fail_msg("%s", err.message);
    mpr_output_name_release(&what);
}

static void test_output_name_that_may_not_go(void **state)
{
    static const char *const sources[] = {"./gone", "./program", NULL};
    (void)state;
    write_file("s.py", "", 0600);
    write_file("n.ipynb", "", 0600);
    write_file("program", "", 0600);
    write_file("report", "", 0600);
    assert_int_equal(symlink("s.py", "innocent"), 0);
    assert_int_equal(link("program", "other"), 0);
    assert_checked("s.py", NULL, "it is an existing Python file");
    assert_checked("n.ipynb", NULL, "it is an existing Python file");
    assert_checked("innocent", NULL, "it is an existing Python file");
    assert_checked("new.py", NULL, NULL);
    assert_checked(".", NULL, "it is a directory");
    assert_checked("new/", NULL, "it is no file name");
    assert_checked("program", sources, "it is the program's own");
    assert_checked("other", sources, "it is the program's own");
    assert_checked("report", sources, NULL);
    assert_checked("program", NULL, NULL);
    assert_checked("/dev/null", sources, NULL);
}

static void test_output_name_folder_of_a_path(void **state)
{
    (void)state;
    assert_int_equal(mpr_output_folder_length("a"), 0);
    assert_int_equal(mpr_output_folder_length(""), 0);
    assert_int_equal(mpr_output_folder_length("/a"), 1);
    assert_int_equal(mpr_output_folder_length("a/b/c"), 4);
    assert_int_equal(mpr_output_folder_length("a/"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_output_name_behind_its_links, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_name_of_what_is_open, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_name_that_leads_nowhere, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_name_that_may_not_go, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_name_folder_of_a_path, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("output_name", tests, NULL, NULL);
}
