/* SPDX-License-Identifier: MIT */
/* Where the report goes, and that an old one stays until the new one is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output.h"
#include "own_folder.h"

static void assert_file(const char *path, const char *expected)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    assert_int_equal(mpr_buf_read_file(&text, path, 1 << 20, NULL), 0);
    assert_string_equal(text.data, expected);
    mpr_buf_release(&text);
}

/* Files in the current folder. */
static size_t count_files(void)
{
    size_t count = 0;
    DIR *folder = opendir(".");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2;
}

static struct mpr_output opened(const char *name)
{
    struct mpr_output output;
    struct mpr_error err = {""};
    if (mpr_output_open(name, NULL, &output, &err) != 0)
        fail_msg("%s", err.message);
    return output;
}

static void write_report(const char *name, const char *text)
{
    struct mpr_error err = {""};
    struct mpr_output output = opened(name);
    assert_int_equal(mpr_output_put(&output, text, strlen(text)), 0);
    if (mpr_output_finish(&output, &err) != 0)
        fail_msg("%s", err.message);
    mpr_output_release(&output);
}

static void test_output_new_file_and_its_mode(void **state)
{
    struct stat info;
    (void)state;
    mode_t old = umask(027);
    write_report("report", "new");
    umask(old);
    assert_file("report", "new");
    assert_int_equal(stat("report", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_int_equal(count_files(), 1);
}

static void test_output_old_one_stays_until_the_end(void **state)
{
    struct stat info;
    (void)state;
    write_file("report", "old", 0604);
    struct mpr_output output = opened("report");
    assert_int_equal(mpr_output_put(&output, "half", 4), 0);
    assert_file("report", "old");
    assert_true(mpr_output_replaces(&output, "./report"));
    assert_false(mpr_output_replaces(&output, "."));
    mpr_output_release(&output); /* given up */
    assert_file("report", "old");
    assert_int_equal(count_files(), 1);
    write_report("report", "new");
    assert_file("report", "new");
    assert_int_equal(stat("report", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
}

/* Another name of the file, and a link to it, lead to the new report, too. */
static void test_output_other_names_of_the_file(void **state)
{
    (void)state;
    write_file("report", "a longer old one", 0600);
    assert_int_equal(link("report", "other"), 0);
    write_report("report", "new");
    assert_file("other", "new");
    write_file("target", "old", 0600);
    assert_int_equal(symlink("target", "link"), 0);
    write_report("link", "new");
    assert_file("target", "new");
    assert_int_equal(symlink("later", "dangling"), 0);
    write_report("dangling", "new");
    assert_file("later", "new");
}

static void test_output_is_taken_back(void **state)
{
    (void)state;
    struct mpr_output output = opened("report");
    assert_true(mpr_output_restart(&output));
    assert_int_equal(mpr_output_put(&output, "a first attempt", 15), 0);
    assert_true(mpr_output_restart(&output));
    assert_int_equal(mpr_output_put(&output, "second", 6), 0);
    assert_int_equal(mpr_output_finish(&output, NULL), 0);
    mpr_output_release(&output);
    assert_file("report", "second");
}

/* What a format has written to its file by itself, too. */
static void test_output_is_taken_back_from_its_owner(void **state)
{
    (void)state;
    struct mpr_output output = opened("report");
    assert_int_equal(mpr_write_all(output.fd, "a first attempt", 15, NULL), 0);
    assert_true(mpr_output_restart(&output));
    assert_int_equal(mpr_write_all(output.fd, "second", 6, NULL), 0);
    assert_int_equal(mpr_output_finish(&output, NULL), 0);
    mpr_output_release(&output);
    assert_file("report", "second");
}

/* What somebody has read is gone; a reader that leaves is no error. */
static void test_output_into_a_pipe(void **state)
{
    char name[32], got[8] = "";
    int ends[2];
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[1]);
    struct mpr_output output = opened(name);
    assert_int_equal(mpr_output_put(&output, "some", 4), 0);
    assert_int_equal(read(ends[0], got, sizeof got), 4);
    assert_false(mpr_output_restart(&output));
    close(ends[0]);
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    assert_int_equal(mpr_output_put(&output, "more", 4), 0);
    assert_true(output.reader_gone);
    assert_int_equal(mpr_output_finish(&output, &err), 0);
    signal(SIGPIPE, before);
    mpr_output_release(&output);
    close(ends[1]);
}

static void test_output_that_is_full(void **state)
{
    struct mpr_error err = {""};
    (void)state;
    struct mpr_output output = opened("/dev/full");
    assert_int_equal(mpr_output_put(&output, "x", 1), MPR_ERR_IO);
    assert_int_equal(mpr_output_finish(&output, &err), MPR_ERR_IO);
    assert_non_null(strstr(err.message, "No space left"));
    mpr_output_release(&output);
}

static void test_output_that_cannot_be(void **state)
{
    struct mpr_output output = {.fd = -7};
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(mpr_output_open("none/report", NULL, &output, &err), MPR_ERR_IO);
    assert_non_null(strstr(err.message, "cannot write none/report: "));
    assert_int_equal(mpr_output_open(".", NULL, &output, &err), MPR_ERR_IO);
    assert_int_equal(output.fd, -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_output_new_file_and_its_mode, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_old_one_stays_until_the_end, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_other_names_of_the_file, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_output_is_taken_back, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_output_is_taken_back_from_its_owner, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_output_into_a_pipe, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_output_that_is_full, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_output_that_cannot_be, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
