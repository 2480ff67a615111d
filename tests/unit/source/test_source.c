/* SPDX-License-Identifier: MIT */
/* Source text: line ends, what changed, and the reasons for having none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/source.h"
#include "own_folder.h"

static const struct timespec long_after = {4000000000, 0};

static void put(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void assert_line(const struct mpr_source *source, uint32_t line, const char *expected)
{
    const char *text = NULL;
    size_t len = 0;
    assert_true(mpr_source_line(source, line, &text, &len));
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, len);
}

static void assert_problem(const char *file, const char *code, const char *expected)
{
    struct mpr_sources *sources = mpr_sources_new(".", code, long_after);
    const struct mpr_source *source = mpr_sources_get(sources, file);
    assert_non_null(source);
    assert_non_null(source->problem);
    if (!strstr(source->problem, expected))
        fail_msg("\"%s\" does not hold \"%s\"", source->problem, expected);
    assert_int_equal(source->line_count, 0);
    mpr_sources_free(sources);
}

static void test_source_lines_end_as_python_says(void **state)
{
    (void)state;
    static const char bytes[] = "a\r\nb\rc\n\f\nd\x0b\x0c"
                                "e\n\nlast";
    put("ends.py", bytes, sizeof bytes - 1);
    struct mpr_sources *sources = mpr_sources_new(".", NULL, long_after);
    const struct mpr_source *source = mpr_sources_get(sources, "./ends.py");
    assert_ptr_equal(source->problem, NULL);
    assert_int_equal(source->line_count, 7);
    assert_line(source, 1, "a");
    assert_line(source, 2, "b");
    assert_line(source, 3, "c");
    assert_line(source, 4, "\f");
    assert_line(source, 5,
        "d\x0b\x0c"
        "e");
    assert_line(source, 6, "");
    assert_line(source, 7, "last");
    const char *text = NULL;
    size_t len = 0;
    assert_false(mpr_source_line(source, 0, &text, &len));
    assert_false(mpr_source_line(source, 8, &text, &len));
    assert_ptr_equal(mpr_sources_get(sources, "./ends.py"), source);
    assert_int_equal(mpr_sources_count(sources), 1);
    mpr_sources_free(sources);
}

static void test_source_problems_are_named(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    put("binary.py", "a\0b", 3);
    assert_problem("gone.py", NULL, "gone.py cannot be shown: No such file");
    assert_problem(".", NULL, "not a regular file");
    assert_problem("fifo", NULL, "not a regular file");
    assert_problem("binary.py", NULL, "not text");
    assert_problem("<stdin>", NULL, "standard input");
    assert_problem("<frozen os>", NULL, "<frozen os> is built into Python");
    assert_problem("<string>", NULL, "the program made itself");
    assert_problem("<attrs>", "x", "the program made itself");
    assert_problem("", NULL, "names no file");
}

static void test_source_of_dash_c(void **state)
{
    (void)state;
    struct mpr_sources *sources = mpr_sources_new(".", "x = 1\ny = 'é'", long_after);
    const struct mpr_source *source = mpr_sources_get(sources, "<string>");
    assert_int_equal(source->line_count, 2);
    assert_line(source, 2, "y = 'é'");
    assert_false(source->changed);
    mpr_sources_free(sources);
}

static void test_source_changes_after_the_start_are_seen(void **state)
{
    (void)state;
    write_file("new.py", "x", 0600);
    struct mpr_sources *sources = mpr_sources_new(".", NULL, (struct timespec){1, 0});
    assert_true(mpr_sources_get(sources, "new.py")->changed);
    mpr_sources_free(sources);
}

static void test_source_of_the_future_is_no_change(void **state)
{
    const struct timespec future[2] = {{4000000000, 0}, {4000000000, 0}};
    (void)state;
    write_file("new.py", "x", 0600);
    assert_int_equal(utimensat(AT_FDCWD, "new.py", future, 0), 0);
    struct mpr_sources *sources = mpr_sources_new(".", NULL, (struct timespec){time(NULL) + 60, 0});
    assert_false(mpr_sources_get(sources, "new.py")->changed);
    mpr_sources_free(sources);
}

/* What the target knows of a file that it has just loaded. */
static struct mpr_source_fact stamp_of(const char *name)
{
    struct stat info;
    assert_int_equal(stat(name, &info), 0);
    return (struct mpr_source_fact){.stamped = true, .state = mpr_file_state_of(&info)};
}

static bool has_changed(const char *name, const struct mpr_source_fact *fact)
{
    struct mpr_sources *sources = mpr_sources_new(".", NULL, (struct timespec){1, 0});
    assert_true(mpr_sources_tell(sources, name, fact));
    bool changed = mpr_sources_get(sources, name)->changed;
    mpr_sources_free(sources);
    return changed;
}

static void test_source_is_compared_with_what_was_loaded(void **state)
{
    (void)state;
    write_file("new.py", "x", 0600);
    const struct mpr_source_fact same = stamp_of("new.py");
    struct mpr_source_fact fact = same;
    assert_false(has_changed("new.py", &fact));
    fact.state.size++;
    assert_true(has_changed("new.py", &fact));
    fact = same;
    fact.state.mtime += 5;
    assert_true(has_changed("new.py", &fact));
    fact = same;
    fact.state.mtime_ns++;
    assert_true(has_changed("new.py", &fact));
    fact = same;
    fact.state.inode++;
    assert_true(has_changed("new.py", &fact));
    fact = same;
    fact.state.ctime--;
    assert_true(has_changed("new.py", &fact));
    fact.state.links++; /* a link was made or taken away: that is what moved it */
    assert_false(has_changed("new.py", &fact));
    fact = (struct mpr_source_fact){.absent = true};
    assert_true(has_changed("new.py", &fact));
}

static void test_source_that_the_target_has(void **state)
{
    (void)state;
    write_file("there.py", "file", 0600);
    struct mpr_source_fact stamp = stamp_of("there.py");
    struct mpr_source_fact absent = {.absent = true};
    struct mpr_source_fact made = {.text = "# coding: latin-1\n\xc3\xa9\0", .len = 21};
    struct mpr_source_fact later = {.text = "later", .len = 5, .changed = true};
    struct mpr_sources *sources = mpr_sources_new(".", "code", long_after);
    static const char *const made_up[] = {"<made>", "gone.py"};
    for (size_t i = 0; i < 2; i++) {
        assert_true(mpr_sources_tell(sources, made_up[i], &made));
        assert_true(mpr_sources_tell(sources, made_up[i], &later));
        const struct mpr_source *source = mpr_sources_get(sources, made_up[i]);
        assert_ptr_equal(source->problem, NULL);
        assert_int_equal(source->line_count, 2);
        assert_line(source, 1, "# coding: latin-1");
        assert_true(source->made && !source->changed);
    }
    /* The file, unless it came later; the code of -c. */
    assert_true(mpr_sources_tell(sources, "there.py", &stamp));
    assert_true(mpr_sources_tell(sources, "there.py", &later));
    assert_line(mpr_sources_get(sources, "there.py"), 1, "file");
    assert_true(mpr_sources_tell(sources, "./there.py", &absent));
    assert_true(mpr_sources_tell(sources, "./there.py", &later));
    assert_line(mpr_sources_get(sources, "./there.py"), 1, "later");
    assert_true(mpr_sources_get(sources, "./there.py")->changed);
    assert_true(mpr_sources_tell(sources, "<string>", &later));
    assert_line(mpr_sources_get(sources, "<string>"), 1, "code");
    mpr_sources_free(sources);
}

static void test_source_many_files_are_found_again(void **state)
{
    char name[32];
    (void)state;
    struct mpr_sources *sources = mpr_sources_new(".", NULL, long_after);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 1000; i++) {
            snprintf(name, sizeof name, "<made %d>", i);
            assert_string_equal(mpr_sources_get(sources, name)->file, name);
        }
    }
    assert_int_equal(mpr_sources_count(sources), 1000);
    mpr_sources_free(sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_source_lines_end_as_python_says, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_source_problems_are_named, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(test_source_of_dash_c, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_source_changes_after_the_start_are_seen, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_source_of_the_future_is_no_change, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_source_is_compared_with_what_was_loaded, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_source_that_the_target_has, enter_folder, leave_folder),
        cmocka_unit_test_setup_teardown(
            test_source_many_files_are_found_again, enter_folder, leave_folder),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
