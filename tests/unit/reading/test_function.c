/* SPDX-License-Identifier: MIT */
/* One function: its names and its rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_function_has_rows_and_totals(void **state)
{
    (void)state;
    add_pattern("load");
    struct mpr_rec_function *fn = add_function("orders.py", "Shop.load", 4, 7, 0);
    set_row(fn, 5, 3, MIB(14), MIB(5));
    set_row(fn, 6, 2, MIB(13), -MIB(1));
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    const struct mpr_profile_function *load = &profile->functions[0];
    assert_string_equal(load->file, "/home/ann/orders.py");
    assert_string_equal(load->name, "load");
    assert_string_equal(load->qualname, "Shop.load");
    assert_string_equal(load->module, "__main__");
    assert_string_equal(load->selected_by, "load");
    assert_int_equal(load->last_line, 7);
    assert_int_equal(load->row_count, 4);
    assert_int_equal(load->rss_delta, MIB(4));
    assert_int_equal(load->time_ns, 2000);
    assert_int_equal(load->rss_entry, MIB(10));
    assert_int_equal(load->rows[0].rss, MIB(10));
    assert_false(load->rows[0].measured);
    assert_int_equal(load->rows[0].rss_delta, 0);
    assert_int_equal(load->rows[1].hits, 3);
    assert_true(load->rows[1].measured);
    assert_int_equal(load->rows[3].rss, MPR_UNKNOWN);
    assert_non_null(load->source_problem);
    mpr_profile_free(profile);
}

static void test_function_without_rss_knows_no_sizes(void **state)
{
    (void)state;
    header()->rss.tier = MPR_RSS_OFF;
    struct mpr_rec_function *fn = add_function("orders.py", "load", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, 3, 1, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->rss, MPR_UNKNOWN);
    assert_int_equal(row(profile, 0, 5)->rss_delta, MPR_UNKNOWN);
    assert_true(row(profile, 0, 5)->measured);
    assert_int_equal(profile->functions[0].rss_entry, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].rss_delta, MPR_UNKNOWN);
    assert_int_equal(profile->functions[0].time_ns, 1000);
    assert_int_equal(profile->process[0].rss_resolution, MPR_UNKNOWN);
    mpr_profile_free(profile);
}

/* Rows for those, and found by them. */
static void test_function_with_lines_far_apart(void **state)
{
    static const struct mpr_rec_stretch far[] = {{4, 2, 0}, {600000, 1, 2}, {5000000, 2, 3}};
    static const uint32_t lines[] = {4, 5, 600000, 5000000, 5000001};
    (void)state;
    add_pattern("far");
    struct mpr_rec_function *fn = add_far_function("<made>", "far", far, 3);
    set_row(fn, 5, 3, MIB(14), MIB(5));
    set_row(fn, 600000, 2, MIB(13), -MIB(1));
    struct mpr_rec_slots *slots = add_slots(2);
    slots->slot[0] = opened(1, fn, 5000001, MIB(10), 0);
    slots->slot[1] = opened(1, fn, 70, MIB(10), 0);
    header()->rss.end = 0;
    header()->rss.last = MIB(12);
    struct mpr_profile *profile = build();
    const struct mpr_profile_function *got = &profile->functions[0];
    assert_int_equal(got->row_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(got->rows[i].line, lines[i]);
    assert_int_equal(got->last_line, 5000001);
    assert_int_equal(got->rows[1].rss_delta, MIB(5));
    assert_int_equal(got->rows[2].hits, 2);
    assert_true(got->rows[4].ended_here && !got->rows[3].ended_here);
    assert_int_equal(profile->process[0].open_count, 1);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_function_has_rows_and_totals),
        MODEL_CASE(test_function_without_rss_knows_no_sizes),
        MODEL_CASE(test_function_with_lines_far_apart),
    };
    return cmocka_run_group_tests_name("function", tests, NULL, NULL);
}
