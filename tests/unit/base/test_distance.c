/* SPDX-License-Identifier: MIT */
/* Edits between words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/base.h"

static size_t distance(const char *a, const char *b)
{
    return mpr_edit_distance(a, strlen(a), b, strlen(b));
}

static void test_distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("func", "func"), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("abc", ""), 3);
    assert_int_equal(distance("fun", "func"), 1);
    assert_int_equal(distance("fnuc", "func"), 1); /* neighbours */
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("f?nc", "func"), 0);
    assert_int_equal(distance("func", "f?nc"), 1);
    assert_int_equal(mpr_edit_distance("abX", 2, "abY", 2), 0);
}

static void test_distance_of_long_words_is_none(void **state)
{
    (void)state;
    char text[MPR_EDIT_MAX + 1];
    memset(text, 'a', sizeof text);
    assert_int_equal(mpr_edit_distance(text, MPR_EDIT_MAX, text, MPR_EDIT_MAX), 0);
    assert_true(mpr_edit_distance(text, sizeof text, "a", 1) == SIZE_MAX);
    assert_true(mpr_edit_distance("a", 1, text, sizeof text) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance_counts_edits),
        cmocka_unit_test(test_distance_of_long_words_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
