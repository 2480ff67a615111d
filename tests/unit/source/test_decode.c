/* SPDX-License-Identifier: MIT */
/* Python source to UTF-8, as PEP 263 says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/source.h"

static void assert_encoding(const char *source, const char *expected)
{
    char name[64];
    mpr_source_encoding(source, strlen(source), name, sizeof name);
    assert_string_equal(name, expected);
}

static void test_decode_encoding_follows_pep_263(void **state)
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

static void assert_decoded(const char *bytes, const char *expected)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    assert_true(mpr_source_decode(bytes, strlen(bytes), &out));
    assert_string_equal(out.data, expected);
    mpr_buf_release(&out);
}

static void test_decode_bytes_that_the_encoding_does_not_know(void **state)
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

/* Only as much of a name as there is room for; a cookie without a name is none. */
static void test_decode_hostile_cookies(void **state)
{
    char name[8];
    (void)state;
    mpr_source_encoding("#coding: iso-8859-15", 20, name, sizeof name);
    assert_true(strlen(name) < sizeof name);
    assert_encoding("#coding: \n", "utf-8");
    assert_encoding("#coding:", "utf-8");
    assert_encoding("#coding=", "utf-8");
    mpr_source_encoding("#coding: latin-1", 9, name, sizeof name); /* it ends there */
    assert_string_equal(name, "utf-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_encoding_follows_pep_263),
        cmocka_unit_test(test_decode_bytes_that_the_encoding_does_not_know),
        cmocka_unit_test(test_decode_hostile_cookies),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
