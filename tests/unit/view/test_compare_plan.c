/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static bool has(const struct mpr_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strcmp(plan->shown[i].column->name, name) == 0)
            return true;
    return false;
}

static void test_plan_has_columns_with_something_in_them(void **state)
{
    (void)state;
    struct mpr_profile *before = made_state(false), *after = made_state(true);
    struct mpr_comparison *comparison = made_comparison(before, after);
    struct mpr_plan plan;
    mpr_comparison_plan(comparison, 0, &plan);
    assert_true(has(&plan, "hits") && has(&plan, "heap_delta") && has(&plan, "at_peak"));
    assert_true(has(&plan, "time_ns") && plan.has_times && plan.has_sizes);
    assert_false(has(&plan, "spike") || has(&plan, "rss_delta"));
    assert_int_equal(plan.source, 0);
    mpr_comparison_plan(comparison, 60, &plan);
    assert_false(has(&plan, "time_ns"));
    assert_true(has(&plan, "at_peak"));
    assert_true(plan.columns + plan.source <= 60);
    mpr_comparison_plan(comparison, 1, &plan);
    assert_int_equal(plan.count, 1);
    assert_true(has(&plan, "at_peak"));
    mpr_comparison_free(comparison);
    comparison = made_comparison(before, before);
    mpr_comparison_plan(comparison, 80, &plan);
    assert_int_equal(plan.count, 0);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_has_columns_with_something_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
