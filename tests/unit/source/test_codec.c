/* SPDX-License-Identifier: MIT */
/* A Python codec's name as iconv has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/source.h"

static void assert_codec(const char *python, const char *expected)
{
    char name[64];
    mpr_source_codec(python, name, sizeof name);
    assert_string_equal(name, expected);
}

static void test_codec_have_pythons_names(void **state)
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

static void test_codec_name_longer_than_its_room(void **state)
{
    char name[6];
    (void)state;
    memset(name, 'x', sizeof name);
    mpr_source_codec("latin_1", name, sizeof name);
    assert_string_equal(name, "ISO-8");
    mpr_source_codec("a-very-long-name", name, sizeof name);
    assert_int_equal(strlen(name), sizeof name - 1);
    mpr_source_codec("", name, sizeof name);
    assert_string_equal(name, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codec_have_pythons_names),
        cmocka_unit_test(test_codec_name_longer_than_its_room),
    };
    return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
