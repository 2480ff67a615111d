/* SPDX-License-Identifier: MIT */
/* The facts of the run, its totals and its peak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_facts_of_the_run(void **state)
{
    (void)state;
    struct mpr_profile *profile = build();
    assert_string_equal(profile->process[0].command[0], "orders.py");
    assert_string_equal(profile->process[0].python, "3.11.2");
    assert_int_equal(profile->process[0].container, MPR_CONTAINER_INTERPRETER);
    assert_int_equal(profile->process[0].tier, MPR_TIER_RUSAGE);
    assert_int_equal(profile->process[0].exit_status, 0);
    assert_int_equal(profile->process[0].rss_start, MIB(9));
    assert_int_equal(profile->process[0].rss_peak, MIB(30));
    assert_int_equal(profile->process[0].rss_end, MIB(20));
    assert_int_equal(profile->process[0].engine, MPR_ENGINE_SETTRACE);
    mpr_profile_free(profile);
    memset(header()->host.trace_engine, 0, sizeof header()->host.trace_engine);
    profile = build();
    assert_int_equal(profile->process[0].engine, MPR_ENGINE_NONE);
    mpr_profile_free(profile);
}

static void test_facts_peak_is_not_below_start_and_end(void **state)
{
    (void)state;
    header()->rss.hwm = MIB(10);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(20));
    mpr_profile_free(profile);
    header()->rss.start = MIB(21);
    profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(21));
    mpr_profile_free(profile);
}

static void test_facts_peak_names_the_row_that_closed_with_it(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 1, MIB(199), MIB(180));
    set_row(fn, 6, 1, MIB(30), 0);
    add_sample(10, MIB(200), offset_of(fn), 6);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].peak_line, 5);
    mpr_profile_free(profile);
    set_row(fn, 5, 1, MIB(190), MIB(180));
    profile = build();
    assert_int_equal(profile->process[0].peak_line, 6);
    mpr_profile_free(profile);
}

static void test_facts_peak_is_never_below_what_was_seen(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 1, MIB(40), MIB(30));
    add_sample(10, MIB(50), offset_of(fn), 6);
    add_sample(20, MIB(20), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(50));
    assert_int_equal(profile->process[0].peak_function, 0);
    assert_int_equal(profile->process[0].peak_line, 6);
    assert_false(has_note(profile, "saw the peak"));
    mpr_profile_free(profile);
}

static void test_facts_peak_leaves_children_out(void **state)
{
    (void)state;
    header()->rss.end = header()->rss.hwm = 0;
    header()->processes.children = 2;
    run.maxrss = MIB(500);
    add_sample(10, MIB(18), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].rss_peak, MIB(29));
    assert_int_equal(profile->process[0].rss_end, MIB(18));
    assert_true(has_note(profile, "started 2 processes: they were not measured"));
    mpr_profile_free(profile);
}

/* The model's names of tiers are the recording's, which are those of the command line. */
static void test_facts_tiers_are_called_the_same(void **state)
{
    (void)state;
    for (int tier = MPR_RSS_FAULTS; tier < MPR_RSS_TIERS; tier++) {
        header()->rss.tier = (uint32_t)tier;
        struct mpr_profile *profile = build();
        assert_string_equal(
            mpr_tier_name(profile->process[0].tier), mpr_rss_tier_name((enum mpr_rss_tier)tier));
        mpr_profile_free(profile);
    }
}

static void test_facts_process_ends_as_it_did(void **state)
{
    (void)state;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_EXIT);
    mpr_profile_free(profile);
    run.wait_status = 9;
    profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_SIGNAL);
    assert_int_equal(profile->process[0].exit_signal, 9);
    mpr_profile_free(profile);
    run.wait_status = 0;
    header()->processes.exec_ns = header()->clock.start.ns + 1;
    profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_EXEC);
    mpr_profile_free(profile);
    run.running = true;
    profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_NOT);
    assert_int_equal(profile->process[0].exit_status, -1);
    assert_non_null(strstr(profile->notes[0], "was still running when this was written, 1.00 s"));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_facts_of_the_run),
        MODEL_CASE(test_facts_peak_is_not_below_start_and_end),
        MODEL_CASE(test_facts_peak_names_the_row_that_closed_with_it),
        MODEL_CASE(test_facts_peak_is_never_below_what_was_seen),
        MODEL_CASE(test_facts_peak_leaves_children_out),
        MODEL_CASE(test_facts_tiers_are_called_the_same),
        MODEL_CASE(test_facts_process_ends_as_it_did),
    };
    return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
