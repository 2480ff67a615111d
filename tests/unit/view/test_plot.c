/* SPDX-License-Identifier: MIT */
/* The timeline in columns: nothing high is lost, and time is where it belongs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_view.h"
#include "mprun/plot.h"

#define SECOND UINT64_C(1000000000)

static const struct mpr_view_options plain = {.unit = MPR_UNIT_AUTO};

/* A profile of so many seconds with samples, its view and its plot. */
struct world {
    struct mpr_profile *profile;
    struct mpr_view *view;
    struct mpr_plot plot;
};

static struct world make(struct mpr_profile *profile, uint64_t duration_ns, size_t columns)
{
    struct world world = {.profile = profile};
    profile->process[0].duration_ns = duration_ns;
    world.view = made_view(profile, &plain);
    assert_int_equal(mpr_plot_new(world.view, columns, 2, 10, &world.plot), 0);
    assert_int_equal(world.plot.count, columns);
    return world;
}

static void end(struct world *world)
{
    mpr_plot_release(&world->plot);
    mpr_view_free(world->view);
    mpr_profile_free(world->profile);
}

static struct mpr_profile *sampled(const double *mib)
{
    struct mpr_profile *profile = made_profile();
    made_samples(profile, mib);
    return profile;
}

/* A level holds until the next sample, and the highest of several in a column stands. */
static void test_plot_columns_are_of_equal_time(void **state)
{
    static const double samples[] = {1, 5, 2, 3, -1}; /* at 0, 10, 20, 30 ms */
    (void)state;
    struct world wide = make(sampled(samples), 80000000, 8);
    static const double levels[] = {1, 5, 2, 3, 3, 3, 3, 3};
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(wide.plot.column[i].rss, MADE_MIB(levels[i]));
    assert_int_equal(wide.plot.rss_top, MADE_MIB(5));
    assert_true(wide.plot.heap_top == MPR_UNKNOWN);
    end(&wide);
    struct world narrow = make(sampled(samples), 40000000, 2);
    assert_int_equal(narrow.plot.column[0].rss, MADE_MIB(5));
    assert_int_equal(narrow.plot.column[1].rss, MADE_MIB(3));
    end(&narrow);
}

/* A column that a level only reaches into has it, too. */
static void test_plot_a_part_of_a_column_counts(void **state)
{
    static const double samples[] = {9, 1, 1, -1}; /* the first until 10 of 30 ms */
    (void)state;
    struct world world = make(sampled(samples), 30000000, 4);
    static const double levels[] = {9, 9, 1, 1};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(world.plot.column[i].rss, MADE_MIB(levels[i]));
    end(&world);
}

static void test_plot_before_the_first_sample_nothing_is_known(void **state)
{
    static const double samples[] = {4, -1};
    (void)state;
    struct mpr_profile *profile = sampled(samples);
    profile->process[0].timeline.bucket[0].t_ns = 25000000;
    profile->process[0].timeline.bucket[0].heap_max = 7;
    struct world world = make(profile, 40000000, 4);
    assert_true(world.plot.column[1].rss == MPR_UNKNOWN);
    assert_true(world.plot.column[1].heap == MPR_UNKNOWN);
    assert_int_equal(world.plot.column[2].rss, MADE_MIB(4));
    assert_int_equal(world.plot.column[3].heap, 7);
    assert_int_equal(world.plot.heap_top, 7);
    end(&world);
}

/* Of any course, at any number of columns: each sample is in a column that is as high. */
static void test_plot_loses_no_peak(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t columns = 1; columns < 300; columns += columns < 20 ? 1 : 37) {
        double samples[201];
        for (size_t i = 0; i < 200; i++) {
            seed = seed * 1664525 + 1013904223;
            samples[i] = (seed >> 8) % 1000;
        }
        samples[200] = -1;
        struct world world = make(sampled(samples), 2000000000, columns);
        for (size_t i = 0; i < 200; i++) {
            size_t at = mpr_plot_at(&world.plot, i * 10000000);
            assert_true(at < columns && world.plot.column[at].rss >= MADE_MIB(samples[i]));
        }
        assert_int_equal(world.plot.rss_top, mpr_view_highest_rss(world.view)->rss_max);
        end(&world);
    }
}

static void test_plot_keeps_what_lies_behind_the_end(void **state)
{
    static const double samples[] = {1, 2, 8, -1};
    (void)state;
    struct world world = make(sampled(samples), 5, 3);
    assert_int_equal(world.plot.span_ns, 20000001);
    assert_int_equal(world.plot.column[2].rss, MADE_MIB(8));
    end(&world);
    struct mpr_profile *profile = sampled(samples);
    profile->process[0].timeline.bucket[2].t_ns = UINT64_MAX;
    world = make(profile, 0, 3);
    assert_int_equal(world.plot.column[2].rss, MADE_MIB(8));
    end(&world);
    world = make(made_profile(), 0, 1);
    assert_true(world.plot.rss_top == MPR_UNKNOWN && world.plot.bands == 0);
    end(&world);
}

static void test_plot_heights(void **state)
{
    (void)state;
    assert_int_equal(mpr_plot_height(0, 100, 8), 0);
    assert_int_equal(mpr_plot_height(-5, 100, 8), 0);
    assert_int_equal(mpr_plot_height(MPR_UNKNOWN, 100, 8), 0);
    assert_int_equal(mpr_plot_height(1, 100, 8), 1);
    assert_int_equal(mpr_plot_height(25, 100, 8), 2);
    assert_int_equal(mpr_plot_height(26, 100, 8), 3);
    assert_int_equal(mpr_plot_height(99, 100, 8), 8);
    assert_int_equal(mpr_plot_height(100, 100, 8), 8);
    assert_int_equal(mpr_plot_height(101, 100, 8), 8);
    assert_int_equal(mpr_plot_height(1, INT64_MAX, 8), 1);
    assert_int_equal(mpr_plot_height(INT64_MAX, INT64_MAX, 8), 8);
    assert_int_equal(mpr_plot_height(INT64_MAX - 1, INT64_MAX, 8), 8);
}

/* Those of the process, in columns that are there. */
static void test_plot_has_moments(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_marks(profile);
    profile->marks[0].t_ns = 25000000;
    profile->marks[1].t_ns = UINT64_MAX;
    struct world world = make(profile, 100000000, 10);
    assert_int_equal(world.plot.moments, 2);
    assert_int_equal(world.plot.moment[0].at, 2);
    assert_string_equal(world.plot.moment[0].mark->name, "loaded");
    assert_int_equal(world.plot.moment[1].at, 9);
    end(&world);
}

/* Six figures or so on 60 columns. */
static const struct {
    uint64_t span_ns, step_ns;
    const char *label, *first; /* unit, and what the first figure reads */
} axes[] = {
    {1, 1, "ms", "0.00"},
    {450000, 100000, "ms", "0.1"},
    {412000000, 100000000, "ms", "100"},
    {999999999, 200000000, "ms", "200"},
    {SECOND, 200000000, "s", "0.2"},
    {5 * SECOND, SECOND, "s", "1"},
    {45 * SECOND, 10 * SECOND, "s", "10"},
    {90 * SECOND, 15 * SECOND, "s", "15"},
    {121 * SECOND, 30 * SECOND, "min", "0.5"},
    {3000 * SECOND, 600 * SECOND, "min", "10"},
    {3 * 3600 * SECOND, 1800 * SECOND, "h", "0.5"},
    {86400 * SECOND, 6 * 3600 * SECOND, "h", "6"},
    {3 * 86400 * SECOND, 12 * 3600 * SECOND, "d", "0.5"},
    {1000 * 86400 * SECOND, 200 * 86400 * SECOND, "d", "200"},
    {UINT64_MAX, SECOND * 86400 * 50000, "d", "50,000"},
};

static void test_plot_axis_of_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        struct world world = make(made_profile(), axes[i].span_ns, 60);
        char first[MPR_NUMBER_MAX];
        mpr_number_scaled(first, world.plot.step_ns, &world.plot.time);
        if (world.plot.step_ns != axes[i].step_ns)
            fail_msg("%zu: a step of %llu", i, (unsigned long long)world.plot.step_ns);
        assert_string_equal(world.plot.time.label, axes[i].label);
        assert_string_equal(first, axes[i].first);
        end(&world);
    }
}

/* However wide: figures stand apart, and each reads otherwise than the one before. */
static void test_plot_figures_can_be_told_apart(void **state)
{
    (void)state;
    for (uint64_t span = 1000000; span < UINT64_MAX / 10; span = span * 5 / 3) {
        for (size_t columns = 10; columns <= 10000; columns *= 10) {
            struct world world = make(made_profile(), span, columns);
            char one[MPR_NUMBER_MAX], two[MPR_NUMBER_MAX];
            uint64_t step = world.plot.step_ns;
            mpr_number_scaled(one, step, &world.plot.time);
            mpr_number_scaled(two, 2 * step, &world.plot.time);
            assert_string_not_equal(one, two);
            assert_true(mpr_plot_at(&world.plot, step) >= 9);
            assert_true(span / step <= 20);
            end(&world);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plot_columns_are_of_equal_time),
        cmocka_unit_test(test_plot_a_part_of_a_column_counts),
        cmocka_unit_test(test_plot_before_the_first_sample_nothing_is_known),
        cmocka_unit_test(test_plot_loses_no_peak),
        cmocka_unit_test(test_plot_keeps_what_lies_behind_the_end),
        cmocka_unit_test(test_plot_heights),
        cmocka_unit_test(test_plot_has_moments),
        cmocka_unit_test(test_plot_axis_of_time),
        cmocka_unit_test(test_plot_figures_can_be_told_apart),
    };
    return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
