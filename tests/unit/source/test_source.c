/* SPDX-License-Identifier: MIT */
/* Source text: encodings, line ends, zips, and the reasons for having none. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "mprun/source.h"

static char folder[] = "/tmp/mprun-source-XXXXXX";
static const struct timespec long_after = {4000000000, 0};

static void path_of(const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", folder, name);
}

static void put(const char *name, const char *bytes, size_t len)
{
    char path[256];
    path_of(name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void drop(const char *name)
{
    char path[256];
    path_of(name, path);
    unlink(path);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
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
    struct mpr_sources *sources = mpr_sources_new(folder, code, long_after);
    const struct mpr_source *source = mpr_sources_get(sources, file);
    assert_non_null(source);
    assert_non_null(source->problem);
    if (!strstr(source->problem, expected))
        fail_msg("\"%s\" does not hold \"%s\"", source->problem, expected);
    assert_int_equal(source->line_count, 0);
    mpr_sources_free(sources);
}

static void assert_encoding(const char *source, const char *expected)
{
    char name[64];
    mpr_source_encoding(source, strlen(source), name, sizeof name);
    assert_string_equal(name, expected);
}

static void test_source_encoding_follows_pep_263(void **state)
{
    (void)state;
    assert_encoding("", "utf-8");
    assert_encoding("x = 1\n", "utf-8");
    assert_encoding("# -*- coding: latin-1 -*-\n", "latin-1");
    assert_encoding("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252");
    assert_encoding("\n#coding=koi8-r", "koi8-r");
    assert_encoding("\r\n# coding: koi8-r\r\n", "koi8-r");
    assert_encoding("\r# coding: koi8-r\r", "koi8-r");
    assert_encoding("x = 1\n# coding: koi8-r\n", "utf-8");
    assert_encoding("\n\n# coding: koi8-r\n", "utf-8");
    assert_encoding("x = '# coding: koi8-r'\n", "utf-8");
    assert_encoding("# encoding is: not here, coding: big5\n", "big5");
    assert_encoding("\xef\xbb\xbf# coding: latin-1\n", "utf-8");
}

static void assert_codec(const char *python, const char *expected)
{
    char name[64];
    mpr_source_codec(python, name, sizeof name);
    assert_string_equal(name, expected);
}

static void test_source_codecs_have_pythons_names(void **state)
{
    (void)state;
    assert_codec("utf-8-sig", "UTF-8");
    assert_codec("Latin_1", "ISO-8859-1");
    assert_codec("iso-8859-15", "ISO-8859-15");
    assert_codec("ISO8859_15", "ISO-8859-15");
    assert_codec("windows-1252", "CP1252");
    assert_codec("mac-roman", "MACINTOSH");
    assert_codec("shift_jis", "SHIFT_JIS");
    assert_codec("made-up", "made-up");
}

static void assert_decoded(const char *bytes, const char *expected)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    assert_true(mpr_source_decode(bytes, strlen(bytes), &out));
    assert_string_equal(out.data, expected);
    mpr_buf_release(&out);
}

static void test_source_decodes(void **state)
{
    (void)state;
    assert_decoded("#coding:latin-1\n\xe9", "#coding:latin-1\n\xc3\xa9");
    assert_decoded("#coding:shift_jis\n\x93\xfa", "#coding:shift_jis\n\xe6\x97\xa5");
    assert_decoded("#coding:ascii\n\xe9!", "#coding:ascii\n\\xe9!");
    assert_decoded("#coding:cp1252\n\x81", "#coding:cp1252\n\\x81");
    assert_decoded("#coding:made-up\n\xc3\xa9", "#coding:made-up\n\xc3\xa9");
    assert_decoded("\xef\xbb\xbfx", "x");
    assert_decoded("", "");
}

static void test_source_lines_end_as_python_says(void **state)
{
    (void)state;
    static const char bytes[] = "a\r\nb\rc\n\f\nd\x0b\x0c"
                                "e\n\nlast";
    put("ends.py", bytes, sizeof bytes - 1);
    struct mpr_sources *sources = mpr_sources_new(folder, NULL, long_after);
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
    drop("ends.py");
}

static void test_source_problems_are_named(void **state)
{
    char fifo[256];
    (void)state;
    path_of("fifo", fifo);
    assert_int_equal(mkfifo(fifo, 0600), 0);
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
    drop("fifo");
    drop("binary.py");
}

static void test_source_of_dash_c(void **state)
{
    (void)state;
    struct mpr_sources *sources = mpr_sources_new(folder, "x = 1\ny = 'é'", long_after);
    const struct mpr_source *source = mpr_sources_get(sources, "<string>");
    assert_int_equal(source->line_count, 2);
    assert_line(source, 2, "y = 'é'");
    assert_false(source->changed);
    mpr_sources_free(sources);
}

static void test_source_changes_after_the_start_are_seen(void **state)
{
    (void)state;
    put("new.py", "x", 1);
    struct mpr_sources *sources = mpr_sources_new(folder, NULL, (struct timespec){1, 0});
    assert_true(mpr_sources_get(sources, "new.py")->changed);
    mpr_sources_free(sources);
    drop("new.py");
}

static void test_source_of_the_future_is_no_change(void **state)
{
    const struct timespec future[2] = {{4000000000, 0}, {4000000000, 0}};
    char path[256];
    (void)state;
    put("new.py", "x", 1);
    path_of("new.py", path);
    assert_int_equal(utimensat(AT_FDCWD, path, future, 0), 0);
    struct mpr_sources *sources =
        mpr_sources_new(folder, NULL, (struct timespec){time(NULL) + 60, 0});
    assert_false(mpr_sources_get(sources, "new.py")->changed);
    mpr_sources_free(sources);
    drop("new.py");
}

/* What the target knows of a file that it has just loaded. */
static struct mpr_source_fact stamp_of(const char *name)
{
    char path[256];
    struct stat info;
    path_of(name, path);
    assert_int_equal(stat(path, &info), 0);
    return (struct mpr_source_fact){.stamped = true, .state = mpr_file_state_of(&info)};
}

static bool has_changed(const char *name, const struct mpr_source_fact *fact)
{
    struct mpr_sources *sources = mpr_sources_new(folder, NULL, (struct timespec){1, 0});
    assert_true(mpr_sources_tell(sources, name, fact));
    bool changed = mpr_sources_get(sources, name)->changed;
    mpr_sources_free(sources);
    return changed;
}

static void test_source_is_compared_with_what_was_loaded(void **state)
{
    (void)state;
    put("new.py", "x", 1);
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
    drop("new.py");
}

static void test_source_that_the_target_has(void **state)
{
    (void)state;
    put("there.py", "file", 4);
    struct mpr_source_fact stamp = stamp_of("there.py");
    struct mpr_source_fact absent = {.absent = true};
    struct mpr_source_fact made = {.text = "# coding: latin-1\n\xc3\xa9\0", .len = 21};
    struct mpr_source_fact later = {.text = "later", .len = 5, .changed = true};
    struct mpr_sources *sources = mpr_sources_new(folder, "code", long_after);
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
    drop("there.py");
}

static void test_source_of_a_zips_member(void **state)
{
    static const char text[] = "#coding:latin-1\nx = '\xe9'\n";
    char path[256];
    (void)state;
    path_of("app.zip", path);
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(archive);
    zip_source_t *member = zip_source_buffer(archive, text, sizeof text - 1, 0);
    assert_true(zip_file_add(archive, "pkg/mod.py", member, ZIP_FL_ENC_UTF_8) >= 0);
    assert_int_equal(zip_close(archive), 0);
    struct mpr_sources *sources = mpr_sources_new(folder, NULL, long_after);
    const struct mpr_source *source = mpr_sources_get(sources, "app.zip/pkg/mod.py");
    assert_ptr_equal(source->problem, NULL);
    assert_line(source, 2, "x = '\xc3\xa9'");
    assert_non_null(mpr_sources_get(sources, "app.zip/pkg/other.py")->problem);
    put("notzip", "x", 1);
    assert_non_null(mpr_sources_get(sources, "notzip/pkg/other.py")->problem);
    assert_non_null(mpr_sources_get(sources, "/pkg/other.py")->problem);
    mpr_sources_free(sources);
    drop("app.zip");
    drop("notzip");
}

static void test_source_many_files_are_found_again(void **state)
{
    char name[32];
    (void)state;
    struct mpr_sources *sources = mpr_sources_new(folder, NULL, long_after);
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
        cmocka_unit_test(test_source_encoding_follows_pep_263),
        cmocka_unit_test(test_source_codecs_have_pythons_names),
        cmocka_unit_test(test_source_decodes),
        cmocka_unit_test(test_source_lines_end_as_python_says),
        cmocka_unit_test(test_source_problems_are_named),
        cmocka_unit_test(test_source_of_dash_c),
        cmocka_unit_test(test_source_changes_after_the_start_are_seen),
        cmocka_unit_test(test_source_of_the_future_is_no_change),
        cmocka_unit_test(test_source_is_compared_with_what_was_loaded),
        cmocka_unit_test(test_source_that_the_target_has),
        cmocka_unit_test(test_source_of_a_zips_member),
        cmocka_unit_test(test_source_many_files_are_found_again),
    };
    return cmocka_run_group_tests_name("source", tests, make_folder, remove_folder);
}
