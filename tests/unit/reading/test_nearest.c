/* SPDX-License-Identifier: MIT */
/* Patterns that matched nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_nearest_names_what_comes_nearest(void **state)
{
    (void)state;
    add_pattern("heavy");
    add_pattern("laod");
    add_pattern("load");
    add_pattern("lo*");
    add_candidate("orders.py", "loader", 30, MPR_REC_BY_NONE);
    add_candidate("/srv/x.py", "zebra_crossing_function", 4, MPR_REC_BY_NONE);
    add_function("orders.py", "load", 4, 7, 2);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->unmatched_count, 2);
    assert_string_equal(profile->unmatched[1].pattern, "laod");
    assert_string_equal(profile->unmatched[1].nearest[0], "load (orders.py:4)");
    assert_string_equal(profile->unmatched[0].pattern, "heavy");
    assert_false(profile->unmatched[1].none_near);
    mpr_profile_free(profile);
}

static void test_nearest_names_some_where_nothing_is_near(void **state)
{
    (void)state;
    add_pattern("zzzzzz");
    add_pattern("json:*");
    add_pattern("json:zzzzzz");
    add_candidate("orders.py", "<lambda>", 1, MPR_REC_BY_NONE);
    add_candidate("orders.py", "load", 4, MPR_REC_BY_NONE);
    add_function("orders.py", "store", 30, 32, MPR_REC_BY_DECORATOR);
    add_function("/usr/lib/python3/json.py", "dumps", 4, 7, 1);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->unmatched_count, 2);
    const struct mpr_profile_unmatched *miss = &profile->unmatched[0];
    assert_true(miss->none_near);
    assert_false(miss->scoped);
    assert_string_equal(miss->nearest[0], "load (orders.py:4)");
    assert_string_equal(miss->nearest[1], "store (orders.py:30)");
    assert_ptr_equal(miss->nearest[2], NULL);
    assert_true(profile->unmatched[1].scoped);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_nearest_names_what_comes_nearest),
        MODEL_CASE(test_nearest_names_some_where_nothing_is_near),
    };
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
