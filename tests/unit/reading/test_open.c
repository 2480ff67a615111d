/* SPDX-License-Identifier: MIT */
/* Rows that were open at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_open_charges_rows_innermost_first(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(950, MIB(18), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].exit_status, -1);
    assert_int_equal(profile->process[0].exit_signal, SIGKILL);
    assert_int_equal(row(profile, 1, 21)->rss_delta, MIB(4));
    assert_int_equal(row(profile, 1, 21)->rss, MIB(18));
    assert_true(row(profile, 1, 21)->measured);
    /* 1 from before, 7 of the inner f; the outer f's 8 less the 1 and 7 charged already. */
    assert_int_equal(row(profile, 0, 6)->rss_delta, MIB(8));
    assert_int_equal(row(profile, 0, 5)->rss_delta, 0);
    assert_int_equal(profile->functions[0].rss_delta, MIB(8));
    assert_true(row(profile, 0, 5)->ended_here);
    assert_true(row(profile, 0, 6)->ended_here);
    assert_false(row(profile, 0, 7)->ended_here);
    assert_int_equal(profile->process[0].open_count, 3);
    assert_int_equal(profile->process[0].open[0].line, 5);
    assert_int_equal(profile->process[0].open[2].line, 21);
    assert_int_equal(profile->process[0].open[2].function, 1);
    assert_true(has_note(profile, "ended inside the lines marked \"ended here\""));
    mpr_profile_free(profile);
}

static void test_open_closes_rows_with_the_later_value(void **state)
{
    (void)state;
    add_open_stack();
    add_sample(50, MIB(12), 0, 0); /* before the rows opened, 200 ms after the start */
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 1, 21)->rss, MIB(14));
    assert_int_equal(row(profile, 1, 21)->rss_delta, 0);
    assert_int_equal(profile->process[0].rss_end, MIB(14));
    /* Open for 800 of 1000 ms; the inner f's time is charged to no outer row twice. */
    assert_int_equal(row(profile, 0, 6)->time_ns, 800000000 + 1000); /* its own from before */
    assert_int_equal(row(profile, 0, 5)->time_ns, 0);
    mpr_profile_free(profile);
}

static void test_open_of_a_sudden_death_ends_with_what_was_seen(void **state)
{
    (void)state;
    header()->rss.end = header()->rss.hwm = 0;
    run.wait_status = SIGKILL;
    struct mpr_profile *profile = build();
    assert_int_equal(
        profile->process[0].rss_end, MIB(20)); /* at the last line, for nothing else was seen */
    mpr_profile_free(profile);
    add_sample(950, MIB(18), 0, 0);
    profile = build();
    assert_int_equal(profile->process[0].rss_end, MIB(18));
    mpr_profile_free(profile);
    timeline.count = 0;
    header()->rss.tier = MPR_RSS_OFF;
    profile = build();
    assert_int_equal(profile->process[0].rss_end, MPR_UNKNOWN);
    mpr_profile_free(profile);
}

static void test_open_in_order_closes_with_the_end(void **state)
{
    (void)state;
    add_open_stack();
    header()->rss.end = MIB(15);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 1, 21)->rss_delta, MIB(1));
    assert_int_equal(profile->process[0].rss_end, MIB(15));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_open_charges_rows_innermost_first),
        MODEL_CASE(test_open_closes_rows_with_the_later_value),
        MODEL_CASE(test_open_of_a_sudden_death_ends_with_what_was_seen),
        MODEL_CASE(test_open_in_order_closes_with_the_end),
    };
    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
