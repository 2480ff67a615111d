/* SPDX-License-Identifier: MIT */
/* What counts against the budgets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_view.h"

static const struct mpr_view_options plain = {.top = 0};

static void test_budget_of_each_kind(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_heap *heap = &profile->process[0].heap;
    heap->tracked = true;
    heap->all.peak = 70;
    heap->all.end = 50;
    heap->before = 20;
    profile->process[0].rss_peak = 90;
    struct mpr_view *view = made_view(profile, &plain);
    assert_int_equal(mpr_view_budget(view, MPR_BUDGET_PEAK_HEAP), 70);
    assert_int_equal(mpr_view_budget(view, MPR_BUDGET_PEAK_RSS), 90);
    assert_int_equal(mpr_view_budget(view, MPR_BUDGET_LEAK), 30);
    heap->before = 60; /* what was there is freed: less than no leak */
    assert_int_equal(mpr_view_budget(view, MPR_BUDGET_LEAK), -10);
    heap->all.end = INT64_MIN + 1; /* nothing that can be said */
    assert_int_equal(mpr_view_budget(view, MPR_BUDGET_LEAK), MPR_UNKNOWN);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_budget_of_what_was_not_measured(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].rss_peak = MPR_UNKNOWN;
    profile->process[0].heap.all.peak = 5;
    struct mpr_view *view = made_view(profile, &plain);
    for (int budget = 0; budget < MPR_BUDGETS; budget++)
        assert_int_equal(mpr_view_budget(view, (enum mpr_budget)budget), MPR_UNKNOWN);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget_of_each_kind),
        cmocka_unit_test(test_budget_of_what_was_not_measured),
    };
    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
