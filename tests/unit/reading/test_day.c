/* SPDX-License-Identifier: MIT */
/* A day of samples: what is kept of them, what the model makes of it, and how large reports get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_model.h"
#include "made_report.h"

#define INTERVAL_NS UINT64_C(10000000)
#define DAY_NS (UINT64_C(86400) * 1000000000)
#define SAMPLES (DAY_NS / INTERVAL_NS)
#define SPIKE (SAMPLES * 2 / 3) /* one sample of millions is the peak */

static struct mpr_rec_function *fn;

static int setup(void **state)
{
    (void)state;
    make_region(1 << 16);
    fn = add_function("shop.py", "serve", 3, 9, MPR_REC_BY_DEFAULT);
    set_row(fn, 5, SAMPLES, MIB(400), MIB(300));
    mpr_timeline_init(&timeline);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        int64_t slow_leak = MIB(100) + (int64_t)(i * 40);
        int64_t rss = i == SPIKE ? MIB(3000) : slow_leak + (int64_t)(i % 50) * 4096;
        mpr_timeline_add(&timeline, i * INTERVAL_NS, rss, offset_of(fn), i == SPIKE ? 7 : 5);
    }
    header()->rss.end = timeline.last_rss;
    header()->rss.hwm = MIB(3002);
    run.duration_ns = DAY_NS;
    run.interval_ns = INTERVAL_NS;
    run.maxrss = run.hwm_seen = MIB(3002);
    return 0;
}

static void test_day_keeps_every_extreme(void **state)
{
    uint64_t samples = 0;
    int64_t highest = 0;
    uint32_t line = 0;
    (void)state;
    assert_in_range(timeline.count, MPR_TIMELINE_CAPACITY / 2, MPR_TIMELINE_CAPACITY);
    assert_int_equal(timeline.samples, SAMPLES);
    for (size_t i = 0; i < timeline.count; i++) {
        const struct mpr_timeline_bucket *bucket = &timeline.bucket[i];
        assert_int_equal(bucket->t_ns, samples * INTERVAL_NS);
        samples += bucket->samples;
        if (bucket->rss_max > highest) {
            highest = bucket->rss_max;
            line = bucket->max_line;
        }
    }
    assert_int_equal(samples, SAMPLES);
    assert_int_equal(highest, MIB(3000));
    assert_int_equal(line, 7);
    assert_int_equal(timeline.last_t_ns, DAY_NS - INTERVAL_NS);
}

static void test_day_reports_stay_small(void **state)
{
    (void)state;
    struct mpr_profile *profile = build();
    struct made_options options = {.report = {.width = 100, .unicode = true, .plot = true}};
    assert_int_equal(profile->process[0].rss_peak, MIB(3000));
    assert_int_equal(profile->process[0].peak_line, 7);
    assert_int_equal(profile->process[0].duration_ns, DAY_NS);
    for (size_t i = 0; mpr_formats[i]; i++) {
        struct mpr_sink sink;
        struct mpr_error err = {""};
        if (mpr_formats[i]->owns_file)
            continue;
        made_sink(&sink);
        if (made_report(profile, mpr_formats[i], &options, &sink, &err) != 0)
            fail_msg("%s: %s", mpr_formats[i]->name, err.message);
        assert_in_range(sink.out.len, 100, 512 << 10);
        mpr_sink_release(&sink);
    }
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_day_keeps_every_extreme, setup, free_region),
        cmocka_unit_test_setup_teardown(test_day_reports_stay_small, setup, free_region),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
