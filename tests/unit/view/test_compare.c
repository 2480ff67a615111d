/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static const char *const work[] = {"def work():", "    a = [0] * 100", "    b = a * 3", NULL};
static const int work_bytes[] = {-1, 800, 2400};

static void test_compare_with_itself_finds_nothing(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    made_site(profile, "/home/ann/shop/orders.py", "load", 8, 5000, 3000, 1000);
    struct mpr_comparison *comparison = made_comparison(profile, profile);
    assert_int_equal(comparison->function_count, 1);
    assert_int_equal(comparison->fates[MPR_FATE_SAME], 1);
    assert_int_equal(comparison->site_count, 0);
    assert_int_equal(comparison->renamed + comparison->moved, 0);
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++)
        assert_int_equal(
            comparison->total[i].value[MPR_BEFORE], comparison->total[i].value[MPR_AFTER]);
    mpr_comparison_free(comparison);
    mpr_profile_free(profile);
}

/* RSS and time differ from run to run. */
static void test_compare_takes_rss_and_time_for_noise(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "work", 1, work, work_bytes);
    struct mpr_profile_function *function = made_lines(after, "work", 1, work, work_bytes);
    function->rows[1].rss_delta = MADE_MIB(3);
    function->rows[1].rss += 4096;
    function->rows[1].time_ns *= 7;
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->fates[MPR_FATE_SAME], 1);
    assert_int_equal(mpr_compared_change(comparison, column_named("rss_delta"),
                         compared_row(&comparison->functions[0], MPR_AFTER, 2)),
        MADE_MIB(3));
    mpr_comparison_free(comparison);
    /* Without the heap it is all that there is. */
    before->process[0].heap.tracked = after->process[0].heap.tracked = false;
    comparison = made_comparison(before, after);
    assert_int_equal(comparison->rss_noise, MADE_MIB(132.6) / 200);
    assert_int_equal(comparison->fates[MPR_FATE_CHANGED], 1);
    assert_int_equal(comparison->functions[0].growth, MADE_MIB(3));
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

static void test_compare_orders_by_growth(void **state)
{
    (void)state;
    static const char *const names[] = {"shrank", "grew", "grew_most", "stayed"};
    static const int was[][3] = {{-1, 9000, 0}, {-1, 0, 10}, {-1, 0, 10}, {-1, 1, 1}};
    static const int is[][3] = {{-1, 0, 0}, {-1, 0, 20}, {-1, 500, 10}, {-1, 1, 1}};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    for (uint32_t i = 0; i < 4; i++) {
        made_lines(before, names[i], 10 * i + 1, work, was[i]);
        made_lines(after, names[i], 10 * i + 1, work, is[i]);
    }
    struct mpr_comparison *comparison = made_comparison(before, after);
    static const char *const order[] = {"grew_most", "grew", "shrank", "stayed"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(comparison->functions[i].function[MPR_AFTER]->qualname, order[i]);
    assert_int_equal(comparison->functions[0].growth, 500);
    assert_int_equal(comparison->functions[2].growth, -9000);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* What is not measured on one side is not said to have changed. */
static void test_compare_knows_what_is_unknown(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_orders();
    made_lines(before, "work", 1, work, work_bytes);
    made_lines(after, "work", 1, work, work_bytes);
    after->functions[1].rows[1].heap_delta = MPR_UNKNOWN;
    after->functions[1].rows[1].hits = 4;
    struct mpr_comparison *comparison = made_comparison(before, after);
    const struct mpr_compared_function *function = compared_function(comparison, MPR_AFTER, "work");
    const struct mpr_compared_row *row = compared_row(function, MPR_AFTER, 2);
    assert_true(comparison->heap_off);
    assert_int_equal(comparison->total[0].value[MPR_AFTER], MPR_UNKNOWN);
    assert_int_equal(mpr_compared_change(comparison, column_named("heap_delta"), row), MPR_UNKNOWN);
    assert_true(row->other_work);
    /* 800 bytes in one hit, then in four. */
    assert_int_equal(mpr_compared_change_a_hit(column_named("heap_allocated"), row), -600);
    assert_int_equal(mpr_compared_change_a_hit(column_named("heap_delta"), row), MPR_UNKNOWN);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* --- from the other side --- */

static uint32_t seed;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % n;
}

/* Functions whose lines are taken from a few. */
static struct mpr_profile *random_profile(void)
{
    static const char *const pool[] = {"    a = 1", "    b = [0] * 10", "    b = [0] * 20", "",
        "    return a", "    c = load('x')", "    c = load('y')"};
    static const char *const names[] = {"f", "g", "h", "C.f"};
    struct mpr_profile *profile = made_tracked();
    uint32_t line = 1;
    for (uint32_t i = 0; i < random_below(5); i++) {
        const char *lines[12] = {"def f():"};
        int bytes[12] = {-1};
        uint32_t count = 1 + random_below(10);
        for (uint32_t k = 1; k <= count; k++) {
            lines[k] = pool[random_below(7)];
            bytes[k] = (int)random_below(4) * 100 - 100;
        }
        lines[count + 1] = NULL;
        made_lines(profile, names[random_below(4)], line, lines, bytes);
        line += count + 1 + random_below(3);
    }
    return profile;
}

static void compare_sides(const struct mpr_comparison *there, const struct mpr_comparison *back)
{
    assert_int_equal(there->function_count, back->function_count);
    assert_int_equal(there->fates[MPR_FATE_NEW], back->fates[MPR_FATE_GONE]);
    assert_int_equal(there->fates[MPR_FATE_GONE], back->fates[MPR_FATE_NEW]);
    assert_int_equal(there->fates[MPR_FATE_CHANGED], back->fates[MPR_FATE_CHANGED]);
    for (size_t i = 0; i < there->function_count; i++) {
        const struct mpr_compared_function *function = &there->functions[i], *same = NULL;
        for (size_t k = 0; k < back->function_count && !same; k++)
            if (back->functions[k].function[MPR_AFTER] == function->function[MPR_BEFORE] &&
                back->functions[k].function[MPR_BEFORE] == function->function[MPR_AFTER])
                same = &back->functions[k];
        assert_non_null(same);
        if (!same)
            return;
        assert_int_equal(function->row_count, same->row_count);
        for (size_t k = 0; k < function->row_count; k++) {
            const struct mpr_compared_row *row = &function->rows[k];
            enum mpr_side side = row->row[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
            const struct mpr_compared_row *other =
                compared_row(same, MPR_SIDES - 1 - side, row->row[side]->line);
            assert_ptr_equal(row->row[MPR_BEFORE], other->row[MPR_AFTER]);
            assert_ptr_equal(row->row[MPR_AFTER], other->row[MPR_BEFORE]);
            for (const struct mpr_column *column = mpr_columns; column->name; column++) {
                int64_t change = mpr_compared_change(there, column, row);
                int64_t negated = mpr_compared_change(back, column, other);
                assert_true(change == MPR_UNKNOWN ? negated == MPR_UNKNOWN : negated == -change);
            }
        }
    }
}

static void test_compare_from_the_other_side_negates(void **state)
{
    (void)state;
    for (seed = 1; seed < 2000000; seed += 3000) {
        uint32_t kept = seed;
        struct mpr_profile *before = random_profile(), *after = random_profile();
        struct mpr_comparison *there = made_comparison(before, after);
        struct mpr_comparison *back = made_comparison(after, before);
        compare_sides(there, back);
        mpr_comparison_free(there);
        mpr_comparison_free(back);
        mpr_profile_free(before);
        mpr_profile_free(after);
        seed = kept;
    }
}

/* Nor is a row that is new, where the other profile has no heap. */
static void test_compare_with_no_heap_before(void **state)
{
    (void)state;
    struct mpr_profile *before = made_profile(), *after = made_tracked();
    made_lines(after, "work", 1, work, work_bytes);
    after->process[0].heap.before = MPR_UNKNOWN;
    struct mpr_comparison *comparison = made_comparison(before, after);
    const struct mpr_compared_row *row = compared_row(&comparison->functions[0], MPR_AFTER, 2);
    assert_int_equal(mpr_compared_change(comparison, column_named("heap_delta"), row), MPR_UNKNOWN);
    assert_int_equal(mpr_compared_change(comparison, column_named("hits"), row), 1);
    assert_int_equal(comparison->total[1].value[MPR_AFTER], MPR_UNKNOWN);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare_with_itself_finds_nothing),
        cmocka_unit_test(test_compare_takes_rss_and_time_for_noise),
        cmocka_unit_test(test_compare_orders_by_growth),
        cmocka_unit_test(test_compare_knows_what_is_unknown),
        cmocka_unit_test(test_compare_from_the_other_side_negates),
        cmocka_unit_test(test_compare_with_no_heap_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
