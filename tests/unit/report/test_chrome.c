/* SPDX-License-Identifier: MIT */
/* The trace events, read back: what Perfetto and Chrome want of them, and that they are true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "made_golden.h"
#include "made_profile.h"

static const struct made_options options = {.report = {.width = 40, .color = true}};

/* Frees the profile. */
static json_t *render(struct mpr_profile *profile)
{
    json_error_t problem;
    char *got = made_rendering(profile, "chrome", &options);
    json_t *root = json_loads(got, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        fail_msg("line %d: %s", problem.line, problem.text);
    free(got);
    return root;
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (!value)
        fail_msg("%s is no text", key);
    return value;
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("%s is no integer", key);
    return json_integer_value(value);
}

/* The event of that name and number; NULL: there are fewer. */
static const json_t *event(const json_t *root, const char *name, size_t index)
{
    const json_t *events = json_object_get(root, "traceEvents");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *at = json_array_get(events, i);
        if (strcmp(text(at, "name"), name) == 0 && index-- == 0)
            return at;
    }
    return NULL;
}

/* As the format's description has it: kinds that there are, one process, time that goes on. */
static void assert_valid(const json_t *root)
{
    const json_t *events = json_object_get(root, "traceEvents");
    double before = 0;
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *at = json_array_get(events, i);
        const json_t *when = json_object_get(at, "ts");
        assert_non_null(strstr("M C i", text(at, "ph")));
        assert_int_equal(number(at, "pid"), 4711);
        assert_int_equal(number(at, "tid"), 4711);
        assert_true(json_is_number(when) && json_number_value(when) >= before);
        before = json_number_value(when);
        assert_true(json_is_object(json_object_get(at, "args")));
        if (strcmp(text(at, "ph"), "i") == 0)
            assert_string_equal(text(at, "s"), "p");
    }
}

static const json_t *args(const json_t *at)
{
    return json_object_get(at, "args");
}

/* The golden file is any version's. */
static char *without_version(char *report)
{
    static const char key[] = "\"mprun\": \"";
    char *version = strstr(report, key) + strlen(key);
    memmove(version, strchr(version, '"'), strlen(strchr(version, '"')) + 1);
    return report;
}

static void test_chrome_golden(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_profile_timeline *timeline = &profile->process[0].timeline;
    for (size_t i = 3; i < timeline->count; i++)
        timeline->bucket[i].heap_max = timeline->bucket[i].rss_max / 2;
    timeline->bucket[9].max_function = 0;
    timeline->bucket[9].max_line = 15;
    made_golden(without_version(made_rendering(profile, "chrome", &options)), "orders.trace.json");
}

static void test_chrome_has_the_levels_and_the_highest(void **state)
{
    static const double course[] = {1, 3, 2, 3, -1};
    static const char *const lines[] = {"x", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/home/ann/\"|`</script>", "f\xe2\x80\xae\\", 7, lines);
    made_samples(profile, course);
    struct mpr_profile_bucket *bucket = profile->process[0].timeline.bucket;
    bucket[1].max_function = 0;
    bucket[1].max_line = 7;
    bucket[2].heap_max = 5;
    bucket[2].t_ns++;
    json_t *root = render(profile);
    assert_valid(root);
    assert_int_equal(number(args(event(root, "RSS", 2)), "bytes"), MADE_MIB(2));
    assert_non_null(event(root, "RSS", 3));
    assert_null(event(root, "RSS", 4));
    const json_t *heap = event(root, "heap", 0);
    assert_int_equal(number(args(heap), "bytes"), 5);
    assert_true(json_real_value(json_object_get(heap, "ts")) == 20000.001);
    assert_null(event(root, "heap", 1));
    const json_t *highest = event(root, "highest sample of RSS", 0);
    assert_true(json_real_value(json_object_get(highest, "ts")) == 10000);
    assert_string_equal(text(args(highest), "function"), "f\xe2\x80\xae\\");
    assert_string_equal(text(args(highest), "file"), "/home/ann/\"|`</script>");
    assert_int_equal(number(args(highest), "line"), 7);
    assert_null(event(root, "highest sample of RSS", 1));
    highest = event(root, "highest sample of the heap", 0);
    assert_int_equal(number(args(highest), "bytes"), 5);
    assert_null(json_object_get(args(highest), "function"));
    assert_string_equal(text(args(event(root, "process_name", 0)), "name"), "orders.py");
    json_decref(root);
}

/* Nothing that turns a terminal's line reaches it, in JSON's own escapes. */
static void test_chrome_is_ascii_where_text_steers(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    free(profile->process[0].command[0]);
    profile->process[0].command[0] = made_text("\xe2\x80\xaex\"\\");
    char *got = made_rendering(profile, "chrome", &options);
    assert_non_null(strstr(got, "{\"name\": \"\\\\u202ex\\\"\\\\\"}"));
    free(got);
}

static void test_chrome_of_nothing(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].rss_peak = MPR_UNKNOWN;
    free(profile->process[0].command[0]);
    profile->process[0].command[0] = NULL;
    json_t *root = render(profile);
    assert_valid(root);
    assert_int_equal(json_array_size(json_object_get(root, "traceEvents")), 1);
    const json_t *run = json_object_get(root, "otherData");
    assert_true(json_is_null(json_object_get(run, "peak_rss")));
    assert_true(json_is_null(json_object_get(run, "peak_heap")));
    json_decref(root);
}

static void test_chrome_has_the_largest_figures(void **state)
{
    static const double course[] = {1, -1};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_samples(profile, course);
    struct mpr_profile_bucket *bucket = profile->process[0].timeline.bucket;
    bucket->t_ns = UINT64_MAX;
    bucket->rss_max = INT64_MAX;
    json_t *root = render(profile);
    assert_valid(root);
    assert_true(number(args(event(root, "RSS", 0)), "bytes") == INT64_MAX);
    assert_true(json_real_value(json_object_get(event(root, "RSS", 0), "ts")) > 1.8e16);
    json_decref(root);
}

/* Slices of the functions that are shown, on threads with names. */
static void test_chrome_has_calls(void **state)
{
    (void)state;
    json_t *root = render(made_whole());
    const json_t *outer = event(root, "load", 0), *inner = event(root, "load", 1);
    assert_string_equal(text(outer, "ph"), "X");
    assert_int_equal(number(outer, "tid"), 4711);
    assert_true(json_number_value(json_object_get(outer, "ts")) == 10000);
    assert_true(json_number_value(json_object_get(outer, "dur")) == 110000);
    assert_int_equal(number(args(outer), "rss_end"), MADE_MIB(12));
    assert_null(json_object_get(args(outer), "open"));
    assert_true(json_number_value(json_object_get(inner, "dur")) == 30000);
    const json_t *open = event(root, "load", 2);
    assert_true(json_is_true(json_object_get(args(open), "open")));
    assert_true(json_is_null(json_object_get(args(open), "rss_end")));
    assert_string_equal(text(args(event(root, "thread_name", 0)), "name"), "main");
    assert_string_equal(text(args(event(root, "thread_name", 1)), "name"), "thread 4712");
    assert_null(event(root, "thread_name", 2));
    const json_t *run = json_object_get(root, "otherData");
    assert_int_equal(number(run, "calls_left_out"), 7);
    assert_int_equal(number(run, "calls_from_ns"), 5);
    json_decref(root);
}

static void test_chrome_has_marks(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    profile->marks[0].heap = MPR_UNKNOWN;
    json_t *root = render(profile);
    const json_t *first = event(root, "loaded", 0), *second = event(root, "halfway", 0);
    assert_string_equal(text(first, "ph"), "i");
    assert_true(json_is_null(json_object_get(args(first), "heap")));
    assert_int_equal(number(args(first), "rss"), MADE_MIB(20));
    assert_true(json_number_value(json_object_get(second, "ts")) == 2000);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chrome_golden),
        cmocka_unit_test(test_chrome_has_the_levels_and_the_highest),
        cmocka_unit_test(test_chrome_is_ascii_where_text_steers),
        cmocka_unit_test(test_chrome_of_nothing),
        cmocka_unit_test(test_chrome_has_the_largest_figures),
        cmocka_unit_test(test_chrome_has_calls),
        cmocka_unit_test(test_chrome_has_marks),
    };
    return cmocka_run_group_tests_name("chrome", tests, NULL, NULL);
}
