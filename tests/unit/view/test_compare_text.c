/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/view/compare.h"

static bool equal(const char *a, const char *b, bool shape)
{
    struct mpr_line_text lines[] = {{a, 1, 9}, {"", 2, 9}, {b, 1, 9}};
    assert_true(mpr_number_lines(lines, 3, shape));
    return lines[0].number == lines[2].number;
}

static void test_text_without_the_blanks_around_it(void **state)
{
    (void)state;
    assert_true(equal("    a = 1", "a = 1\t", false));
    assert_false(equal("a = 1", "a  = 1", false));
    assert_false(equal("a", "ab", false));
    assert_true(equal(NULL, NULL, false));
    assert_false(equal(NULL, "", false));
    assert_true(mpr_line_is_blank(" \t"));
    assert_false(mpr_line_is_blank(" x"));
    assert_false(mpr_line_is_blank(NULL));
}

static void test_text_by_its_shape(void **state)
{
    (void)state;
    assert_true(equal("a = [0] * 100", "  a = [1_0] * 2.5e3", true));
    assert_false(equal("a1 = 5", "a2 = 5", true));
    assert_true(equal("f('x', \"y\")", "f(\"other\", '')", true));
    assert_true(equal("f('it\\'s')", "f('')", true));
    assert_false(equal("f('x)", "f('x')", true)); /* no end */
    assert_false(equal("a = b", "a = c", true));
    assert_true(equal("é1 = 2", "é1 = 3", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_without_the_blanks_around_it),
        cmocka_unit_test(test_text_by_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
