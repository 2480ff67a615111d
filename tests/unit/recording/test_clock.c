/* SPDX-License-Identifier: MIT */
/* What a tick is: by the recording alone where it came to its end, whenever that is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/recording.h"

/* Three ticks a nanosecond. */
static const struct mpr_rec_clock ended = {
    .start = {3000, 50000, 7}, .end = {3000 + 3000000, 50000 + 1000000, 7}};
/* Two. */
static const struct mpr_rec_moment seen = {3000 + 4000000, 50000 + 2000000, 7};
static const struct mpr_rec_moment nothing = {0, 0, 0};

static double ns_per_tick(const struct mpr_rec_clock *clock, const struct mpr_rec_moment *when)
{
    struct mpr_rec_pace pace = mpr_rec_pace(clock, when);
    assert_int_equal(pace.sleep, MPR_SLEPT_NOT);
    return pace.ns_per_tick;
}

static void test_clock_end_tells_what_a_tick_is(void **state)
{
    (void)state;
    assert_true(ns_per_tick(&ended, &nothing) == 1.0 / 3);
    assert_true(ns_per_tick(&ended, &seen) == 1.0 / 3);
}

static void test_clock_of_who_died_is_read_where_it_was_seen(void **state)
{
    (void)state;
    struct mpr_rec_clock clock = {.start = ended.start};
    assert_true(ns_per_tick(&clock, &seen) == 0.5);
    clock.end.tick = ended.end.tick; /* killed between the two */
    assert_true(ns_per_tick(&clock, &seen) == 0.5);
    clock.end.ns = clock.start.ns;
    assert_true(ns_per_tick(&clock, &seen) == 0.5);
    clock.end = (struct mpr_rec_moment){clock.start.tick - 1, clock.start.ns + 1, 7};
    assert_true(ns_per_tick(&clock, &seen) == 0.5);
}

static void test_clock_without_an_end_is_nanoseconds(void **state)
{
    (void)state;
    struct mpr_rec_clock clock = {.start = ended.start};
    assert_true(ns_per_tick(&clock, &nothing) == 1.0);
    assert_true(ns_per_tick(&clock, &clock.start) == 1.0);
    clock = ended;
    clock.ticks_are_ns = 1;
    assert_true(ns_per_tick(&clock, &seen) == 1.0);
}

static void test_clock_moments_follow_one_another(void **state)
{
    (void)state;
    struct mpr_rec_moment first = mpr_rec_moment_now(true);
    assert_int_equal(first.tick, first.ns);
    struct mpr_rec_clock clock = {.start = mpr_rec_moment_now(false)};
    do
        clock.end = mpr_rec_moment_now(false);
    while (clock.end.ns - clock.start.ns < 2000000);
    assert_true(clock.end.tick > clock.start.tick);
    assert_true(clock.start.ns >= first.ns);
    /* Processors tick between 0.5 and 10 GHz. */
    double ns = ns_per_tick(&clock, &nothing);
    assert_true(ns > 0.1 && ns < 2.0);
}

/* --- a machine that sleeps ---
 *
 * Two ticks a nanosecond, measured as 2006 a microsecond; a run of 3 s with a sleep in it. */

#define SECOND 1000000000ull
#define PER_US 2006

static struct mpr_rec_pace sleep_for(uint64_t slept_ns, uint64_t ticks)
{
    const struct mpr_rec_clock clock = {.ticks_per_us = PER_US,
        .start = {7 * SECOND, 50000, 90 * SECOND},
        .end = {7 * SECOND + ticks, 50000 + 3 * SECOND, 90 * SECOND + slept_ns}};
    return mpr_rec_pace(&clock, &nothing);
}

static void assert_pace(struct mpr_rec_pace pace, enum mpr_rec_sleep sleep, double ns_each)
{
    assert_int_equal(pace.sleep, sleep);
    assert_true(pace.ns_per_tick > ns_each * 0.9999 && pace.ns_per_tick < ns_each * 1.0001);
}

static void test_clock_ticks_stand_still_in_a_sleep(void **state)
{
    (void)state;
    assert_pace(sleep_for(8 * 3600 * SECOND, 2 * 3 * SECOND), MPR_SLEPT_OUT, 0.5);
    assert_pace(sleep_for(SECOND, 2 * 3 * SECOND), MPR_SLEPT_OUT, 0.5);
    assert_int_equal(sleep_for(SECOND, 2 * 3 * SECOND).slept_ns, SECOND);
}

/* Taken for the others, each time would be a 9600th of what it was. */
static void test_clock_ticks_go_on_in_a_sleep(void **state)
{
    (void)state;
    assert_pace(sleep_for(8 * 3600 * SECOND, 2 * (8 * 3600 + 3) * SECOND), MPR_SLEPT_IN, 0.5);
    assert_pace(sleep_for(SECOND, 2 * 4 * SECOND), MPR_SLEPT_IN, 0.5);
}

static void test_clock_ticks_begin_anew_after_a_sleep(void **state)
{
    (void)state;
    double measured = 1000.0 / PER_US;
    assert_pace(sleep_for(60 * SECOND, -6 * SECOND), MPR_SLEPT_ANEW, measured);
    assert_pace(sleep_for(60 * SECOND, 0), MPR_SLEPT_ANEW, measured);
    assert_pace(sleep_for(60 * SECOND, 1000), MPR_SLEPT_ANEW, measured);
    assert_pace(sleep_for(60 * SECOND, 2 * 30 * SECOND), MPR_SLEPT_ANEW, measured);
}

/* In a long run a short sleep is less than the quick measurement may be wrong: that of a processor
 * which the hypervisor slows by 1 % would say the contrary. */
static void test_clock_a_short_part_of_the_run_cannot_be_told(void **state)
{
    (void)state;
    const double hour = 3600e9;
    for (uint32_t per_us = 1980; per_us <= 2020; per_us += 20) {
        for (int on = 0; on < 2; on++) {
            struct mpr_rec_clock clock = {.ticks_per_us = per_us,
                .start = {7 * SECOND, 50000, 0},
                .end = {7 * SECOND + 2 * (3600 + 60 * on) * SECOND, 50000 + 3600 * SECOND,
                    60 * SECOND}};
            struct mpr_rec_pace pace = mpr_rec_pace(&clock, &nothing);
            double ticks = (double)(clock.end.tick - clock.start.tick);
            assert_pace(pace, MPR_SLEPT_UNKNOWN, hour / ticks);
        }
    }
}

/* The clocks are read one after the other. */
static void test_clock_a_moment_is_no_sleep(void **state)
{
    (void)state;
    assert_pace(sleep_for(20000000, 2 * 3 * SECOND), MPR_SLEPT_NOT, 0.5);
    assert_pace(sleep_for(-20000000ull, 2 * 3 * SECOND), MPR_SLEPT_NOT, 0.5);
}

static void test_clock_of_nanoseconds_stands_still_in_a_sleep(void **state)
{
    (void)state;
    const struct mpr_rec_clock clock = {
        .ticks_are_ns = 1, .start = {50000, 50000, 0}, .end = {60000, 60000, 9 * SECOND}};
    struct mpr_rec_pace pace = mpr_rec_pace(&clock, &nothing);
    assert_pace(pace, MPR_SLEPT_OUT, 1.0);
    assert_int_equal(pace.slept_ns, 9 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_end_tells_what_a_tick_is),
        cmocka_unit_test(test_clock_of_who_died_is_read_where_it_was_seen),
        cmocka_unit_test(test_clock_without_an_end_is_nanoseconds),
        cmocka_unit_test(test_clock_moments_follow_one_another),
        cmocka_unit_test(test_clock_ticks_stand_still_in_a_sleep),
        cmocka_unit_test(test_clock_ticks_go_on_in_a_sleep),
        cmocka_unit_test(test_clock_ticks_begin_anew_after_a_sleep),
        cmocka_unit_test(test_clock_a_short_part_of_the_run_cannot_be_told),
        cmocka_unit_test(test_clock_a_moment_is_no_sleep),
        cmocka_unit_test(test_clock_of_nanoseconds_stands_still_in_a_sleep),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
