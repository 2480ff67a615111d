/* SPDX-License-Identifier: MIT */
/* The interpreters of this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor.h"
#include "own_folder.h"

static const struct mpr_doctor_interpreter *find(
    const struct mpr_doctor_interpreters *found, const char *part)
{
    for (size_t i = 0; i < found->count; i++)
        if (strstr(found->item[i].path, part))
            return &found->item[i];
    return NULL;
}

static struct mpr_doctor_interpreters found_on(const char *python, char *path, char *venv)
{
    struct mpr_doctor_interpreters found;
    char *const environment[] = {path, venv, NULL};
    mpr_doctor_find(python, environment, &found);
    return found;
}

/* Each interpreter once, by whatever name; the default first; what is none is left out. */
static void test_doctor_interpreters_of_a_path(void **state)
{
    char path[] = "PATH=a:b:";
    (void)state;
    assert_int_equal(mkdir("a", 0700) | mkdir("b", 0700), 0);
    write_file("a/python3", "no program", 0700);
    write_file("a/python3.99", "no program", 0700);
    write_file("a/python3.98", "no program", 0600);
    write_file("a/python3-config", "no program", 0700);
    write_file("python3.97", "no program", 0700); /* an empty part of PATH is this folder */
    assert_int_equal(symlink("../a/python3.99", "b/python3.9"), 0);
    assert_int_equal(mkdir("b/python3.96", 0700), 0);
    struct mpr_doctor_interpreters found = found_on(NULL, path, NULL);
    assert_true(found.count >= 3);
    assert_true(found.item[0].is_default);
    assert_string_equal(found.item[0].path, "python3");
    assert_non_null(found.item[0].problem); /* beside a test there are no hosts */
    assert_non_null(find(&found, "a/python3"));
    assert_non_null(find(&found, "a/python3.99"));
    assert_non_null(find(&found, "./python3.97"));
    assert_null(find(&found, "python3.98"));
    assert_null(find(&found, "python3-config"));
    assert_null(find(&found, "b/python3.9"));
    assert_null(find(&found, "python3.96"));
    for (size_t i = 1; i < found.count; i++)
        assert_false(found.item[i].is_default);
    mpr_doctor_forget(&found);
    assert_int_equal(found.count, 0);
}

/* A virtual environment is an interpreter of its own, although its python is a link. */
static void test_doctor_interpreters_of_a_virtual_environment(void **state)
{
    char path[] = "PATH=a", venv[] = "VIRTUAL_ENV=venv";
    (void)state;
    assert_int_equal(mkdir("a", 0700) | mkdir("venv", 0700) | mkdir("venv/bin", 0700), 0);
    write_file("a/python3", "no program", 0700);
    assert_int_equal(symlink("../../a/python3", "venv/bin/python3"), 0);
    struct mpr_doctor_interpreters found = found_on(NULL, path, venv);
    assert_non_null(find(&found, "venv/bin/python3"));
    assert_null(find(&found, "a/python3")); /* the link is another name of it */
    mpr_doctor_forget(&found);
    write_file("venv/pyvenv.cfg", "", 0600);
    found = found_on(NULL, path, venv);
    assert_non_null(find(&found, "venv/bin/python3"));
    assert_non_null(find(&found, "a/python3"));
    mpr_doctor_forget(&found);
}

static void test_doctor_interpreters_that_was_asked_for(void **state)
{
    char path[] = "PATH=";
    (void)state;
    struct mpr_doctor_interpreters found = found_on("./no\npython", path, NULL);
    assert_true(found.item[0].is_default);
    assert_string_equal(found.item[0].path, "./no\\x0apython");
    assert_null(strchr(found.item[0].problem, '\n'));
    mpr_doctor_forget(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_doctor_interpreters_of_a_path, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_doctor_interpreters_of_a_virtual_environment, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_doctor_interpreters_that_was_asked_for, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("doctor_interpreters", tests, NULL, NULL);
}
