/* SPDX-License-Identifier: MIT */
/* Budgets: what is said of each that was exceeded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "budget.h"
#include "made_view.h"

/* A peak of 107.3 MiB heap and 132.6 MiB RSS, 56.7 MiB left. */
static struct mpr_profile *profile;

static int make(void **state)
{
    (void)state;
    profile = made_orders_heap();
    return 0;
}

static int forget(void **state)
{
    (void)state;
    mpr_profile_free(profile);
    return 0;
}

static void assert_tells(const struct mpr_limits *limits, const char *expected)
{
    const struct mpr_view_options options = {.top = 0};
    struct mpr_view *view = made_view(profile, &options);
    struct mpr_error err = {""};
    struct mpr_buf out;
    mpr_buf_init(&out);
    assert_int_equal(mpr_limits_exceeded(limits, view, &out, &err), 0);
    assert_string_equal(out.data, expected);
    mpr_buf_release(&out);
    mpr_view_free(view);
}

static void assert_peak_told(int64_t peak, int64_t limit, const char *expected)
{
    struct mpr_limits limits = MPR_LIMITS_NONE;
    limits.peak_heap = limit;
    profile->process[0].heap.all.peak = peak;
    profile->site_count = 0;
    assert_tells(&limits, expected);
}

static void test_budget_kept_says_nothing(void **state)
{
    struct mpr_limits limits = MPR_LIMITS_NONE;
    (void)state;
    assert_tells(&limits, "");
    limits = (struct mpr_limits){MADE_MIB(107.3), MADE_MIB(132.6), MADE_MIB(56.7)};
    assert_tells(&limits, "");
}

static void test_budget_exceeded_names_the_worst_line(void **state)
{
    const struct mpr_limits limits = {MADE_MIB(100), MADE_MIB(128), MADE_MIB(50)};
    (void)state;
    assert_tells(&limits,
        "--max-peak-heap: the heap's peak is 107.3 MiB, above 100 MiB; "
        "/home/ann/shop/orders.py:8 (load.<locals>.<listcomp>) held 88 MiB of it\n"
        "--max-peak-rss: the peak of RSS is 132.6 MiB, above 128 MiB; "
        "reached in /home/ann/shop/orders.py:15 (load)\n"
        "--max-leak: what is still live at the end is 56.7 MiB, above 50 MiB; "
        "/home/ann/shop/orders.py:21 (load) left 64 MiB of it");
}

/* Where no sample saw the peak of RSS: who held the heap's. What has no file has its name. */
static void test_budget_of_rss_that_no_sample_saw(void **state)
{
    struct mpr_limits limits = MPR_LIMITS_NONE;
    (void)state;
    limits.peak_rss = 1;
    profile->process[0].peak_line = 0;
    profile->process[0].peak_function = MPR_NONE;
    profile->site_count = 0;
    made_site(profile, NULL, "<native thread>", 0, 2048, 2048, 0);
    assert_tells(&limits, "--max-peak-rss: the peak of RSS is 132.6 MiB, above 1 bytes; "
                          "<native thread> held at the heap's peak 2 KiB of it");
}

static void test_budget_is_told_to_the_byte_where_it_is_close(void **state)
{
    (void)state;
    assert_peak_told(MADE_MIB(10) + 33, MADE_MIB(10),
        "--max-peak-heap: the heap's peak is 10,485,793 bytes, above 10,485,760");
    assert_peak_told(MADE_MIB(10), MADE_MIB(10) - 1,
        "--max-peak-heap: the heap's peak is 10,485,760 bytes, above 10,485,759");
    assert_peak_told(501, 500, "--max-peak-heap: the heap's peak is 501 bytes, above 500");
    assert_peak_told(1024, 0, "--max-peak-heap: the heap's peak is 1 KiB, above 0 bytes");
    assert_peak_told(INT64_MAX - 1, INT64_MAX - 2,
        "--max-peak-heap: the heap's peak is 9,223,372,036,854,775,806 bytes, above "
        "9,223,372,036,854,775,805");
}

static void test_budget_of_what_was_not_measured_is_an_error(void **state)
{
    const struct mpr_view_options options = {.top = 0};
    const struct mpr_limits limits = {MPR_NO_LIMIT, MPR_NO_LIMIT, 5};
    struct mpr_error err = {""};
    struct mpr_buf out;
    (void)state;
    profile->process[0].heap.tracked = false;
    struct mpr_view *view = made_view(profile, &options);
    mpr_buf_init(&out);
    assert_int_equal(mpr_limits_exceeded(&limits, view, &out, &err), MPR_ERR_UNSUPPORTED);
    assert_string_equal(
        err.message, "--max-leak: what is still live at the end was not measured in this run");
    mpr_view_free(view);
    mpr_buf_release(&out);
}

static void test_budget_asked_for_of_what_is_off(void **state)
{
    struct mpr_limits limits = {MPR_NO_LIMIT, 5, MPR_NO_LIMIT};
    struct mpr_error err = {""};
    (void)state;
    assert_int_equal(mpr_limits_check(&limits, true, false, &err), 0);
    assert_int_equal(mpr_limits_check(&limits, false, true, &err), MPR_ERR_INVALID);
    assert_string_equal(err.message, "--max-peak-rss needs what --rss off switches off");
    limits = (struct mpr_limits){5, MPR_NO_LIMIT, 5};
    assert_int_equal(mpr_limits_check(&limits, false, true, &err), 0);
    assert_int_equal(mpr_limits_check(&limits, true, true, &err), MPR_ERR_INVALID);
    assert_string_equal(err.message, "--max-peak-heap needs what --no-heap switches off");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_budget_kept_says_nothing),
        CASE(test_budget_exceeded_names_the_worst_line),
        CASE(test_budget_of_rss_that_no_sample_saw),
        CASE(test_budget_is_told_to_the_byte_where_it_is_close),
        CASE(test_budget_of_what_was_not_measured_is_an_error),
        CASE(test_budget_asked_for_of_what_is_off),
    };
    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
