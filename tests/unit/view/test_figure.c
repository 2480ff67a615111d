/* SPDX-License-Identifier: MIT */
/* What there is to say of one value: of each kind of column, and at each edge. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

/* Sizes in MiB with one decimal, times in ms with one, RSS to 4 KiB; the heap's peak is 1000. */
static struct mpr_profile *profile;
static struct mpr_view *view;

static int make(void **state)
{
    const struct mpr_view_options options = {.unit = MPR_UNIT_MIB};
    (void)state;
    profile = made_profile();
    profile->process[0].heap.tracked = true;
    profile->process[0].heap.all.peak = 1000;
    view = made_view(profile, &options);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    mpr_view_free(view);
    mpr_profile_free(profile);
    return 0;
}

/* As a sign and a text; of the kinds that are no number, a letter. */
static void assert_figure(struct mpr_figure figure, const char *expected)
{
    static const char letters[] = {[MPR_FIGURE_NOTHING] = 'n',
        [MPR_FIGURE_UNKNOWN] = 'u',
        [MPR_FIGURE_SMALL] = 's',
        [MPR_FIGURE_BLURRED] = 'b'};
    char got[MPR_NUMBER_MAX + 2] = "";
    if (figure.kind == MPR_FIGURE_NUMBER && figure.sign)
        got[0] = figure.sign;
    if (figure.kind == MPR_FIGURE_NUMBER)
        strcat(got, figure.text);
    else
        got[0] = letters[figure.kind];
    assert_string_equal(got, expected);
}

static void assert_shown(const char *name, int64_t value, const char *expected)
{
    assert_figure(mpr_view_figure(view, column_named(name), value, true), expected);
}

static void test_figure_counts(void **state)
{
    (void)state;
    assert_shown("hits", 1, "1");
    assert_shown("hits", 1234567, "1,234,567");
    assert_shown("hits", INT64_MAX, "9,223,372,036,854,775,807");
    assert_shown("hits", 0, "s"); /* only a comprehension ran there */
    assert_figure(mpr_view_figure(view, column_named("hits"), 0, false), "n");
}

/* No program counts below nothing; a damaged recording may. */
static void test_figure_counts_below_nothing(void **state)
{
    (void)state;
    assert_shown("allocations", -1, "-1");
    assert_shown("allocations", -1234, "-1,234");
    assert_shown("allocations", INT64_MIN + 1, "-9,223,372,036,854,775,807");
}

static void test_figure_levels(void **state)
{
    (void)state;
    assert_shown("rss", 0, "n");
    assert_shown("rss", MADE_MIB(30.1), "30.1");
    assert_shown("rss", -MADE_MIB(2), "-2.0");
    assert_shown("rss", MADE_KIB(51), "s"); /* under 0.05 MiB */
    assert_shown("rss", MADE_KIB(52), "0.1");
    assert_shown("rss", INT64_MAX, "8,796,093,022,208.0");
}

/* A change of RSS is told from nothing only where the kernel tells it. */
static void test_figure_changes(void **state)
{
    (void)state;
    assert_shown("rss_delta", 0, "n");
    assert_shown("rss_delta", MADE_MIB(1), "+1.0");
    assert_shown("rss_delta", -MADE_MIB(1), "-1.0");
    assert_shown("rss_delta", 4095, "b");
    assert_shown("rss_delta", -4095, "b");
    assert_shown("rss_delta", 4096, "s");
    assert_shown("heap_delta", 1, "s");
    assert_shown("heap_delta", -MADE_MIB(3), "-3.0");
    view->rss_off = true; /* there is no such limit then */
    assert_shown("rss_delta", 4095, "s");
}

static void test_figure_times(void **state)
{
    (void)state;
    assert_shown("time_ns", 0, "n");
    assert_shown("time_ns", 49999, "s");
    assert_shown("time_ns", 50000, "0.1");
    assert_shown("time_ns", 12345000000, "12,345.0");
}

/* A row that closed without a reading of RSS says so; without RSS, or without a heap, none does. */
static void test_figure_unknown(void **state)
{
    (void)state;
    assert_shown("rss", MPR_UNKNOWN, "u");
    assert_shown("heap_delta", MPR_UNKNOWN, "n");
    assert_shown("live_at_peak", MPR_UNKNOWN, "n");
    assert_figure(mpr_view_figure(view, column_named("rss"), MPR_UNKNOWN, false), "n");
    view->rss_off = true;
    assert_shown("rss", MPR_UNKNOWN, "n");
}

static void test_figure_shares(void **state)
{
    (void)state;
    assert_figure(mpr_view_share(view, 0), "n");
    assert_figure(mpr_view_share(view, -5), "n");
    assert_figure(mpr_view_share(view, 4), "s");
    assert_figure(mpr_view_share(view, 5), "s"); /* it would read 0% */
    assert_figure(mpr_view_share(view, 6), "1%");
    assert_figure(mpr_view_share(view, 820), "82%");
    assert_figure(mpr_view_share(view, 1000), "100%");
    assert_figure(mpr_view_share(view, INT64_MAX), "100%");
    assert_shown("live_at_peak", 250, "25%");
    profile->process[0].heap.all.peak = 0;
    assert_figure(mpr_view_share(view, 5), "n");
}

static void test_figure_lines_and_source(void **state)
{
    (void)state;
    assert_shown("line", 0, "0");
    assert_shown("line", UINT32_MAX, "4294967295");
    assert_shown("source", 7, "n");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_figure_counts),
        CASE(test_figure_counts_below_nothing),
        CASE(test_figure_levels),
        CASE(test_figure_changes),
        CASE(test_figure_times),
        CASE(test_figure_unknown),
        CASE(test_figure_shares),
        CASE(test_figure_lines_and_source),
    };
    return cmocka_run_group_tests_name("figure", tests, NULL, NULL);
}
