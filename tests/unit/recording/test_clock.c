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
    .start = {3000, 50000}, .end = {3000 + 3000000, 50000 + 1000000}};
/* Two. */
static const struct mpr_rec_moment seen = {3000 + 4000000, 50000 + 2000000};
static const struct mpr_rec_moment nothing = {0, 0};

static void test_clock_end_tells_what_a_tick_is(void **state)
{
    (void)state;
    assert_true(mpr_rec_ns_per_tick(&ended, &nothing) == 1.0 / 3);
    assert_true(mpr_rec_ns_per_tick(&ended, &seen) == 1.0 / 3);
}

static void test_clock_of_who_died_is_read_where_it_was_seen(void **state)
{
    (void)state;
    struct mpr_rec_clock clock = {.start = ended.start};
    assert_true(mpr_rec_ns_per_tick(&clock, &seen) == 0.5);
    clock.end.tick = ended.end.tick; /* killed between the two */
    assert_true(mpr_rec_ns_per_tick(&clock, &seen) == 0.5);
    clock.end.ns = clock.start.ns;
    assert_true(mpr_rec_ns_per_tick(&clock, &seen) == 0.5);
    clock.end = (struct mpr_rec_moment){clock.start.tick - 1, clock.start.ns + 1};
    assert_true(mpr_rec_ns_per_tick(&clock, &seen) == 0.5);
}

static void test_clock_without_an_end_is_nanoseconds(void **state)
{
    (void)state;
    struct mpr_rec_clock clock = {.start = ended.start};
    assert_true(mpr_rec_ns_per_tick(&clock, &nothing) == 1.0);
    assert_true(mpr_rec_ns_per_tick(&clock, &clock.start) == 1.0);
    clock = ended;
    clock.ticks_are_ns = 1;
    assert_true(mpr_rec_ns_per_tick(&clock, &seen) == 1.0);
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
    double ns = mpr_rec_ns_per_tick(&clock, &nothing);
    assert_true(ns > 0.1 && ns < 2.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_end_tells_what_a_tick_is),
        cmocka_unit_test(test_clock_of_who_died_is_read_where_it_was_seen),
        cmocka_unit_test(test_clock_without_an_end_is_nanoseconds),
        cmocka_unit_test(test_clock_moments_follow_one_another),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
