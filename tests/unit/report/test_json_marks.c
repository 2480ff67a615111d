/* SPDX-License-Identifier: MIT */
/* The JSON report: marks and sections. */
#include "read_json.h"

static void test_json_marks(void **state)
{
    (void)state;
    json_t *root = render_json(made_whole());
    const json_t *marks = json_object_get(root, "marks");
    assert_int_equal(json_array_size(marks), 2);
    const json_t *first = json_array_get(marks, 0), *second = json_array_get(marks, 1);
    assert_string_equal(json_text(first, "name"), "loaded");
    assert_int_equal(json_number(first, "t_ns"), 1000000);
    assert_int_equal(json_number(first, "heap"), 300);
    assert_int_equal(json_number(first, "python"), 100);
    assert_int_equal(json_number(first, "native"), 200);
    assert_int_equal(json_number(first, "heap_peak"), 400);
    assert_int_equal(json_number(first, "rss"), MADE_MIB(20));
    assert_int_equal(json_number(first, "rss_peak"), MADE_MIB(21));
    assert_json_null(first, "snapshot");
    const json_t *live = json_object_get(second, "snapshot");
    assert_int_equal(json_array_size(live), 1);
    assert_int_equal(json_number(json_array_get(live, 0), "live"), 70);
    assert_int_equal(json_number(json_array_get(live, 0), "blocks"), 7);
    assert_int_equal(json_number(json_array_get(live, 0), "line"), 8);
    assert_string_equal(json_text(json_array_get(live, 0), "domain"), "python");
    json_decref(root);
}

static void test_json_marks_sections(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_whole();
    profile->sections[0].heap_delta = MPR_UNKNOWN;
    json_t *root = render_json(profile);
    const json_t *sections = json_object_get(root, "sections");
    assert_int_equal(json_array_size(sections), 1);
    const json_t *first = json_array_get(sections, 0);
    assert_string_equal(json_text(first, "name"), "parse");
    assert_int_equal(json_number(first, "calls"), 3);
    assert_int_equal(json_number(first, "time_ns"), 5000000);
    assert_json_null(first, "heap_delta");
    assert_int_equal(json_number(first, "rss_delta"), MADE_MIB(3));
    assert_int_equal(json_number(first, "spike"), MADE_MIB(1));
    assert_int_equal(json_number(first, "live_at_end"), MADE_MIB(1.5));
    json_decref(root);
}

static void test_json_marks_none(void **state)
{
    (void)state;
    json_t *root = render_json(made_orders());
    assert_int_equal(json_array_size(json_object_get(root, "marks")), 0);
    assert_true(json_is_array(json_object_get(root, "sections")));
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_marks),
        cmocka_unit_test(test_json_marks_sections),
        cmocka_unit_test(test_json_marks_none),
    };
    return cmocka_run_group_tests_name("json_marks", tests, NULL, NULL);
}
