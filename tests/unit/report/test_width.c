/* SPDX-License-Identifier: MIT */
/* Text on a terminal: how wide it is, where it is cut, what is escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "width.h"

static void assert_shown(const char *text, size_t limit, bool unicode, const char *expected)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    size_t columns = mpr_width_append(&out, text, limit, unicode);
    assert_string_equal(out.data, expected);
    assert_int_equal(columns, mpr_width(expected, true));
    mpr_buf_release(&out);
}

static void test_width_text_is_cut_at_its_display_width(void **state)
{
    (void)state;
    assert_shown("abcdef", 6, true, "abcdef");
    assert_shown("abcdefg", 6, true, "abcde…");
    assert_shown("abcdefg", 6, false, "abc...");
    assert_shown("日本語で", 8, true, "日本語で");
    assert_shown("日本語で", 7, true, "日本語…");
    assert_shown("日本語で", 6, true, "日本…");
    assert_shown("abc", 1, true, "…");
    assert_shown("abc", 2, false, "..");
    assert_shown("\tx", 0, true, "        x");
    assert_shown("ab\tx", 0, true, "ab      x");
    assert_shown("e\xcc\x81t", 2, true, "e\xcc\x81t");
}

static void test_width_nothing_reaches_the_terminal_raw(void **state)
{
    (void)state;
    assert_shown("\033[31m", 0, true, "\\x1b[31m");
    assert_shown("\xc2\x9b"
                 "31m",
        0, true, "\\x9b31m");
    assert_shown("\xe2\x80\xae"
                 "abc",
        0, true, "\\u202eabc");
    assert_shown("\xe2\x80\xa8", 0, true, "\\u2028");
    assert_shown("\xff", 0, true, "\\xff");
    assert_shown("é日😀", 0, false, "\\xe9\\u65e5\\U0001f600");
}

static void test_width_wrapping_keeps_to_the_width(void **state)
{
    (void)state;
    struct mpr_buf out;
    mpr_buf_init(&out);
    mpr_width_wrap(&out, "one two  three averyverylongword x", 0, 2, 10, true);
    assert_string_equal(out.data, "one two\n  three\n  averyverylongword\n  x");
    mpr_buf_release(&out);
}

static void test_width_wrapping_nothing_fails_the_report(void **state)
{
    (void)state;
    struct mpr_buf out;
    mpr_buf_init(&out);
    mpr_width_wrap(&out, NULL, 0, 0, 80, true);
    assert_true(out.failed);
    mpr_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_width_text_is_cut_at_its_display_width),
        cmocka_unit_test(test_width_nothing_reaches_the_terminal_raw),
        cmocka_unit_test(test_width_wrapping_keeps_to_the_width),
        cmocka_unit_test(test_width_wrapping_nothing_fails_the_report),
    };
    return cmocka_run_group_tests_name("width", tests, NULL, NULL);
}
