/* SPDX-License-Identifier: MIT */
/* Which rows of a function belong to functions with listings of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"
#include "view.h"

/* A function of these lines; each of its rows was measured where it `ran`. */
static void add(
    struct mpr_profile *profile, const char *file, uint32_t first, uint32_t last, bool ran)
{
    const char *lines[64];
    for (uint32_t i = 0; i <= last - first; i++)
        lines[i] = "pass";
    lines[last - first + 1] = NULL;
    struct mpr_profile_function *f = made_function(profile, file, "f", first, lines);
    if (!ran)
        return;
    made_row(f, last, 1, MADE_MIB(9), MADE_MIB(1), 5);
    made_entry(f, 1, MADE_MIB(8));
}

/* The marks of the function that begins there, a digit a row. */
static void assert_marks(struct mpr_profile *profile, uint32_t first, const char *expected)
{
    const struct mpr_view_options options = {.sort = MPR_SORT_HEAP};
    uint8_t marks[64] = {0};
    char got[65] = "";
    struct mpr_view *view = made_view(profile, &options);
    size_t at = 0;
    while (view->functions[at].function->first_line != first)
        at++;
    mpr_view_mark_nested(view, at, marks);
    for (size_t i = 0; i < view->functions[at].function->row_count; i++)
        got[i] = marks[i] ? '1' : '0';
    assert_string_equal(got, expected);
    mpr_view_free(view);
}

/* Its first line is the outer one's own: there the definition ran. */
static void test_nested_body_inside_another(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    add(profile, "/a.py", 13, 15, true);
    add(profile, "/a.py", 10, 18, true);
    assert_marks(profile, 10, "000011000");
    assert_marks(profile, 13, "000");
    mpr_profile_free(profile);
}

static void test_nested_only_what_is_inside_counts(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    add(profile, "/a.py", 10, 18, true);
    add(profile, "/b.py", 12, 14, true); /* another file */
    add(profile, "/a.py", 17, 20, true); /* it reaches beyond */
    add(profile, "/a.py", 5, 9, true);
    add(profile, "/a.py", 19, 19, true);
    add(profile, "/a.py", 12, 14, false); /* it has no listing */
    assert_marks(profile, 10, "000000000");
    mpr_profile_free(profile);
}

/* Two of the same lines are inside each other in neither way; inner ones of inner ones count once.
 */
static void test_nested_deeper_and_equal_ones(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    add(profile, "/a.py", 10, 20, true);
    add(profile, "/a.py", 12, 16, true);
    add(profile, "/a.py", 13, 15, true);
    add(profile, "/a.py", 17, 18, true);
    assert_marks(profile, 10, "00011110100");
    assert_marks(profile, 12, "00110");
    add(profile, "/a.py", 13, 15, true);
    assert_marks(profile, 13, "000");
    mpr_profile_free(profile);
}

static void test_nested_of_no_functions(void **state)
{
    const struct mpr_view_options options = {.top = 0};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_view *view = made_view(profile, &options);
    assert_non_null(view->by_place);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested_body_inside_another),
        cmocka_unit_test(test_nested_only_what_is_inside_counts),
        cmocka_unit_test(test_nested_deeper_and_equal_ones),
        cmocka_unit_test(test_nested_of_no_functions),
    };
    return cmocka_run_group_tests_name("nested", tests, NULL, NULL);
}
