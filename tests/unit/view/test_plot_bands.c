/* SPDX-License-Identifier: MIT */
/* The functions below a plot: which, and in which columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_processes.h"
#include "made_view.h"
#include "mprun/plot.h"

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

/* Those in most columns, in the order of their first; the others are counted. */
static void test_plot_bands_of_samples(void **state)
{
    static const double samples[] = {1, 1, 1, 1, 1, 1, 1, 2, 2, -1};
    static const size_t where[] = {3, 0, 0, 1, 2, 2, MPR_NONE, 2, 0};
    (void)state;
    struct mpr_profile *profile = sampled(samples);
    for (uint32_t i = 0; i < 4; i++)
        made_small_function(profile, "/a.py", "f", 1 + i * 10, 0);
    for (size_t i = 0; i < 9; i++) {
        profile->process[0].timeline.bucket[i].max_function = where[i];
        profile->process[0].timeline.bucket[i].max_line = where[i] == MPR_NONE ? 0 : 1;
    }
    struct world world = make(profile, 90000000, 9);
    assert_int_equal(world.plot.bands, 2);
    assert_int_equal(world.plot.bands_left, 2);
    assert_int_equal(world.plot.band[0].function, 0);
    assert_int_equal(world.plot.band[0].columns, 3);
    assert_int_equal(world.plot.band[1].function, 2);
    assert_int_equal(world.plot.band[1].columns, 3);
    for (size_t i = 0; i < 9; i++)
        assert_true(world.plot.column[i].function == where[i]);
    mpr_plot_release(&world.plot);
    /* In one column all of them: the one of the highest sample, the first of equal ones. */
    assert_int_equal(mpr_plot_new(world.view, 1, 2, 10, &world.plot), 0);
    assert_int_equal(world.plot.column[0].function, 2);
    assert_int_equal(world.plot.bands, 1);
    mpr_plot_release(&world.plot);
    assert_int_equal(mpr_plot_new(world.view, 9, 0, 10, &world.plot), 0);
    assert_int_equal(world.plot.bands, 0);
    assert_int_equal(world.plot.bands_left, 4);
    end(&world);
}

static void assert_in(const struct mpr_plot_band *band, const char *columns)
{
    size_t count = 0;
    for (size_t i = 0; columns[i]; i++) {
        if (band->in[i] != (columns[i] == '#'))
            fail_msg("function %zu, column %zu", band->function, i);
        count += band->in[i];
    }
    assert_int_equal(band->columns, count);
}

static struct mpr_profile *functions(uint32_t count)
{
    struct mpr_profile *profile = made_profile();
    for (uint32_t i = 0; i < count; i++)
        made_small_function(profile, "/a.py", "f", 1 + i * 10, 0);
    return profile;
}

/* Its intervals, however they overlap, and what a sample met; an outer one first. */
static void test_plot_bands_of_intervals(void **state)
{
    (void)state;
    struct mpr_profile *profile = functions(3);
    made_interval(profile, 0, 1, 0, 35);
    made_interval(profile, 1, 1, 0, 10);
    made_interval(profile, 1, 2, 15, 15);
    made_interval(profile, 1, 1, 50, 79);
    made_interval(profile, 1, 2, 60, 65);
    made_part(&profile->process[0].timeline, 90, 5);
    profile->process[0].timeline.bucket[0].max_function = 1;
    profile->process[0].timeline.bucket[0].max_line = 12;
    struct world world = make(profile, 100000000, 10);
    assert_int_equal(world.plot.bands, 2);
    assert_int_equal(world.plot.bands_left, 0);
    assert_int_equal(world.plot.band[0].function, 1);
    assert_in(&world.plot.band[0], "##...###.#");
    assert_int_equal(world.plot.band[1].function, 0);
    assert_in(&world.plot.band[1], "####......");
    end(&world);
}

static void test_plot_bands_beyond_the_end(void **state)
{
    (void)state;
    struct mpr_profile *profile = functions(2);
    made_interval(profile, 0, 1, 90, 500);
    made_interval(profile, 1, 1, 200, 300);
    struct world world = make(profile, 100000000, 10);
    assert_int_equal(world.plot.bands, 1);
    assert_in(&world.plot.band[0], ".........#");
    end(&world);
}

/* Any intervals: the bands are what a column by column look finds. */
static void test_plot_bands_are_those_of_a_plain_search(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (int round = 0; round < 200; round++) {
        struct mpr_profile *profile = functions(4);
        char columns[4][12];
        memset(columns, '.', sizeof columns);
        for (size_t i = 0, begin = 0; i < 12; i++) {
            seed = seed * 1664525 + 1013904223;
            size_t function = seed >> 30, length = (seed >> 20) % 30;
            begin += (seed >> 8) % 12;
            made_interval(profile, function, 1, begin, begin + length);
            for (size_t at = begin; at < 100 && (at < begin + length || at == begin); at++)
                columns[function][at / 10] = '#';
        }
        struct world world = make(profile, 100000000, 10);
        for (size_t b = 0; b < world.plot.bands; b++) {
            columns[world.plot.band[b].function][10] = '\0';
            assert_in(&world.plot.band[b], columns[world.plot.band[b].function]);
        }
        end(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plot_bands_of_samples),
        cmocka_unit_test(test_plot_bands_of_intervals),
        cmocka_unit_test(test_plot_bands_beyond_the_end),
        cmocka_unit_test(test_plot_bands_are_those_of_a_plain_search),
    };
    return cmocka_run_group_tests_name("plot_bands", tests, NULL, NULL);
}
