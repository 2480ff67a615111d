/* SPDX-License-Identifier: MIT */
/* The timeline as the model has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builder.h"
#include "made_model.h"

/* Samples name functions by index. */
static void test_samples_names_functions(void **state)
{
    (void)state;
    made_heap();
    struct mpr_rec_function *main_function = (void *)(region.bytes + MPR_REC_LOG);
    add_sample(10, MIB(10), offset_of(main_function), 22);
    add_sample(20, MIB(11), offset_of(main_function) + 8, 22);
    add_sample(30, MIB(12), 0, 0);
    struct mpr_profile *profile = build();
    const struct mpr_profile_timeline *samples = &profile->process[0].timeline;
    assert_int_equal(samples->count, 3);
    assert_string_equal(profile->functions[samples->bucket[0].max_function].name, "main");
    assert_int_equal(samples->bucket[0].max_line, 22);
    assert_true(samples->bucket[1].max_function == MPR_NONE);
    assert_int_equal(samples->bucket[1].max_line, 0);
    assert_true(samples->bucket[2].max_function == MPR_NONE);
    assert_int_equal(samples->bucket[2].rss_max, MIB(12));
    mpr_profile_free(profile);
}

static void assert_last(const struct mpr_timeline *samples, int64_t ms, int64_t rss)
{
    uint64_t t_ns = 77;
    int64_t got = 77;
    assert_int_equal(mpr_build_last_sample(samples, &t_ns, &got), rss > 0);
    assert_int_equal(t_ns, rss > 0 ? ms * 1000000 : 77);
    assert_int_equal(got, rss > 0 ? rss : 77);
}

/* What a target shows while it is torn down is no sample; nor is what a count claims. */
static void test_samples_the_last_one(void **state)
{
    (void)state;
    assert_last(NULL, 0, 0);
    assert_last(&timeline, 0, 0);
    add_sample(10, MIB(10), 0, 0);
    assert_last(&timeline, 10, MIB(10));
    timeline.bucket[0].rss_max = MIB(30);
    timeline.last_rss = MIB(20);
    timeline.last_t_ns = 15000000;
    assert_last(&timeline, 15, MIB(20)); /* within its bucket, and newer */
    timeline.last_rss = MIB(31);
    assert_last(&timeline, 10, MIB(30)); /* which cannot be */
    add_sample(20, 0, 0, 0);
    assert_last(&timeline, 10, MIB(30));
    timeline.bucket[0].rss_max = -5;
    assert_last(&timeline, 0, 0);
    timeline.count = SIZE_MAX;
    assert_last(&timeline, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_samples_names_functions),
        MODEL_CASE(test_samples_the_last_one),
    };
    return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
