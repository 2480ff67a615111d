/* SPDX-License-Identifier: MIT */
/* Options of what is measured, how, and under which interpreter. */
#include "parsed_options.h"

static void test_option_measure_wrong_values_are_named(void **state)
{
    (void)state;
    REFUSES("--func ", "-f", "", "s.py");
    REFUSES("--func ", "s.py", "--func", "a..b");
    REFUSES("--func needs a value", "s.py", "--func");
    REFUSES("--interval: '10' is not a time", "--interval", "10", "s.py");
    REFUSES("--interval: ", "--interval", "1us", "s.py");
    REFUSES("--host: ", "--host", "other", "s.py");
    REFUSES("--rss: ", "--rss", "check:", "s.py");
    REFUSES("--rss: ", "--rss", "checks", "s.py");
    REFUSES("--rss: ", "--rss", "", "s.py");
    REFUSES("--rss: there is nothing to check", "--rss", "check:off", "s.py");
}

static void test_option_measure_edges_of_values(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("--interval", "1ms", "s.py");
    assert_int_equal(options.interval_ns, 1000000);
    mpr_options_release(&options);
    options = PARSE("--interval", "3600s", "--rss", "check:every-line", "s.py");
    assert_true(options.interval_ns == UINT64_C(3600) * 1000000000);
    assert_int_equal(options.rss, MPR_RSS_EVERY_LINE);
    assert_true(options.rss_check);
    mpr_options_release(&options);
    REFUSES("--interval: ", "--interval", "3600.1s", "s.py");
    REFUSES("--interval: ", "--interval", "0.9ms", "s.py");
    REFUSES("--python: the path is empty", "--python", "", "s.py");
    REFUSES("or check:TIER", "--rss", "check:nothing", "s.py");
}

/* One after another, in their order. */
static void test_option_measure_patterns_add_up(void **state)
{
    (void)state;
    char *words[64] = {"mprun"};
    for (int i = 0; i < 30; i++) {
        words[1 + 2 * i] = "-f";
        words[2 + 2 * i] = i % 2 ? "b" : "a";
    }
    words[61] = "s.py";
    struct mpr_options options = parse(words);
    assert_int_equal(options.pattern_count, 30);
    for (int i = 0; i < 30; i++)
        assert_string_equal(options.patterns[i], i % 2 ? "b" : "a");
    mpr_options_release(&options);
}

static void test_option_measure_checkpoint(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("s.py");
    assert_true(options.checkpoint_ns == UINT64_C(10000000000));
    mpr_options_release(&options);
    options = PARSE("--checkpoint", "0.5s", "s.py");
    assert_true(options.checkpoint_ns == 500000000);
    mpr_options_release(&options);
    options = PARSE("--checkpoint", "0", "s.py");
    assert_true(options.checkpoint_ns == 0);
    mpr_options_release(&options);
    REFUSES("--checkpoint: '10' is not a time", "--checkpoint", "10", "s.py");
    REFUSES("--checkpoint: '50ms' is not between", "--checkpoint", "50ms", "s.py");
    REFUSES("--checkpoint: '0s' is not between", "--checkpoint", "0s", "s.py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_measure_checkpoint),
        cmocka_unit_test(test_option_measure_wrong_values_are_named),
        cmocka_unit_test(test_option_measure_edges_of_values),
        cmocka_unit_test(test_option_measure_patterns_add_up),
    };
    return cmocka_run_group_tests_name("option_measure", tests, NULL, NULL);
}
