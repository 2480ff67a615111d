/* SPDX-License-Identifier: MIT */
/* Which python the shell would run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "find.h"
#include "own_folder.h"

/* A folder with a, b and libexec in it. */
static int setup(void **state)
{
    return enter_folder(state) < 0 ? -1
                                   : mkdir("a", 0700) | mkdir("b", 0700) | mkdir("libexec", 0700);
}

static void test_find_path_takes_the_first_executable_file(void **state)
{
    (void)state;
    write_file("a/python3", "", 0600);
    write_file("b/python3", "", 0700);
    assert_int_equal(mkdir("a/python", 0700), 0);
    char *found = mpr_find_on_path("python3", "nowhere:a:b");
    assert_string_equal(found, "b/python3");
    free(found);
    assert_null(mpr_find_on_path("python3", "a"));
    assert_null(mpr_find_on_path("python", "a"));
    assert_null(mpr_find_on_path("", "b"));
}

static void test_find_path_empty_part_is_the_current_directory(void **state)
{
    (void)state;
    write_file("python3", "", 0700);
    char *found = mpr_find_on_path("python3", "a:");
    assert_string_equal(found, "./python3");
    free(found);
    found = mpr_find_on_path("./python3", "a");
    assert_string_equal(found, "./python3");
    free(found);
}

static void find(const char *python, char *const *environment, struct mpr_found *ret_found)
{
    struct mpr_error err = {""};
    int rc = mpr_find_interpreter(python, environment, ret_found, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
}

static void test_find_argv0_is_what_the_shell_gives(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a:b", NULL};
    struct mpr_found found;
    write_file("b/python3", "", 0700);
    find(NULL, environment, &found);
    assert_string_equal(found.path, "b/python3");
    assert_string_equal(found.argv0, "python3");
    mpr_found_release(&found);
    find("b/python3", environment, &found);
    assert_string_equal(found.argv0, "b/python3");
    mpr_found_release(&found);
}

static void test_find_active_venv_stands_before_path(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=b", "VIRTUAL_ENV=venv", NULL};
    char *const activated[] = {"PATH=venv/bin:b", "VIRTUAL_ENV=venv", NULL};
    struct mpr_found found;
    write_file("b/python3", "", 0700);
    find(NULL, environment, &found); /* a venv that is gone counts for nothing */
    assert_string_equal(found.path, "b/python3");
    mpr_found_release(&found);
    assert_int_equal(mkdir("venv", 0700) | mkdir("venv/bin", 0700), 0);
    write_file("venv/bin/python3", "", 0700);
    find(NULL, environment, &found);
    assert_string_equal(found.path, "venv/bin/python3");
    assert_string_equal(found.argv0, "venv/bin/python3");
    mpr_found_release(&found);
    find(NULL, activated, &found);
    assert_string_equal(found.path, "venv/bin/python3");
    assert_string_equal(found.argv0, "python3");
    mpr_found_release(&found);
}

static void test_find_missing_interpreter_is_named(void **state)
{
    (void)state;
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_found found;
    struct mpr_error err;
    int rc = mpr_find_interpreter("python3.99", environment, &found, &err);
    assert_int_equal(rc, MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "python3.99"));
    assert_int_equal(mpr_find_interpreter("./a", environment, &found, &err), MPR_ERR_NOTFOUND);
    assert_non_null(strstr(err.message, "directory"));
    assert_int_equal(mpr_find_interpreter(NULL, environment, &found, &err), MPR_ERR_NOTFOUND);
}

/* What a shim names is what runs, by that name; it must be an interpreter that exists. */
static void test_find_looks_behind_a_shim(void **state)
{
    char *const environment[] = {"PATH=a", NULL};
    struct mpr_found found;
    struct mpr_error err;
    char *script = mpr_asprintf("#!/bin/sh\necho '%s/b/python3.11'\n", (const char *)*state);
    write_file("a/python3", script, 0700);
    free(script);
    assert_int_equal(mpr_find_interpreter(NULL, environment, &found, &err), MPR_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "/b/python3.11, which is no interpreter"));
    write_file("b/python3.11", "#!/bin/sh\n", 0700);
    assert_int_equal(mpr_find_interpreter(NULL, environment, &found, &err), MPR_ERR_UNSUPPORTED);
    write_file("b/python3.11", "", 0700);
    find(NULL, environment, &found);
    assert_true(mpr_has_suffix(found.path, "/b/python3.11"));
    assert_string_equal(found.argv0, found.path);
    mpr_found_release(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_find_path_takes_the_first_executable_file, setup, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_find_path_empty_part_is_the_current_directory, setup, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_find_argv0_is_what_the_shell_gives, setup, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_find_active_venv_stands_before_path, setup, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_find_missing_interpreter_is_named, setup, leave_folder),
        cmocka_unit_test_setup_teardown(test_find_looks_behind_a_shim, setup, leave_folder),
    };
    return cmocka_run_group_tests_name("find", tests, NULL, NULL);
}
