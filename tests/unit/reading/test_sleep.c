/* SPDX-License-Identifier: MIT */
/* A machine that slept while the program ran: whatever the processor's clock did, other times are
 * what they were, and the report says what the sleep is in. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "made_model.h"

#define SECOND 1000000000ull

static int setup(void **state)
{
    (void)state;
    make_region(4 << 20);
    return 0;
}

/* A tick is a nanosecond, the quick measurement some off. The program ran for 2 s, the machine
 * slept for 5; one row was open for 1000 ticks, another when the clock began anew. */
static void test_sleep_is_told(void **state)
{
    static const struct {
        uint64_t end; /* tick */
        const char *says;
    } cases[] = {
        {500 + 2 * SECOND, "The machine slept for 5.0 s during the run: no time"},
        {500 + 7 * SECOND, "The machine slept for 5.0 s during the run: the times of"},
        {500 + 7 * SECOND, "have that in them (but for those that were open at the end)"},
        {100, "The machine slept for 5.0 s during the run: the processor's clock began anew"},
    };
    (void)state;
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(f, 5, 1, MIB(11), MIB(1));
    set_row(f, 6, 1, MIB(11), MIB(1));
    struct mpr_rec_row *anew = (struct mpr_rec_row *)(void *)((char *)f + f->rows) + 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        header()->clock = (struct mpr_rec_clock){.ticks_per_us = 1003,
            .start = {500, SECOND, 80},
            .end = {cases[i].end, 3 * SECOND, 80 + 5 * SECOND}};
        anew->sum[MPR_COUNTER_TICKS] = i == 3 ? -400 : 0;
        struct mpr_profile *profile = build();
        assert_in_range(profile->functions[0].rows[1].time_ns, 995, 1000);
        assert_int_equal(profile->functions[0].rows[2].time_ns, 0);
        assert_true(has_note(profile, cases[i].says));
        mpr_profile_free(profile);
    }
    header()->clock.end = (struct mpr_rec_moment){500 + 2 * SECOND, 3 * SECOND, 99};
    struct mpr_profile *profile = build();
    assert_false(has_note(profile, "slept"));
    mpr_profile_free(profile);
}

/* A row that is still open at the end, since after the sleep, in which ticks went on. */
static void test_sleep_is_not_in_what_came_after_it(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    struct mpr_rec_slots *slots = add_slots(1);
    uint64_t first = header()->clock.start.ns;
    header()->clock.ticks_are_ns = 0;
    header()->clock.ticks_per_us = 1000;
    header()->clock.start.tick = 500;
    header()->clock.end =
        (struct mpr_rec_moment){500 + 5 * SECOND + 900000000ull, first + 900000000, 5 * SECOND};
    struct mpr_rec_activation *slot = &slots->slot[0];
    *slot = opened(1, f, 5, MIB(10), 0);
    slot->interval.base[MPR_COUNTER_TICKS] = 500 + (int64_t)(5 * SECOND + 600000000);
    struct mpr_profile *profile = build();
    assert_in_range(profile->functions[0].rows[1].time_ns, 299000000, 301000000);
    mpr_profile_free(profile);
}

/* Two rows of a recursion that are open at the end. One inside of them had the sleep in it when it
 * closed, and has handed that on. */
static void test_sleep_takes_no_time_away(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    struct mpr_rec_slots *slots = add_slots(2);
    uint64_t first = header()->clock.start.ns;
    header()->clock.ticks_are_ns = 0;
    header()->clock.ticks_per_us = 1000;
    header()->clock.start.tick = 500;
    header()->clock.end =
        (struct mpr_rec_moment){500 + 5 * SECOND + 900000000ull, first + 900000000, 5 * SECOND};
    set_row(f, 5, 1, MIB(11), 0);
    slots->slot[0] = opened(1, f, 5, MIB(10), 0);
    slots->slot[1] = opened(2, f, 6, MIB(10), 0);
    slots->slot[0].interval.base[MPR_COUNTER_TICKS] = 500 + 100000000;
    slots->slot[1].interval.base[MPR_COUNTER_TICKS] = 500 + (int64_t)(5 * SECOND + 600000000);
    slots->slot[0].interval.charged[MPR_COUNTER_TICKS] = (int64_t)(5 * SECOND + 100000000);
    struct mpr_profile *profile = build();
    assert_in_range(profile->functions[0].rows[1].time_ns, 990, 1000); /* its own from before */
    assert_in_range(profile->functions[0].rows[2].time_ns, 299000000, 301000000);
    mpr_profile_free(profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, free_region)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sleep_is_told),
        TEST(test_sleep_is_not_in_what_came_after_it),
        TEST(test_sleep_takes_no_time_away),
    };
    return cmocka_run_group_tests_name("sleep", tests, NULL, NULL);
}
