/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static const char *const was[] = {"def f():", "    a = 1", "    b = 2", NULL};
static const char *const is[] = {"def f():", "    new()", "    a = 1", "    b = 2", NULL};
static const int was_bytes[] = {-1, 10, 20}, is_bytes[] = {-1, 1, 10, 20};

/* Of the function with rows. */
static void rows_site(struct mpr_profile *profile, uint32_t line, int64_t bytes)
{
    made_site(profile, "/home/ann/shop/orders.py", "f", line, bytes, bytes, bytes);
    profile->places[profile->place_count - 1].function = 0;
}

static void test_sites_go_with_their_rows(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "f", 1, was, was_bytes);
    made_lines(after, "f", 1, is, is_bytes);
    rows_site(before, 2, 1000);
    rows_site(before, 3, 2000);
    rows_site(after, 2, 77);
    rows_site(after, 3, 1000);
    rows_site(after, 4, 2500);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 2);
    assert_int_equal(comparison->sites[0].site[MPR_BEFORE]->line, 3);
    assert_int_equal(comparison->sites[0].site[MPR_AFTER]->line, 4);
    assert_int_equal(comparison->sites[0].growth, 500);
    assert_null(comparison->sites[1].site[MPR_BEFORE]);
    assert_int_equal(comparison->sites[1].growth, 77);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* Packages stand elsewhere on another machine, and their functions further down. */
static void test_sites_of_packages(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_site(before, "/venv/lib/python3.11/site-packages/lib/a.py", "g", 5, 100, 100, 100);
    made_site(after, "/usr/lib/python3/dist-packages/lib/a.py", "g", 25, 100, 100, 60);
    after->places[0].first_line = 21;
    made_site(before, "/usr/lib/python3.11/json/decoder.py", "h", 9, 5, 5, 5);
    made_site(after, "/opt/lib/python3.12/json/decoder.py", "h", 9, 5, 5, 5);
    made_site(before, NULL, "<startup>", 0, 10, 10, 10);
    made_site(after, NULL, "<startup>", 0, 30, 30, 30);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 2);
    assert_string_equal(comparison->sites[0].site[MPR_AFTER]->function, "<startup>");
    assert_int_equal(comparison->sites[1].growth, -40);
    assert_int_equal(comparison->sites[1].site[MPR_AFTER]->line, 25);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* A comprehension has no rows of its own, but its file is that of a function that has. */
static void test_sites_of_a_file_of_another_name(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "f", 1, was, was_bytes);
    struct mpr_profile_function *function = made_lines(after, "f", 1, was, was_bytes);
    free(function->file);
    function->file = made_text("/home/ann/shop/new.py");
    made_site(before, "/home/ann/shop/orders.py", "f.<listcomp>", 2, 100, 100, 100);
    made_site(after, "/home/ann/shop/new.py", "f.<listcomp>", 2, 100, 150, 100);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 1);
    assert_int_equal(comparison->sites[0].growth, 50);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* The two runs selected different functions. */
static void test_sites_where_one_side_has_a_table(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "f", 1, was, was_bytes);
    rows_site(before, 2, 1000);
    made_site(after, "/home/ann/shop/orders.py", "f", 2, 1000, 1000, 1000);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 0);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* A report in JSON does not say where its function begins. */
static void test_sites_without_depth_by_their_function(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_site(before, "/home/ann/shop/orders.py", "g", 22, 1000, 1000, 1000);
    made_site(before, "/home/ann/shop/orders.py", "g", 25, 70, 70, 70);
    made_site(after, "/home/ann/shop/orders.py", "g", 32, 1000, 1000, 1000);
    made_site(after, "/home/ann/shop/orders.py", "g", 35, 90, 90, 90);
    after->places[0].first_line = after->places[1].first_line = 0;
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 1);
    assert_int_equal(comparison->sites[0].growth, 20);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* What was not measured is not nothing. */
static void test_sites_need_the_heap_on_both_sides(void **state)
{
    (void)state;
    struct mpr_profile *before = made_profile(), *after = made_tracked();
    made_site(after, "/home/ann/shop/orders.py", "g", 32, 1000, 1000, 1000);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 0);
    mpr_comparison_free(comparison);
    before->process[0].heap.tracked = true;
    before->detail = MPR_DETAIL_NO_SITES;
    comparison = made_comparison(before, after);
    assert_int_equal(comparison->site_count, 0);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sites_go_with_their_rows),
        cmocka_unit_test(test_sites_of_packages),
        cmocka_unit_test(test_sites_of_a_file_of_another_name),
        cmocka_unit_test(test_sites_where_one_side_has_a_table),
        cmocka_unit_test(test_sites_without_depth_by_their_function),
        cmocka_unit_test(test_sites_need_the_heap_on_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
