/* SPDX-License-Identifier: MIT */
/* The JSON report, read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "made_profile.h"
#include "made_report.h"

/* Frees the profile. */
static json_t *render(struct mpr_profile *profile)
{
    static const struct made_options options = {.report.width = 80};
    struct mpr_error err = {""};
    json_error_t problem;
    struct mpr_sink sink;
    made_sink(&sink);
    if (made_report(profile, mpr_format_by_name("json"), &options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    json_t *root = json_loadb(sink.out.data, sink.out.len, JSON_REJECT_DUPLICATES, &problem);
    if (!root)
        fail_msg("line %d: %s", problem.line, problem.text);
    mpr_sink_release(&sink);
    mpr_profile_free(profile);
    return root;
}

static json_int_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("%s is no integer", key);
    return json_integer_value(value);
}

static const char *text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value))
        fail_msg("%s is no text", key);
    return json_string_value(value);
}

static void assert_json_null(const json_t *object, const char *key)
{
    if (!json_is_null(json_object_get(object, key)))
        fail_msg("%s is not null", key);
}

static const json_t *first_function(const json_t *root)
{
    return json_array_get(json_object_get(root, "functions"), 0);
}

static const json_t *row(const json_t *root, size_t index)
{
    return json_array_get(json_object_get(first_function(root), "rows"), index);
}

static void test_report_json_has_the_keys_of_the_run(void **state)
{
    (void)state;
    json_t *root = render(made_orders());
    assert_int_equal(number(root, "schema"), 1);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(root, "command"), 0)), "orders.py");
    assert_string_equal(text(root, "cwd"), "/home/ann/shop");
    assert_string_equal(text(root, "python"), "3.11.2");
    assert_string_equal(text(root, "host"), "interpreter");
    assert_string_equal(text(root, "started"), "2026-01-01T00:00:00Z");
    assert_int_equal(number(root, "duration_ns"), 412000000);
    assert_int_equal(number(json_object_get(root, "exit"), "status"), 0);
    assert_json_null(json_object_get(root, "exit"), "signal");
    const json_t *engines = json_object_get(root, "engines");
    assert_string_equal(text(engines, "trace"), "settrace");
    assert_string_equal(text(engines, "rss"), "rusage");
    assert_true(json_is_false(json_object_get(engines, "heap")));
    assert_int_equal(number(engines, "statm_reads"), 161);
    assert_ptr_equal(json_object_get(engines, "check"), NULL);
    assert_int_equal(number(json_object_get(root, "rss"), "own"), MADE_MIB(1.9));
    assert_int_equal(number(json_object_get(root, "rss"), "peak_line"), 15);
    assert_json_null(root, "heap");
    assert_json_null(root, "sites");
    assert_int_equal(json_array_size(json_object_get(root, "timeline")), 14);
    json_decref(root);
}

static void test_report_json_has_every_line(void **state)
{
    static const char *const heap[] = {"heap_delta", "heap_allocated", "heap_freed", "allocations",
        "spike", "live_at_peak", "live_at_end"};
    (void)state;
    json_t *root = render(made_orders());
    const json_t *load = first_function(root);
    assert_int_equal(json_array_size(json_object_get(load, "rows")), 20);
    assert_int_equal(number(load, "first_line"), 4);
    assert_int_equal(number(load, "last_line"), 23);
    assert_json_null(load, "heap_delta");
    assert_json_null(load, "spike");
    assert_ptr_equal(json_object_get(load, "source_problem"), NULL);
    assert_int_equal(number(row(root, 5), "rss_delta"), -MADE_MIB(5.3));
    assert_int_equal(number(row(root, 7), "hits"), 200001);
    assert_int_equal(number(row(root, 9), "hits"), 0);
    assert_json_null(row(root, 9), "rss");
    assert_int_equal(number(row(root, 0), "rss"), MADE_MIB(30.1));
    assert_string_equal(text(row(root, 6), "source"), "    seen = {}");
    for (size_t i = 0; i < sizeof heap / sizeof *heap; i++)
        assert_json_null(row(root, 4), heap[i]);
    json_decref(root);
}

static void test_report_json_of_a_killed_program(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    profile->process[0].exit_status = -1;
    profile->process[0].exit_signal = 9;
    profile->process[0].open = calloc(1, sizeof *profile->process[0].open);
    profile->process[0].open[0] = (struct mpr_profile_open){4711, 0, 15};
    profile->process[0].open_count = 1;
    json_t *root = render(profile);
    assert_json_null(json_object_get(root, "exit"), "status");
    assert_int_equal(number(json_object_get(root, "exit"), "signal"), 9);
    const json_t *open = json_array_get(json_object_get(root, "open"), 0);
    assert_string_equal(text(open, "function"), "load");
    assert_int_equal(number(open, "line"), 15);
    assert_int_equal(number(open, "thread"), 4711);
    json_decref(root);
}

static void test_report_json_of_what_was_not_measured_is_null(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    struct mpr_profile_function *f = &profile->functions[0];
    profile->process[0].tier = MPR_TIER_OFF;
    profile->process[0].engine = MPR_ENGINE_NONE;
    profile->process[0].rss_resolution = profile->process[0].rss_start =
        profile->process[0].rss_end = MPR_UNKNOWN;
    f->rss_entry = f->rss_delta = MPR_UNKNOWN;
    f->rows[4].rss = f->rows[4].rss_max = f->rows[4].rss_delta = MPR_UNKNOWN;
    json_t *root = render(profile);
    assert_json_null(json_object_get(root, "engines"), "rss_resolution");
    assert_json_null(json_object_get(root, "engines"), "trace");
    assert_json_null(json_object_get(root, "rss"), "start");
    assert_json_null(first_function(root), "rss_entry");
    assert_json_null(row(root, 4), "rss_delta");
    json_decref(root);
}

static void test_report_json_of_the_rss_check(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].checked = true;
    profile->process[0].check_changes = 120;
    json_t *root = render(profile);
    const json_t *check = json_object_get(json_object_get(root, "engines"), "check");
    assert_int_equal(number(check, "changes"), 120);
    assert_int_equal(number(check, "missed"), 0);
    json_decref(root);
}

static void test_report_json_keeps_odd_text_and_huge_numbers(void **state)
{
    static const char *const lines[] = {"é = \"\\x1b\"\t# {日本} [", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "/a{[\"\\b", "f", 1, lines);
    f->calls = UINT64_MAX;
    f->rows[0].hits = UINT64_MAX;
    f->source_problem = made_text("because");
    json_t *root = render(profile);
    assert_string_equal(text(first_function(root), "file"), "/a{[\"\\b");
    assert_string_equal(text(first_function(root), "source_problem"), "because");
    assert_string_equal(text(row(root, 0), "source"), lines[0]);
    assert_int_equal(number(row(root, 0), "hits"), INT64_MAX);
    json_decref(root);
}

static void test_report_json_of_an_empty_profile(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].command[0][0] = '[';
    json_t *root = render(profile);
    assert_int_equal(json_array_size(json_object_get(root, "functions")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "open")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "notes")), 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_json_has_the_keys_of_the_run),
        cmocka_unit_test(test_report_json_has_every_line),
        cmocka_unit_test(test_report_json_of_a_killed_program),
        cmocka_unit_test(test_report_json_of_what_was_not_measured_is_null),
        cmocka_unit_test(test_report_json_of_the_rss_check),
        cmocka_unit_test(test_report_json_keeps_odd_text_and_huge_numbers),
        cmocka_unit_test(test_report_json_of_an_empty_profile),
    };
    return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
