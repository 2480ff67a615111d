/* SPDX-License-Identifier: MIT */
/* UTF-8, escaping of what is not text, string helpers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/base.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
    const char *bytes;
    size_t len;
    size_t sequence;
    const char *text;
} utf8[] = {
    {BYTES(""), 0, ""},
    {BYTES("a"), 1, "a"},
    {BYTES("\t"), 1, "\t"},
    {BYTES("\0"), 1, "\\x00"},
    {BYTES("\n"), 1, "\\x0a"},
    {BYTES("\x1b[1m"), 1, "\\x1b[1m"},
    {BYTES("\x7f"), 1, "\\x7f"},
    {BYTES("\xc3\xa9"), 2, "\xc3\xa9"},
    {BYTES("\xc2\x80"), 2, "\xc2\x80"},
    {BYTES("\xdf\xbf"), 2, "\xdf\xbf"},
    {BYTES("\xe0\xa0\x80"), 3, "\xe0\xa0\x80"},
    {BYTES("\xed\x9f\xbf"), 3, "\xed\x9f\xbf"},
    {BYTES("\xee\x80\x80"), 3, "\xee\x80\x80"},
    {BYTES("\xef\xbf\xbf"), 3, "\xef\xbf\xbf"},
    {BYTES("\xf0\x90\x80\x80"), 4, "\xf0\x90\x80\x80"},
    {BYTES("\xf4\x8f\xbf\xbf"), 4, "\xf4\x8f\xbf\xbf"},
    /* bare and missing continuations */
    {BYTES("\x80"), 0, "\\x80"},
    {BYTES("\xbf"), 0, "\\xbf"},
    {BYTES("\xc3"), 0, "\\xc3"},
    {BYTES("\xc3("), 0, "\\xc3("},
    {BYTES("\xe4\xbd"), 0, "\\xe4\\xbd"},
    {BYTES("\xe4\xbdx"), 0, "\\xe4\\xbdx"},
    {BYTES("\xf0\x9f\x98"), 0, "\\xf0\\x9f\\x98"},
    {BYTES("\xf0\x9f\x98("), 0, "\\xf0\\x9f\\x98("},
    {BYTES("\xc3\xc3\xa9"), 0, "\\xc3\xc3\xa9"},
    /* overlong */
    {BYTES("\xc0\x80"), 0, "\\xc0\\x80"},
    {BYTES("\xc1\xbf"), 0, "\\xc1\\xbf"},
    {BYTES("\xe0\x80\x80"), 0, "\\xe0\\x80\\x80"},
    {BYTES("\xe0\x9f\xbf"), 0, "\\xe0\\x9f\\xbf"},
    {BYTES("\xf0\x80\x80\x80"), 0, "\\xf0\\x80\\x80\\x80"},
    {BYTES("\xf0\x8f\xbf\xbf"), 0, "\\xf0\\x8f\\xbf\\xbf"},
    /* surrogates */
    {BYTES("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80"},
    {BYTES("\xed\xbf\xbf"), 0, "\\xed\\xbf\\xbf"},
    /* beyond U+10FFFF */
    {BYTES("\xf4\x90\x80\x80"), 0, "\\xf4\\x90\\x80\\x80"},
    {BYTES("\xf5\x80\x80\x80"), 0, "\\xf5\\x80\\x80\\x80"},
    {BYTES("\xff"), 0, "\\xff"},
    {BYTES("\xfe\xfe"), 0, "\\xfe\\xfe"},
    {BYTES("ok\xff\xc3\xa9\x01"
           "end"),
        1,
        "ok\\xff\xc3\xa9\\x01"
        "end"},
};

static void test_text_utf8_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(utf8); i++) {
        /* A copy of exactly that size lets the sanitizer see a read beyond it. */
        char *copy = malloc(utf8[i].len ? utf8[i].len : 1);
        memcpy(copy, utf8[i].bytes, utf8[i].len);
        if (mpr_utf8_sequence(copy, utf8[i].len) != utf8[i].sequence)
            fail_msg("row %zu: sequence %zu", i, mpr_utf8_sequence(copy, utf8[i].len));
        struct mpr_buf buf;
        mpr_buf_init(&buf);
        mpr_text_append(&buf, copy, utf8[i].len);
        assert_string_equal(buf.data, utf8[i].text);
        mpr_buf_release(&buf);
        free(copy);
    }
}

/* Whatever goes in, what comes out is valid and has no control character. */
static void test_text_append_always_gives_utf8(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        struct mpr_buf buf;
        mpr_buf_init(&buf);
        mpr_text_append(&buf, bytes, sizeof(bytes));
        for (size_t i = 0; i < buf.len;) {
            size_t step = mpr_utf8_sequence(buf.data + i, buf.len - i);
            assert_true(step > 0);
            assert_true((unsigned char)buf.data[i] >= 0x20 || buf.data[i] == '\t');
            i += step;
        }
        mpr_buf_release(&buf);
    }
}

static void test_text_string_helpers(void **state)
{
    (void)state;
    assert_null(mpr_strdup(NULL));
    char *copy = mpr_strdup("x");
    assert_string_equal(copy, "x");
    free(copy);
    char *text = mpr_asprintf("%s/%d", "a", 1);
    assert_string_equal(text, "a/1");
    free(text);
    assert_true(mpr_has_prefix("abc", "ab"));
    assert_true(mpr_has_prefix("abc", ""));
    assert_false(mpr_has_prefix("a", "ab"));
    assert_true(mpr_has_suffix("a.py", ".py"));
    assert_true(mpr_has_suffix("abc", ""));
    assert_false(mpr_has_suffix("y", "py"));
    assert_false(mpr_has_suffix("a.pyc", ".py"));
}

static void test_text_path_below_a_folder(void **state)
{
    (void)state;
    assert_string_equal(mpr_path_relative("/a/b", "/a/b/c/d.py"), "c/d.py");
    assert_string_equal(mpr_path_relative("/a/b", "/a/bc/d.py"), "/a/bc/d.py");
    assert_string_equal(mpr_path_relative("/a/b", "/a/b"), "/a/b");
    assert_string_equal(mpr_path_relative("/a/b", "/a/b/"), "/a/b/");
    assert_string_equal(mpr_path_relative("/", "/a"), "/a");
    assert_string_equal(mpr_path_relative(NULL, "/a"), "/a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_utf8_table),
        cmocka_unit_test(test_text_append_always_gives_utf8),
        cmocka_unit_test(test_text_string_helpers),
        cmocka_unit_test(test_text_path_below_a_folder),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
