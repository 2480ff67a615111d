/* SPDX-License-Identifier: MIT */
/* The error sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/base.h"

static void test_error_formats_and_returns_the_code(void **state)
{
    (void)state;
    struct mpr_error err = {"old"};
    assert_int_equal(mpr_error_set(&err, MPR_ERR_IO, "%s: %d", "x", 7), MPR_ERR_IO);
    assert_string_equal(err.message, "x: 7");
    assert_int_equal(mpr_error_set(NULL, MPR_ERR_LIMIT, "%s", "x"), MPR_ERR_LIMIT);
}

static void test_error_may_quote_itself(void **state)
{
    (void)state;
    struct mpr_error err = {"inner"};
    mpr_error_set(&err, MPR_ERR_IO, "outer: %s", err.message);
    assert_string_equal(err.message, "outer: inner");
}

static void test_error_is_cut_not_overrun(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct mpr_error err;
    mpr_error_set(&err, MPR_ERR_IO, "%s", text);
    assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_formats_and_returns_the_code),
        cmocka_unit_test(test_error_may_quote_itself),
        cmocka_unit_test(test_error_is_cut_not_overrun),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
