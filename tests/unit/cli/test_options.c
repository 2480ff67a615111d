/* SPDX-License-Identifier: MIT */
/* The command line: what is mprun's, and what is the program's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsed_options.h"
#include "topics.h"

static void test_options_script_ends_mpruns_part(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("-q", "script.py", "--help", "-f", "x", "run");
    assert_true(options.quiet);
    assert_ptr_equal(options.command, &mpr_command_run);
    assert_true(options.answer == NULL);
    assert_int_equal(options.pattern_count, 0);
    ARGS(options, "script.py", "--help", "-f", "x", "run");
    assert_int_equal(options.program, 0);
    mpr_options_release(&options);
}

static void test_options_func_may_follow_the_program(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("-f", "a", "script.py", "--func", "b", "--func=c", "x", "--func", "d");
    assert_int_equal(options.pattern_count, 3);
    assert_string_equal(options.patterns[0], "a");
    assert_string_equal(options.patterns[1], "b");
    assert_string_equal(options.patterns[2], "c");
    ARGS(options, "script.py", "x", "--func", "d");
    mpr_options_release(&options);

    options = PARSE("-m", "pkg.mod", "--func", "b", "x");
    assert_int_equal(options.pattern_count, 1);
    ARGS(options, "-m", "pkg.mod", "x");
    assert_int_equal(options.program, 1);
    mpr_options_release(&options);

    options = PARSE("-c", "print(1)", "--func=b");
    assert_int_equal(options.pattern_count, 1);
    ARGS(options, "-c", "print(1)");
    assert_string_equal(options.code, "print(1)");
    mpr_options_release(&options);
}

static void test_options_short_f_behind_the_program_is_the_programs(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("script.py", "-f", "file", "--func", "g");
    assert_int_equal(options.pattern_count, 0);
    ARGS(options, "script.py", "-f", "file", "--func", "g");
    same(options.strays, (const char *const[]){"-f", "--func", NULL});
    mpr_options_release(&options);
}

static void test_options_run_is_the_same_as_without(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("-q", "run", "--all-lines", "script.py", "run");
    assert_true(options.quiet && options.all_lines);
    ARGS(options, "script.py", "run");
    mpr_options_release(&options);
    options = PARSE("run", "run");
    ARGS(options, "run");
    mpr_options_release(&options);
    options = PARSE("--", "run");
    ARGS(options, "run");
    mpr_options_release(&options);
}

static void test_options_interpreter_as_first_word(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("--func", "f", "/usr/bin/python3.11", "-X", "dev", "s.py", "--func", "g");
    assert_string_equal(options.python, "/usr/bin/python3.11");
    assert_int_equal(options.pattern_count, 1);
    ARGS(options, "-X", "dev", "s.py", "--func", "g");
    assert_int_equal(options.program, 2);
    mpr_options_release(&options);
    options = PARSE("python3");
    assert_null(options.args[0]);
    assert_int_equal(options.program, 0);
    mpr_options_release(&options);
    options = PARSE("python", "-Ic", "pass", "x");
    assert_string_equal(options.code, "pass");
    mpr_options_release(&options);
    REFUSES("leave one out", "--python", "/p", "python3", "s.py");
}

static void test_options_behind_double_dash_python_goes_on(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("--unit", "MiB", "--", "-X", "dev", "s.py");
    assert_int_equal(options.unit, MPR_UNIT_MIB);
    ARGS(options, "-X", "dev", "s.py");
    assert_int_equal(options.program, 2);
    mpr_options_release(&options);
    options = PARSE("-");
    ARGS(options, "-");
    mpr_options_release(&options);
}

static void test_options_values_are_taken(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("--sort=rss", "--color", "never", "--width", "120",
        "--no-legend", "--interval", "0.5s", "--python", "/p", "--host", "embedded", "--rss",
        "check:rusage", "-o", "-", "--format", "json", "s.py");
    assert_int_equal(options.sort, MPR_SORT_RSS);
    assert_int_equal(options.color, MPR_COLOR_NEVER);
    assert_true(options.width_given && options.no_legend && options.rss_check);
    assert_int_equal(options.width, 120);
    assert_int_equal(options.interval_ns, 500000000);
    assert_string_equal(options.python, "/p");
    assert_int_equal(options.host, MPR_HOST_EMBEDDED);
    assert_int_equal(options.rss, MPR_RSS_RUSAGE);
    assert_string_equal(options.format->name, "json");
    assert_string_equal(options.output, "-");
    mpr_options_release(&options);
    options = PARSE("--rss", "check", "s.py");
    assert_true(options.rss_check);
    assert_int_equal(options.rss, MPR_RSS_AUTO);
    assert_int_equal(options.interval_ns, 10000000);
    assert_string_equal(options.format->name, "text");
    mpr_options_release(&options);
}

static void test_options_of_the_heap(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("s.py");
    assert_false(options.no_heap);
    assert_int_equal(options.top, 5);
    assert_true(options.limits.peak_heap == MPR_NO_LIMIT && options.limits.leak == MPR_NO_LIMIT);
    mpr_options_release(&options);
    options = PARSE("--top", "0", "--fold-packages", "--max-peak-heap", "1.5MiB", "--max-peak-rss",
        "2G", "--max-leak", "0", "--sort", "peak", "s.py");
    assert_true(options.fold_packages);
    assert_int_equal(options.top, 0);
    assert_int_equal(options.limits.peak_heap, 3 << 19);
    assert_int_equal(options.limits.peak_rss, (int64_t)2 << 30);
    assert_int_equal(options.limits.leak, 0);
    assert_int_equal(options.sort, MPR_SORT_PEAK);
    mpr_options_release(&options);
    options = PARSE("--no-heap", "--sort", "rss", "--columns", "-spike", "s.py");
    assert_true(options.no_heap);
    mpr_options_release(&options);
}

static void test_options_help_and_version_answer_at_once(void **state)
{
    (void)state;
    assert_true(PARSE("--help").answer == mpr_answer_help);
    assert_true(PARSE("-qh", "--nonsense").answer == mpr_answer_help);
    struct mpr_options options = PARSE("help");
    assert_ptr_equal(options.command, &mpr_command_help);
    assert_null(options.topic);
    assert_true(PARSE("--version", "x").answer == mpr_answer_version);
}

static void test_options_words_of_other_versions_are_no_scripts(void **state)
{
    (void)state;
    REFUSES("mprun " MPRUN_VERSION " has no command 'merge'; to run a file of that name: mprun "
            "./merge",
        "merge");
    REFUSES("no command 'merge'", "-q", "merge", "x.mprun");
    REFUSES("no command 'plot'", "plot");
    struct mpr_options options = PARSE("run", "doctor");
    ARGS(options, "doctor");
    mpr_options_release(&options);
    options = PARSE("./doctor");
    ARGS(options, "./doctor");
    mpr_options_release(&options);
}

static void test_options_topics_and_shells(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("-q", "help", "rss");
    assert_ptr_equal(options.command, &mpr_command_help);
    assert_string_equal(options.topic->name, "rss");
    assert_string_equal(PARSE("completion", "fish").topic->name, "fish");
    REFUSES("there is no help on 'me', only columns, heap, rss, patterns, exit, man", "help", "me");
    REFUSES("there is no help on 'exit'", "help", "rss", "exit");
    REFUSES("there is no completion for 'csh', only bash, zsh, fish", "completion", "csh");
    REFUSES("which shell?", "completion");
}

static void test_options_doctor_takes_options_and_no_program(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("doctor");
    assert_ptr_equal(options.command, &mpr_command_doctor);
    options = PARSE("--python", "/p", "doctor", "--format", "json");
    assert_ptr_equal(options.command, &mpr_command_doctor);
    assert_string_equal(options.python, "/p");
    assert_string_equal(options.format->name, "json");
    assert_true(PARSE("doctor", "--help").answer == mpr_answer_help);
    REFUSES("doctor runs no program: 's.py' is one word too many", "doctor", "s.py");
    REFUSES("doctor runs no program: '-m'", "doctor", "-m", "json");
    REFUSES("no option --formats", "doctor", "--formats");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_script_ends_mpruns_part),
        cmocka_unit_test(test_options_func_may_follow_the_program),
        cmocka_unit_test(test_options_short_f_behind_the_program_is_the_programs),
        cmocka_unit_test(test_options_run_is_the_same_as_without),
        cmocka_unit_test(test_options_interpreter_as_first_word),
        cmocka_unit_test(test_options_behind_double_dash_python_goes_on),
        cmocka_unit_test(test_options_values_are_taken),
        cmocka_unit_test(test_options_of_the_heap),
        cmocka_unit_test(test_options_help_and_version_answer_at_once),
        cmocka_unit_test(test_options_words_of_other_versions_are_no_scripts),
        cmocka_unit_test(test_options_topics_and_shells),
        cmocka_unit_test(test_options_doctor_takes_options_and_no_program),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
