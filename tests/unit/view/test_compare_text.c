/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/view/compare.h"

static bool equal(const char *a, const char *b, enum mpr_likeness likeness)
{
    struct mpr_line_text lines[] = {{a, 1, 9}, {"", 2, 9}, {b, 1, 9}};
    assert_true(mpr_number_lines(lines, 3, likeness));
    return lines[0].number == lines[2].number;
}

static void test_text_without_the_blanks_around_it(void **state)
{
    (void)state;
    assert_true(equal("    a = 1", "a = 1\t", MPR_LIKE_WHOLE));
    assert_false(equal("a = 1", "a  = 1", MPR_LIKE_WHOLE));
    assert_false(equal("a", "ab", MPR_LIKE_WHOLE));
    assert_true(equal(NULL, NULL, MPR_LIKE_WHOLE));
    assert_false(equal(NULL, "", MPR_LIKE_WHOLE));
    assert_true(mpr_line_is_blank(" \t"));
    assert_false(mpr_line_is_blank(" x"));
    assert_false(mpr_line_is_blank(NULL));
}

static void test_text_by_its_shape(void **state)
{
    (void)state;
    assert_true(equal("a = [0] * 100", "  a = [1_0] * 2.5e3", MPR_LIKE_SHAPE));
    assert_false(equal("a1 = 5", "a2 = 5", MPR_LIKE_SHAPE));
    assert_true(equal("f('x', \"y\")", "f(\"other\", '')", MPR_LIKE_SHAPE));
    assert_true(equal("f('it\\'s')", "f('')", MPR_LIKE_SHAPE));
    assert_false(equal("f('x)", "f('x')", MPR_LIKE_SHAPE)); /* no end */
    assert_false(equal("a = b", "a = c", MPR_LIKE_SHAPE));
    assert_true(equal("é1 = 2", "é1 = 3", MPR_LIKE_SHAPE));
}

static void test_text_by_its_stem(void **state)
{
    (void)state;
    assert_true(equal("rows = load(x)", "    rows = []", MPR_LIKE_STEM));
    assert_true(equal("self.log('a')", "self.log()", MPR_LIKE_STEM));
    assert_false(equal("rows = 1", "rows2 = 1", MPR_LIKE_STEM));
    assert_false(equal("return a", "return b", MPR_LIKE_STEM));
    assert_true(equal("(a, b) = 1", "(a, b) = 2", MPR_LIKE_STEM));
    assert_true(equal("", " ", MPR_LIKE_STEM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_without_the_blanks_around_it),
        cmocka_unit_test(test_text_by_its_shape),
        cmocka_unit_test(test_text_by_its_stem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
