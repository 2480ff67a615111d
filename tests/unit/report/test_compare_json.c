/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "made_comparison_report.h"

static json_t *difference(struct mpr_profile *before, struct mpr_profile *after)
{
    static const struct mpr_report_options options = {.width = 40};
    json_error_t error;
    char *text = made_difference(before, after, "json", &options);
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s", error.text);
    free(text);
    return json;
}

static json_t *function_of(const json_t *json, const char *side, const char *qualname)
{
    size_t index;
    json_t *each;
    json_array_foreach(json_object_get(json, "functions"), index, each)
    {
        const char *name =
            json_string_value(json_object_get(json_object_get(each, side), "qualname"));
        if (name && strcmp(name, qualname) == 0)
            return each;
    }
    return NULL;
}

static json_int_t number(const json_t *row, const char *column, const char *which)
{
    return json_integer_value(json_object_get(json_object_get(row, column), which));
}

static void test_difference_has_what_changed(void **state)
{
    (void)state;
    json_t *json = difference(made_state(false), made_state(true));
    json_t *read = function_of(json, "after", "read");
    assert_true(json_is_true(json_object_get(read, "renamed")));
    json_t *rows = json_object_get(read, "rows");
    assert_int_equal(json_array_size(rows), 4); /* log, rows, seen, work */
    json_t *row = json_array_get(rows, 1);
    assert_int_equal(number(row, "line", "before"), 6);
    assert_int_equal(number(row, "line", "after"), 15);
    assert_int_equal(number(row, "heap_delta", "change"), 6000000);
    assert_null(json_object_get(json_object_get(row, "time_ns"), "change_a_hit"));
    row = json_array_get(rows, 3);
    assert_int_equal(number(row, "hits", "change"), 2);
    assert_int_equal(number(row, "heap_allocated", "change_a_hit"), 100);
    assert_null(json_object_get(json_object_get(row, "spike"), "change_a_hit"));
    assert_true(json_is_null(json_object_get(function_of(json, "after", "made"), "before")));
    assert_true(json_is_true(json_object_get(function_of(json, "after", "same"), "moved")));
    assert_string_equal(
        json_string_value(json_object_get(function_of(json, "before", "gone"), "fate")), "gone");
    assert_int_equal(number(json_object_get(json, "totals"), "heap_peak", "change"), 6000000);
    assert_int_equal(json_array_size(json_object_get(json, "sites")), 1);
    json_decref(json);
}

static void test_difference_of_nothing_is_empty(void **state)
{
    (void)state;
    json_t *json = difference(made_state(true), made_state(true));
    assert_int_equal(json_array_size(json_object_get(json, "functions")), 0);
    assert_int_equal(json_array_size(json_object_get(json, "sites")), 0);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference_has_what_changed),
        cmocka_unit_test(test_difference_of_nothing_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
