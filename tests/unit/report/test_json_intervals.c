/* SPDX-License-Identifier: MIT */
/* When calls ran, in JSON: all facts, and the longest where they are many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "made_golden.h"
#include "made_profile.h"

static const struct made_options options = {.report = {.width = 80}};

/* Frees the profile. */
static json_t *intervals_of(struct mpr_profile *profile)
{
    char *got = made_rendering(profile, "json", &options);
    json_t *root = json_loads(got, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    free(got);
    json_t *intervals = json_incref(json_object_get(root, "intervals"));
    json_decref(root);
    return intervals;
}

static void test_json_intervals_are_whole(void **state)
{
    (void)state;
    json_t *intervals = intervals_of(made_whole());
    json_t *expected = json_pack("{s:I, s:I, s:[{s:s, s:i, s:i, s:I, s:I, s:I, s:I, s:b}, o, o]}",
        "least_ns", (json_int_t)5, "left_out", (json_int_t)7, "list", "function", "load", "line", 4,
        "thread", 4711, "begin_ns", (json_int_t)10000000, "end_ns", (json_int_t)120000000,
        "rss_begin", (json_int_t)MADE_MIB(10), "rss_end", (json_int_t)MADE_MIB(12), "open", 0,
        json_incref(json_array_get(json_object_get(intervals, "list"), 1)),
        json_incref(json_array_get(json_object_get(intervals, "list"), 2)));
    assert_true(json_equal(intervals, expected));
    const json_t *last = json_array_get(json_object_get(intervals, "list"), 2);
    assert_true(json_is_true(json_object_get(last, "open")));
    assert_true(json_is_null(json_object_get(last, "rss_end")));
    json_decref(expected);
    json_decref(intervals);
}

static void test_json_intervals_are_the_longest(void **state)
{
    static const char *const lines[] = {"x", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/a.py", "f", 1, lines);
    for (uint64_t i = 0; i < 1200; i++)
        made_interval(profile, 0, 1, i * 2000, i * 2000 + i);
    json_t *intervals = intervals_of(profile);
    assert_int_equal(json_array_size(json_object_get(intervals, "list")), 1000);
    assert_int_equal(json_integer_value(json_object_get(intervals, "left_out")), 200);
    assert_int_equal(json_integer_value(json_object_get(intervals, "least_ns")), 199000000);
    json_decref(intervals);
}

static void test_json_intervals_of_nothing(void **state)
{
    (void)state;
    json_t *intervals = intervals_of(made_profile());
    assert_int_equal(json_array_size(json_object_get(intervals, "list")), 0);
    assert_int_equal(json_integer_value(json_object_get(intervals, "least_ns")), 0);
    json_decref(intervals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_intervals_are_whole),
        cmocka_unit_test(test_json_intervals_are_the_longest),
        cmocka_unit_test(test_json_intervals_of_nothing),
    };
    return cmocka_run_group_tests_name("json_intervals", tests, NULL, NULL);
}
