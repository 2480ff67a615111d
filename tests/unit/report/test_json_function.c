/* SPDX-License-Identifier: MIT */
/* The JSON report: a function and its rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read_json.h"

static void test_json_function_has_every_line(void **state)
{
    static const char *const heap[] = {"heap_delta", "heap_allocated", "heap_freed", "allocations",
        "spike", "live_at_peak", "live_at_end"};
    (void)state;
    json_t *root = render_json(made_orders());
    const json_t *load = json_function(root);
    assert_int_equal(json_array_size(json_object_get(load, "rows")), 20);
    assert_int_equal(json_number(load, "first_line"), 4);
    assert_int_equal(json_number(load, "last_line"), 23);
    assert_json_null(load, "heap_delta");
    assert_json_null(load, "spike");
    assert_ptr_equal(json_object_get(load, "source_problem"), NULL);
    assert_int_equal(json_number(json_row(root, 5), "rss_delta"), -MADE_MIB(5.3));
    assert_int_equal(json_number(json_row(root, 7), "hits"), 200001);
    assert_int_equal(json_number(json_row(root, 9), "hits"), 0);
    assert_json_null(json_row(root, 9), "rss");
    assert_int_equal(json_number(json_row(root, 0), "rss"), MADE_MIB(30.1));
    assert_string_equal(json_text(json_row(root, 6), "source"), "    seen = {}");
    for (size_t i = 0; i < sizeof heap / sizeof *heap; i++)
        assert_json_null(json_row(root, 4), heap[i]);
    json_decref(root);
}

static void test_json_function_keeps_odd_text_and_huge_numbers(void **state)
{
    static const char *const lines[] = {"é = \"\\x1b\"\t# {日本} [", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "/a{[\"\\b", "f", 1, lines);
    f->calls = UINT64_MAX;
    f->rows[0].hits = UINT64_MAX;
    f->source_problem = made_text("because");
    json_t *root = render_json(profile);
    assert_string_equal(json_text(json_function(root), "file"), "/a{[\"\\b");
    assert_string_equal(json_text(json_function(root), "source_problem"), "because");
    assert_string_equal(json_text(json_row(root, 0), "source"), lines[0]);
    assert_int_equal(json_number(json_row(root, 0), "hits"), INT64_MAX);
    json_decref(root);
}

/* A function without rows has an empty list, and all keys. */
static void test_json_function_that_never_ran(void **state)
{
    static const char *const keys[] = {"file", "name", "qualname", "module", "selected_by",
        "first_line", "last_line", "calls", "time_ns", "rss_entry", "rss_delta", "heap_delta",
        "freed_on_return", "spike", "rows"};
    static const char *const lines[] = {NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "/a.py", "A.f", 7, lines);
    f->last_line = 9;
    f->freed_on_return = MPR_UNKNOWN;
    json_t *root = render_json(profile);
    const json_t *function = json_function(root);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null(json_object_get(function, keys[i]));
    assert_int_equal(json_object_size(function), sizeof keys / sizeof *keys);
    assert_int_equal(json_array_size(json_object_get(function, "rows")), 0);
    assert_string_equal(json_text(function, "name"), "f");
    assert_json_null(function, "freed_on_return");
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_function_has_every_line),
        cmocka_unit_test(test_json_function_keeps_odd_text_and_huge_numbers),
        cmocka_unit_test(test_json_function_that_never_ran),
    };
    return cmocka_run_group_tests_name("json_function", tests, NULL, NULL);
}
