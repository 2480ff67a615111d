/* SPDX-License-Identifier: MIT */
/* Options that set a budget. */
#include "parsed_options.h"

static void test_option_budget_wrong_values_are_named(void **state)
{
    (void)state;
    REFUSES("--max-peak-heap: 'lots' is not a size", "--max-peak-heap", "lots", "s.py");
    REFUSES("--max-leak: '-1' is not a size", "--max-leak", "-1", "s.py");
}

static void test_option_budget_sizes(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("--max-peak-heap", "0", "--max-leak", "9223372036854775807", "s.py");
    assert_int_equal(options.limits.peak_heap, 0);
    assert_true(options.limits.leak == INT64_MAX && options.limits.peak_rss == MPR_NO_LIMIT);
    mpr_options_release(&options);
    REFUSES("--max-leak: '9223372036854775808' is not a size", "--max-leak", "9223372036854775808",
        "s.py");
    REFUSES("--max-leak: '8388608T' is not a size", "--max-leak", "8388608T", "s.py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_budget_wrong_values_are_named),
        cmocka_unit_test(test_option_budget_sizes),
    };
    return cmocka_run_group_tests_name("option_budget", tests, NULL, NULL);
}
