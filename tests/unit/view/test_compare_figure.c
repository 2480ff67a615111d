/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static const char *const work[] = {"def work():", "    a = [0] * 100", NULL};

/* The change of a row from nothing to so much. */
static struct mpr_figure figure(const char *column, int64_t rss, int bytes, enum mpr_unit unit)
{
    const int was[] = {-1, 0}, is[] = {-1, bytes};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "work", 1, work, was);
    made_lines(after, "work", 1, work, is)->rows[1].rss_delta = rss;
    const struct mpr_comparison_options options = {.unit = unit};
    struct mpr_comparison *comparison = mpr_comparison_new(before, after, &options);
    struct mpr_figure found = mpr_compared_figure(
        comparison, column_named(column), compared_row(&comparison->functions[0], MPR_AFTER, 2));
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
    return found;
}

static void test_figure_of_a_change(void **state)
{
    (void)state;
    struct mpr_figure found = figure("heap_delta", 0, 2048, MPR_UNIT_AUTO);
    assert_int_equal(found.kind, MPR_FIGURE_NUMBER);
    assert_int_equal(found.sign, '+');
    assert_string_equal(found.text, "2");
    assert_int_equal(figure("heap_delta", 0, 2048, MPR_UNIT_MIB).kind, MPR_FIGURE_SMALL);
    assert_int_equal(figure("heap_delta", 0, 0, MPR_UNIT_AUTO).kind, MPR_FIGURE_NOTHING);
    assert_string_equal(figure("heap_delta", 0, 1 << 20, MPR_UNIT_AUTO).text, "1.0");
}

/* 0.5 % of the peak, which is 132.6 MiB, is noise. */
static void test_figure_of_rss(void **state)
{
    (void)state;
    assert_int_equal(figure("rss_delta", MADE_KIB(600), 0, MPR_UNIT_KIB).kind, MPR_FIGURE_BLURRED);
    assert_int_equal(figure("rss_delta", -MADE_KIB(800), 0, MPR_UNIT_KIB).kind, MPR_FIGURE_NUMBER);
    assert_int_equal(figure("rss_delta", -MADE_KIB(800), 0, MPR_UNIT_KIB).sign, '-');
    assert_int_equal(figure("rss_delta", 0, 0, MPR_UNIT_KIB).kind, MPR_FIGURE_NOTHING);
}

/* What changed by less than is shown is only counted. */
static void test_rows_that_are_shown(void **state)
{
    (void)state;
    static const int was[] = {-1, 0}, is[] = {-1, 10};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "work", 1, work, was);
    made_lines(after, "work", 1, work, is);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->functions[0].fate, MPR_FATE_CHANGED);
    assert_int_equal(comparison->functions[0].changed, 1);
    /* Its ten bytes of ten are nothing in KiB; its blocks, none before and none now. */
    assert_int_equal(comparison->functions[0].shown, 0);
    assert_int_equal(comparison->small, 1);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figure_of_a_change),
        cmocka_unit_test(test_figure_of_rss),
        cmocka_unit_test(test_rows_that_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
