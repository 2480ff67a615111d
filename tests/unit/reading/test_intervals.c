/* SPDX-License-Identifier: MIT */
/* When calls ran: what the target keeps, what was open, and what a recording may claim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

#define EACH MPR_REC_INTERVALS_EACH

static struct mpr_rec_function *outer, *inner;

/* Two functions. Times are nanoseconds since 100 ms after the start. */
static void made_functions(void)
{
    memset(region.bytes + MPR_REC_LOG, 0, region.size - MPR_REC_LOG);
    header()->log_used = MPR_REC_LOG;
    outer = add_function("/home/ann/a.py", "outer", 1, 4, 0);
    inner = add_function("/home/ann/a.py", "inner", 6, 9, 0);
}

static struct mpr_rec_intervals *add_piece(void)
{
    return add_record(MPR_KIND_INTERVALS, sizeof(struct mpr_rec_intervals));
}

static struct mpr_rec_interval ran(
    const struct mpr_rec_function *fn, uint32_t thread, uint64_t begin, uint64_t end)
{
    uint64_t start = header()->clock.start.tick;
    return (struct mpr_rec_interval){.begin = start + begin,
        .end = start + end,
        .rss_begin = 10 << 10,
        .rss_end = 11 << 10,
        .function = (uint32_t)(offset_of(fn) / 8),
        .thread = thread};
}

static const struct mpr_profile_intervals *intervals(const struct mpr_profile *profile)
{
    return &profile->process[0].intervals;
}

static void test_intervals_in_the_order_of_time(void **state)
{
    (void)state;
    made_functions();
    struct mpr_rec_intervals *piece = add_piece();
    piece->interval[0] = ran(inner, 1, 50, 60);
    piece->interval[1] = ran(outer, 1, 10, 80);
    piece->interval[2] = ran(inner, 2, 10, 20);
    piece->interval[3] = ran(inner, 1, 90, 85); /* a lie */
    piece->interval[4] = ran(inner, 1, 1, 2);   /* not kept */
    header()->kept = (struct mpr_rec_kept){.window = mpr_rec_window(MPR_REC_NO_PASS, 4)};
    struct mpr_profile *profile = build();
    assert_int_equal(intervals(profile)->count, 4);
    const struct mpr_profile_interval *interval = intervals(profile)->interval;
    assert_int_equal(interval[0].function, 0);
    assert_int_equal(interval[0].begin_ns, 100000010);
    assert_int_equal(interval[0].end_ns, 100000080);
    assert_int_equal(interval[0].rss_begin, MIB(10));
    assert_int_equal(interval[0].rss_end, MIB(11));
    assert_false(interval[0].open);
    assert_int_equal(interval[1].thread, 2);
    assert_int_equal(interval[2].begin_ns, 100000050);
    assert_int_equal(interval[3].begin_ns, interval[3].end_ns);
    assert_int_equal(intervals(profile)->least_ns, 0);
    mpr_profile_free(profile);
}

/* At any point of a pass over two pieces: what was moved, and what was not looked at. */
static void test_intervals_in_the_middle_of_a_pass(void **state)
{
    (void)state;
    for (uint32_t from = 0; from <= 2 * EACH; from += 61) {
        made_functions();
        struct mpr_rec_intervals *piece[] = {add_piece(), add_piece()};
        for (uint32_t i = 0; i < 2 * EACH; i++)
            piece[i / EACH]->interval[i % EACH] = ran(inner, 1, i * 10, i * 10 + 1 + i);
        uint32_t to = 0;
        for (uint32_t i = 0; i < from; i++)
            if (i % 3 == 0) {
                piece[to / EACH]->interval[to % EACH] = piece[i / EACH]->interval[i % EACH];
                to++;
            }
        header()->kept = (struct mpr_rec_kept){mpr_rec_window(from, to), 1, 7, 99};
        struct mpr_profile *profile = build();
        assert_int_equal(intervals(profile)->count, to + 2 * EACH - from);
        for (size_t i = 1; i < intervals(profile)->count; i++)
            assert_true(intervals(profile)->interval[i].begin_ns >
                        intervals(profile)->interval[i - 1].begin_ns);
        assert_int_equal(intervals(profile)->left_out, 99);
        assert_int_equal(intervals(profile)->least_ns, 7);
        mpr_profile_free(profile);
    }
}

/* Those that ran when the target ended end with it. */
static void test_intervals_that_did_not_end(void **state)
{
    (void)state;
    made_functions();
    struct mpr_rec_slots *slots = add_slots(4);
    for (uint32_t i = 0; i < 4; i++) {
        slots->slot[i] = opened(i, i % 2 ? inner : outer, 2, MIB(10), 0);
        slots->slot[i].entered = header()->clock.start.tick + 20 + i;
        slots->slot[i].entered_rss = MIB(9);
    }
    slots->slot[2].state = MPR_ACT_SUSPENDED;
    slots->slot[3].entered = 0;
    header()->rss.end = 0;
    add_sample(950, MIB(18), 0, 0);
    struct mpr_profile *profile = build();
    assert_int_equal(intervals(profile)->count, 2);
    const struct mpr_profile_interval *interval = intervals(profile)->interval;
    assert_true(interval[0].open && interval[1].open);
    assert_int_equal(interval[0].function, 0);
    assert_int_equal(interval[1].function, 1);
    assert_int_equal(interval[1].begin_ns, 100000021);
    assert_int_equal(interval[1].end_ns, run.duration_ns);
    assert_int_equal(interval[1].rss_begin, MIB(9));
    assert_int_equal(interval[1].rss_end, profile->process[0].rss_end);
    mpr_profile_free(profile);
}

/* Functions that are not there, windows of any kind, pieces that are missing, the same twice. */
static void test_intervals_of_a_hostile_recording(void **state)
{
    static const uint64_t windows[] = {0, 1, UINT32_MAX, UINT64_MAX, (uint64_t)3 << 32 | 9,
        (uint64_t)9 << 32 | 3, (uint64_t)EACH << 32 | EACH, (uint64_t)1 << 63};
    (void)state;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        made_functions();
        struct mpr_rec_intervals *piece = add_piece();
        for (uint32_t n = 0; n < EACH; n++)
            piece->interval[n] = ran(inner, 1, UINT64_MAX - n % 5, n * (UINT64_MAX / 512));
        piece->interval[7].function = 1;
        piece->interval[8].function = UINT32_MAX;
        header()->kept = (struct mpr_rec_kept){windows[i], 5, UINT64_MAX, UINT64_MAX};
        struct mpr_profile *profile = build();
        assert_true(intervals(profile)->count <= EACH);
        assert_int_equal(mpr_profile_check(profile, NULL), 0);
        mpr_profile_free(profile);
    }
    made_functions();
    header()->kept.window = mpr_rec_window(MPR_REC_NO_PASS, 100);
    struct mpr_profile *profile = build();
    assert_int_equal(intervals(profile)->count, 0);
    mpr_profile_free(profile);
}

static void test_intervals_without_rss(void **state)
{
    (void)state;
    made_functions();
    add_piece()->interval[0] = ran(inner, 1, 50, 60);
    header()->kept.window = mpr_rec_window(MPR_REC_NO_PASS, 1);
    header()->rss.tier = MPR_RSS_OFF;
    struct mpr_profile *profile = build();
    assert_int_equal(intervals(profile)->interval[0].rss_begin, MPR_UNKNOWN);
    assert_int_equal(intervals(profile)->interval[0].rss_end, MPR_UNKNOWN);
    mpr_profile_free(profile);
    inner->flags |= MPR_REC_FN_WITHDRAWN;
    profile = build();
    assert_int_equal(intervals(profile)->count, 0);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_intervals_in_the_order_of_time),
        MODEL_CASE(test_intervals_in_the_middle_of_a_pass),
        MODEL_CASE(test_intervals_that_did_not_end),
        MODEL_CASE(test_intervals_of_a_hostile_recording),
        MODEL_CASE(test_intervals_without_rss),
    };
    return cmocka_run_group_tests_name("intervals", tests, NULL, NULL);
}
