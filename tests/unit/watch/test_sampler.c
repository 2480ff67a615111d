/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/watch.h"

#define MIB(n) ((int64_t)(n) << 20)

static struct mpr_timeline timeline;

struct told {
    bool ready;
    int64_t own;
    int64_t heap;
};

static bool ready(void *data)
{
    return ((struct told *)data)->ready;
}

static void where(void *data, uint64_t *ret_function, uint32_t *ret_line)
{
    (void)data;
    *ret_function = 4096;
    *ret_line = 7;
}

static int64_t own(void *data)
{
    return ((struct told *)data)->own;
}

static int64_t heap(void *data)
{
    return ((struct told *)data)->heap;
}

/* Of this process: any will do, it need not be a child. */
static void sample(const struct mpr_watch_source *source)
{
    struct mpr_sampler sampler;
    mpr_timeline_init(&timeline);
    mpr_sampler_open(&sampler, getpid(), mpr_monotonic_ns(), source, &timeline);
    mpr_sampler_take(&sampler);
    mpr_sampler_close(&sampler);
}

static void test_sampler_asks_the_source(void **state)
{
    (void)state;
    struct told told = {.ready = true, .own = 0, .heap = MIB(3)};
    const struct mpr_watch_source source = {ready, where, own, heap, &told};
    sample(&source);
    assert_int_equal(timeline.count, 1);
    assert_int_equal(timeline.bucket[0].max_function, 4096);
    assert_int_equal(timeline.bucket[0].max_line, 7);
    assert_int_equal(timeline.bucket[0].heap_max, MIB(3));
    int64_t whole = timeline.bucket[0].rss_max;
    told.own = whole / 2;
    sample(&source);
    assert_in_range(timeline.bucket[0].rss_max, whole / 4, whole * 3 / 4);
    told.own = INT64_MAX / 2; /* more than there is */
    sample(&source);
    assert_int_equal(timeline.bucket[0].rss_max, 0);
    told.own = -INT64_MAX; /* the target may have written anything */
    sample(&source);
    assert_int_equal(timeline.bucket[0].rss_max, INT64_MAX);
}

static void test_sampler_waits_until_the_source_is_ready(void **state)
{
    (void)state;
    struct told told = {.ready = false};
    const struct mpr_watch_source source = {ready, where, own, heap, &told};
    sample(&source);
    assert_int_equal(timeline.count, 0);
}

/* A process that nobody measures: what /proc tells. */
static void test_sampler_without_a_source(void **state)
{
    (void)state;
    sample(&(struct mpr_watch_source){0});
    assert_int_equal(timeline.count, 1);
    assert_true(timeline.bucket[0].rss_max > 0);
    assert_int_equal(timeline.bucket[0].max_line, 0);
    assert_int_equal(timeline.bucket[0].heap_max, INT64_MIN);
}

static void test_sampler_of_nobody(void **state)
{
    (void)state;
    struct mpr_sampler sampler;
    mpr_timeline_init(&timeline);
    mpr_sampler_open(
        &sampler, INT32_MAX, mpr_monotonic_ns(), &(struct mpr_watch_source){0}, &timeline);
    mpr_sampler_take(&sampler);
    mpr_sampler_take_last(&sampler);
    assert_int_equal(timeline.count, 0);
    assert_int_equal(sampler.hwm_seen, 0);
    mpr_sampler_close(&sampler);
    mpr_sampler_close(&sampler);
}

static void test_sampler_no_recording_is_never_ready(void **state)
{
    (void)state;
    struct mpr_watch_recording recording;
    const struct mpr_watch_source source = mpr_watch_recording_source(&recording, NULL);
    sample(&source);
    assert_int_equal(timeline.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sampler_asks_the_source),
        cmocka_unit_test(test_sampler_waits_until_the_source_is_ready),
        cmocka_unit_test(test_sampler_without_a_source),
        cmocka_unit_test(test_sampler_of_nobody),
        cmocka_unit_test(test_sampler_no_recording_is_never_ready),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
