/* SPDX-License-Identifier: MIT */
/* Options of what is reported, and where to. */
#include "parsed_options.h"

static void test_option_report_wrong_values_are_named(void **state)
{
    (void)state;
    REFUSES("--format: there is no format 'xml'", "--format", "xml", "s.py");
    REFUSES("--columns: ", "--columns", "+nonsense", "s.py");
    REFUSES("--sort: 'size' is none of source, rss, heap, peak, time", "--sort", "size", "s.py");
    REFUSES("--unit: ", "--unit", "TB", "s.py");
    REFUSES("--color: ", "--color", "yes", "s.py");
    REFUSES("--width: ", "--width", "12", "s.py");
    REFUSES("--width: ", "--width", "-1", "s.py");
    REFUSES("--output: ", "-o", "", "s.py");
    REFUSES("--top: 'many' is not a number from 0 to ", "--top", "many", "s.py");
    REFUSES("--top: '-1' is not a number", "--top", "-1", "s.py");
}

/* The last word of several counts, and the edges of each number are taken. */
static void test_option_report_edges_of_values(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("--width", "0", "--width", "40", "--top", "100000", "--unit",
        "kib", "--color=always", "--sort", "time", "-o", "a", "-o", "b", "s.py");
    assert_int_equal(options.width, 40);
    assert_int_equal(options.top, 100000);
    assert_int_equal(options.unit, MPR_UNIT_KIB);
    assert_int_equal(options.color, MPR_COLOR_ALWAYS);
    assert_int_equal(options.sort, MPR_SORT_TIME);
    assert_string_equal(options.output, "b");
    mpr_options_release(&options);
    options = PARSE("--width", "0", "s.py");
    assert_true(options.width_given && options.width == 0);
    mpr_options_release(&options);
    REFUSES("--width: ", "--width", "39", "s.py");
    REFUSES("--width: ", "--width", "10001", "s.py");
    REFUSES("--top: ", "--top", "100001", "s.py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_report_wrong_values_are_named),
        cmocka_unit_test(test_option_report_edges_of_values),
    };
    return cmocka_run_group_tests_name("option_report", tests, NULL, NULL);
}
