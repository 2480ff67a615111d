/* SPDX-License-Identifier: MIT */
/* Which running intervals a view shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_view.h"
#include "mprun/view_intervals.h"

/* Two functions with intervals of 30, 20, 20 and 10 ms. */
static struct mpr_profile *made_course(void)
{
    struct mpr_profile *profile = made_profile();
    made_small_function(profile, "/a.py", "f", 1, 0);
    made_small_function(profile, "/a.py", "g", 10, 0);
    made_interval(profile, 0, 1, 0, 30);
    made_interval(profile, 1, 1, 5, 25);
    made_interval(profile, 0, 1, 40, 60);
    made_interval(profile, 1, 1, 70, 80);
    profile->process[0].intervals.least_ns = 4;
    profile->process[0].intervals.left_out = 100;
    return profile;
}

static struct mpr_view_intervals shown(
    struct mpr_profile *profile, const char *pattern, size_t most, size_t expected)
{
    const struct mpr_view_options options = {
        .patterns = &pattern, .pattern_count = pattern != NULL};
    struct mpr_view *view = made_view(profile, &options);
    struct mpr_view_intervals intervals;
    assert_int_equal(mpr_view_intervals(view, most, &intervals), 0);
    assert_int_equal(intervals.count, expected);
    mpr_view_free(view);
    return intervals;
}

static void test_intervals_of_all_functions(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_course();
    struct mpr_view_intervals all = shown(profile, NULL, 0, 4);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(all.interval[i], &profile->process[0].intervals.interval[i]);
    assert_int_equal(all.least_ns, 4);
    assert_int_equal(all.left_out, 100);
    mpr_view_intervals_release(&all);
    mpr_view_intervals_release(&all);
    mpr_profile_free(profile);
}

static void test_intervals_of_chosen_functions(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_course();
    struct mpr_view_intervals chosen = shown(profile, "g", 0, 2);
    assert_int_equal(chosen.interval[0]->function, 1);
    mpr_view_intervals_release(&chosen);
    mpr_profile_free(profile);
}

/* Whatever is as short as one that goes, goes too. */
static void test_intervals_the_longest_stay(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_course();
    struct mpr_view_intervals longest = shown(profile, NULL, 3, 3);
    assert_int_equal(longest.least_ns, 10000000);
    assert_int_equal(longest.left_out, 101);
    assert_int_equal(longest.interval[2]->begin_ns, 40000000);
    mpr_view_intervals_release(&longest);
    longest = shown(profile, NULL, 2, 1);
    assert_int_equal(longest.least_ns, 20000000);
    assert_int_equal(longest.left_out, 103);
    mpr_view_intervals_release(&longest);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals_of_all_functions),
        cmocka_unit_test(test_intervals_of_chosen_functions),
        cmocka_unit_test(test_intervals_the_longest_stay),
    };
    return cmocka_run_group_tests_name("intervals", tests, NULL, NULL);
}
