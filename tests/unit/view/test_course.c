/* SPDX-License-Identifier: MIT */
/* The course of a run in parts, and who held the heap's peak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

static const struct mpr_view_options plain = {.unit = MPR_UNIT_AUTO};

/* Each sample is in one part, each part has its highest. */
static void test_course_keeps_every_high(void **state)
{
    static const double samples[] = {1, 2, 9, 3, 3, 4, 8, -1};
    int64_t highest[7];
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_samples(profile, samples);
    struct mpr_view *view = made_view(profile, &plain);
    mpr_view_course(view, 3, highest);
    assert_int_equal(highest[0], MADE_MIB(2));
    assert_int_equal(highest[1], MADE_MIB(9));
    assert_int_equal(highest[2], MADE_MIB(8));
    mpr_view_course(view, 7, highest);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(highest[i], MADE_MIB(samples[i]));
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* The first of equal ones; what is unknown is no level. */
static void test_course_finds_the_highest_samples(void **state)
{
    static const double samples[] = {0, 1, 9, 3, 9, 4, -1};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_view *view = made_view(profile, &plain);
    assert_null(mpr_view_highest_rss(view));
    assert_null(mpr_view_highest_heap(view));
    made_samples(profile, samples);
    struct mpr_profile_bucket *bucket = profile->process[0].timeline.bucket;
    assert_ptr_equal(mpr_view_highest_rss(view), &bucket[2]);
    assert_null(mpr_view_highest_heap(view));
    bucket[3].heap_max = 0;
    bucket[5].heap_max = 1;
    assert_ptr_equal(mpr_view_highest_heap(view), &bucket[5]);
    bucket[5].heap_max = -1;
    assert_ptr_equal(mpr_view_highest_heap(view), &bucket[3]);
    bucket[2].rss_max = MPR_UNKNOWN;
    assert_ptr_equal(mpr_view_highest_rss(view), &bucket[4]);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* At most three, and none that would show as less than one in two hundred. */
static void test_course_names_holders_that_show(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_view *view = made_view(profile, &plain);
    struct mpr_profile_holder *holders = profile->process[0].heap.holders;
    assert_int_equal(mpr_view_holders(view), 3);
    holders[2].live_at_peak = MADE_MIB(0.5);
    assert_int_equal(mpr_view_holders(view), 2);
    holders[0].live_at_peak = holders[1].live_at_peak = 1;
    assert_int_equal(mpr_view_holders(view), 0);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_course_keeps_every_high),
        cmocka_unit_test(test_course_finds_the_highest_samples),
        cmocka_unit_test(test_course_names_holders_that_show),
    };
    return cmocka_run_group_tests_name("course", tests, NULL, NULL);
}
