/* SPDX-License-Identifier: MIT */
/* The words of `mprun report`. */
#include "parsed_options.h"

static void test_cmd_report_takes_a_file_and_options(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("report", "run.mprun", "--sort", "heap", "--func", "load", "-o", "x.json");
    assert_ptr_equal(options.command, &mpr_command_report);
    assert_string_equal(options.profile, "run.mprun");
    assert_string_equal(options.format->name, "json");
    assert_int_equal(options.pattern_count, 1);
    assert_true(options.sort == MPR_SORT_HEAP);
    mpr_options_release(&options);
    options = PARSE("--top", "3", "report", "--no-source", "a.mprun");
    assert_string_equal(options.profile, "a.mprun");
    assert_true(options.no_source && options.top == 3);
    assert_string_equal(options.format->name, "text");
    mpr_options_release(&options);
}

static void test_cmd_report_refuses_what_is_for_a_run(void **state)
{
    (void)state;
    REFUSES("which profile? mprun report FILE", "report");
    REFUSES("which profile?", "report", "--top", "3");
    REFUSES("'b.mprun' is one word too many", "report", "a.mprun", "b.mprun");
    REFUSES("mprun report takes no --no-heap", "report", "a.mprun", "--no-heap");
    REFUSES("mprun report takes no --python", "report", "--python", "x", "a.mprun");
    REFUSES("--format json needs -o FILE", "report", "a.mprun", "--format", "json");
    REFUSES("--format store needs -o FILE", "report", "a.mprun", "--format", "store");
    REFUSES("mprun report runs no program", "report", "-m", "json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmd_report_takes_a_file_and_options),
        cmocka_unit_test(test_cmd_report_refuses_what_is_for_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
