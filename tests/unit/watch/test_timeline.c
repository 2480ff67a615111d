/* SPDX-License-Identifier: MIT */
/* The bounded timeline: what merging must keep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/timeline.h"

#define CAPACITY MPR_TIMELINE_CAPACITY

static struct mpr_timeline timeline;

static int setup(void **state)
{
    (void)state;
    mpr_timeline_init(&timeline);
    return 0;
}

/* A saw tooth with one dip and one peak that no other sample reaches. */
static int64_t level(size_t i)
{
    if (i == 777)
        return 5;
    if (i == 1234)
        return 1000000;
    return 1000 + (int64_t)(i % 13);
}

static void add_many(size_t count)
{
    for (size_t i = 0; i < count; i++)
        mpr_timeline_add(&timeline, i * 10, level(i), 4096 + i, (uint32_t)i);
}

static void test_timeline_starts_empty(void **state)
{
    (void)state;
    assert_int_equal(timeline.count, 0);
    assert_int_equal(timeline.samples, 0);
    assert_int_equal(timeline.samples_per_bucket, 1);
}

static void test_timeline_keeps_each_sample_until_full(void **state)
{
    (void)state;
    add_many(CAPACITY);
    assert_int_equal(timeline.count, CAPACITY);
    assert_int_equal(timeline.samples_per_bucket, 1);
    for (size_t i = 0; i < CAPACITY; i++) {
        const struct mpr_timeline_bucket *b = &timeline.bucket[i];
        assert_int_equal(b->t_ns, i * 10);
        assert_int_equal(b->rss_min, level(i));
        assert_int_equal(b->rss_max, level(i));
        assert_int_equal(b->max_function, 4096 + i);
        assert_int_equal(b->max_line, i);
        assert_int_equal(b->samples, 1);
    }
}

static void test_timeline_merges_pairs_when_full(void **state)
{
    (void)state;
    add_many(CAPACITY + 1);
    assert_int_equal(timeline.count, CAPACITY / 2 + 1);
    assert_int_equal(timeline.samples_per_bucket, 2);
    const struct mpr_timeline_bucket *dip = &timeline.bucket[777 / 2];
    assert_int_equal(dip->t_ns, 776 * 10);
    assert_int_equal(dip->rss_min, 5);
    assert_int_equal(dip->rss_max, level(776));
    assert_int_equal(dip->max_line, 776);
    const struct mpr_timeline_bucket *peak = &timeline.bucket[1234 / 2];
    assert_int_equal(peak->rss_max, 1000000);
    assert_int_equal(peak->max_line, 1234);
    assert_int_equal(peak->max_function, 4096 + 1234);
    /* The sample that found it full stands alone, in a bucket that still has room. */
    assert_int_equal(timeline.bucket[CAPACITY / 2].t_ns, CAPACITY * 10);
    assert_int_equal(timeline.bucket[CAPACITY / 2].samples, 1);
    mpr_timeline_add(&timeline, 1, 7, 0, 0);
    assert_int_equal(timeline.count, CAPACITY / 2 + 1);
    assert_int_equal(timeline.bucket[CAPACITY / 2].samples, 2);
    assert_int_equal(timeline.bucket[CAPACITY / 2].rss_min, 7);
}

static void test_timeline_keeps_extremes_over_many_merges(void **state)
{
    (void)state;
    const size_t count = (size_t)CAPACITY * 37 + 11;
    add_many(count);
    assert_true(timeline.count <= CAPACITY);
    assert_int_equal(timeline.samples, count);
    int64_t low = INT64_MAX;
    int64_t high = INT64_MIN;
    uint32_t line = 0;
    uint64_t samples = 0;
    for (size_t i = 0; i < timeline.count; i++) {
        const struct mpr_timeline_bucket *b = &timeline.bucket[i];
        assert_true(i == 0 || b->t_ns > timeline.bucket[i - 1].t_ns);
        int64_t first = level(b->t_ns / 10);
        assert_true(b->rss_min <= first && first <= b->rss_max);
        samples += b->samples;
        if (b->rss_min < low)
            low = b->rss_min;
        if (b->rss_max > high) {
            high = b->rss_max;
            line = b->max_line;
        }
    }
    assert_int_equal(samples, count);
    assert_int_equal(low, 5);
    assert_int_equal(high, 1000000);
    assert_int_equal(line, 1234);
}

static void test_timeline_buckets_are_full_but_the_last(void **state)
{
    (void)state;
    add_many((size_t)CAPACITY * 5);
    for (size_t i = 0; i + 1 < timeline.count; i++)
        assert_int_equal(timeline.bucket[i].samples, timeline.samples_per_bucket);
}

static void test_timeline_first_of_equal_maxima_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i <= CAPACITY; i++)
        mpr_timeline_add(&timeline, i, 42, 4096, (uint32_t)i + 1);
    assert_int_equal(timeline.bucket[0].max_line, 1);
    assert_int_equal(timeline.bucket[3].max_line, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_timeline_starts_empty, setup),
        cmocka_unit_test_setup(test_timeline_keeps_each_sample_until_full, setup),
        cmocka_unit_test_setup(test_timeline_merges_pairs_when_full, setup),
        cmocka_unit_test_setup(test_timeline_keeps_extremes_over_many_merges, setup),
        cmocka_unit_test_setup(test_timeline_buckets_are_full_but_the_last, setup),
        cmocka_unit_test_setup(test_timeline_first_of_equal_maxima_stands, setup),
    };
    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
