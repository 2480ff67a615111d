/* SPDX-License-Identifier: MIT */
/* The command line: what is mprun's, what is the program's, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include "option_table.h"
#include "options.h"
#include "python_words.h"
#include "topics.h"

#define WORDS_MAX 16
#define PARSE(...) parse((char *const[]){"mprun", __VA_ARGS__, NULL})
#define REFUSES(part, ...) refuses(part, (char *const[]){"mprun", __VA_ARGS__, NULL})
#define ARGS(options, ...) same(options.args, (const char *const[]){__VA_ARGS__, NULL})

static int count_words(char *const *argv)
{
    int count = 0;
    while (argv[count])
        count++;
    return count;
}

static struct mpr_options parse(char *const *argv)
{
    struct mpr_options options = {0};
    struct mpr_error err = {""};
    int rc = mpr_options_parse(count_words(argv), argv, &options, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
    return options;
}

static void refuses(const char *part, char *const *argv)
{
    struct mpr_options options = {0};
    struct mpr_error err = {""};
    assert_int_equal(mpr_options_parse(count_words(argv), argv, &options, &err), MPR_ERR_INVALID);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not hold \"%s\"", err.message, part);
    assert_null(options.args);
}

static void same(const char *const *words, const char *const *expected)
{
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(words[i]);
        assert_string_equal(words[i], expected[i]);
    }
    assert_null(words[i]);
}

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

static void test_options_strays_are_noted_up_to_a_double_dash(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("s.py", "--format=json", "--help", "--formats", "-o", "--", "--unit");
    same(options.strays, (const char *const[]){"--format=json", "-o", NULL});
    mpr_options_release(&options);
    options = PARSE("python3", "-X", "dev", "s.py", "--func", "f");
    same(options.strays, (const char *const[]){"--func", NULL});
    mpr_options_release(&options);
    options = PARSE("--", "--unit"); /* python's own, not a program's */
    assert_null(options.strays[0]);
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

static void test_options_format_follows_the_file(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("-o", "x.json", "s.py");
    assert_string_equal(options.format->name, "json");
    mpr_options_release(&options);
    options = PARSE("-o", "x", "s.py");
    assert_string_equal(options.format->name, "text");
    mpr_options_release(&options);
    options = PARSE("-o", "x.out", "--format", "classic", "s.py");
    assert_string_equal(options.format->name, "classic");
    mpr_options_release(&options);
    REFUSES("no format has the ending .out", "-o", "x.out", "s.py");
    REFUSES("-o FILE", "--format", "json", "s.py");
}

static void test_options_wrong_values_are_named(void **state)
{
    (void)state;
    REFUSES("--func ", "-f", "", "s.py");
    REFUSES("--func ", "s.py", "--func", "a..b");
    REFUSES("--func needs a value", "s.py", "--func");
    REFUSES("--format: there is no format 'xml'", "--format", "xml", "s.py");
    REFUSES("--columns: ", "--columns", "+nonsense", "s.py");
    REFUSES("--sort: 'size' is none of source, rss, heap, peak, time", "--sort", "size", "s.py");
    REFUSES("--unit: ", "--unit", "TB", "s.py");
    REFUSES("--color: ", "--color", "yes", "s.py");
    REFUSES("--width: ", "--width", "12", "s.py");
    REFUSES("--width: ", "--width", "-1", "s.py");
    REFUSES("--interval: '10' is not a time", "--interval", "10", "s.py");
    REFUSES("--interval: ", "--interval", "1us", "s.py");
    REFUSES("--host: ", "--host", "other", "s.py");
    REFUSES("--rss: ", "--rss", "check:", "s.py");
    REFUSES("--rss: ", "--rss", "checks", "s.py");
    REFUSES("--rss: ", "--rss", "", "s.py");
    REFUSES("--rss: there is nothing to check", "--rss", "check:off", "s.py");
    REFUSES("--output: ", "-o", "", "s.py");
    REFUSES("--top: 'many' is not a number from 0 to ", "--top", "many", "s.py");
    REFUSES("--top: '-1' is not a number", "--top", "-1", "s.py");
    REFUSES("--max-peak-heap: 'lots' is not a size", "--max-peak-heap", "lots", "s.py");
    REFUSES("--max-leak: '-1' is not a size", "--max-leak", "-1", "s.py");
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

static void test_options_what_is_off_cannot_be_asked_for(void **state)
{
    (void)state;
    REFUSES("--sort needs what --no-heap switches off", "--no-heap", "--sort", "peak", "s.py");
    REFUSES("--sort needs what --rss off switches off", "--sort", "rss", "--rss", "off", "s.py");
    REFUSES("--columns: spike needs what --no-heap", "--no-heap", "--columns", "+spike", "s.py");
    REFUSES("--columns: rss needs what --rss off", "--rss=off", "--columns", "line,rss", "s.py");
    REFUSES("--max-leak needs what --no-heap", "--max-leak", "1M", "--no-heap", "s.py");
    REFUSES("--max-peak-rss needs what --rss off", "--max-peak-rss=1M", "--rss", "off", "s.py");
}

static void test_options_wrong_words_name_the_nearest(void **state)
{
    (void)state;
    REFUSES("is --func meant?", "--fnuc", "f", "s.py");
    REFUSES("is --columns meant?", "--colunms", "x", "s.py");
    REFUSES("no option --frobnicate", "--frobnicate", "s.py");
    REFUSES("--co may be --columns or --color", "--co", "x", "s.py");
    REFUSES("--unit needs a value: --unit UNIT", "--unit");
    REFUSES("-o needs a value: -o FILE", "-qo");
    REFUSES("-m needs a value: -m MODULE", "-m");
    REFUSES("there is no option -z", "-z", "s.py");
    REFUSES("there is no option -z", "-qzf", "x", "s.py");
    REFUSES("--quiet takes no value", "--quiet=1", "s.py");
    REFUSES("nothing to run", "-q");
    REFUSES("nothing to run: s.py is the value of --output;", "-o", "s.py");
    REFUSES("s.py is the value of --func;", "-q", "--func=s.py", "-q");
    REFUSES("nothing to run: give a SCRIPT", "-f", "load");
    REFUSES("no format has the ending .mprun of run.mprun, only ", "-o", "run.mprun", "s.py");
    REFUSES("nothing to run", "run");
    REFUSES("empty", "");
    REFUSES("no help on 'me'", "help", "me");
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

/* What makes its file by itself cannot go to standard output. */
static void test_options_a_format_with_a_file_of_its_own(void **state)
{
    static const struct mpr_format own = {.name = "own", .owns_file = true};
    const char *const outputs[] = {NULL, "-", "run.own"};
    const char *words[] = {"a.py", NULL};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct mpr_options options = {.args = words, .format = &own, .output = outputs[i]};
        struct mpr_error err = {""};
        int status = mpr_options_settle_program(&options, &err);
        assert_int_equal(status, i < 2 ? MPR_ERR_INVALID : 0);
        assert_string_equal(err.message, i < 2 ? "--format own needs -o FILE" : "");
        free(options.strays);
    }
}

static void test_options_help_fits_a_screen(void **state)
{
    (void)state;
    struct mpr_buf text;
    size_t lines = 0;
    mpr_buf_init(&text);
    mpr_help_append(&text);
    assert_false(text.failed);
    for (const char *at = text.data; *at; lines++) {
        size_t len = strcspn(at, "\n");
        if (len > 80)
            fail_msg("too wide: %.*s", (int)len, at);
        at += len + 1;
    }
    assert_true(lines <= 36);
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        assert_true(!row->name || strstr(text.data, row->name));
    mpr_buf_release(&text);
}

static void test_options_interpreter_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"python", "python3", "python3.11", "python3.11.2",
        "./python3", "/usr/bin/python3.9", "python3.13t", "python3.14td", "/usr/bin/python3.11d",
        "python3-dbg", "pypy3", "pypy3.9"};
    static const char *const no[] = {"python2", "python3.", "python3.x", "python3.1.2.3", "pythonx",
        "python3.py", "python3tx", "pypy.py", "python/script.py", "ipython3", ""};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(mpr_is_interpreter_name(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(mpr_is_interpreter_name(no[i]));
}

/* Words of python's command line, where the program stands in them, and CODE. */
struct scan_case {
    const char *words[WORDS_MAX];
    size_t program;
    const char *code;
};

static void test_options_python_words(void **state)
{
    (void)state;
    static const struct scan_case cases[] = {
        {{"s.py", "-c", "x"}, 0, NULL},
        {{"-u", "-W", "ignore", "-Xdev", "s.py"}, 4, NULL},
        {{"-uX", "dev", "-m", "mod", "-c", "x"}, 3, NULL},
        {{"-mmod", "x"}, 0, NULL},
        {{"-cpass", "x"}, 0, "pass"},
        {{"-Bc", "pass"}, 1, "pass"},
        {{"--check-hash-based-pycs", "always", "s.py"}, 2, NULL},
        {{"--", "-s.py"}, 1, NULL},
        {{"-", "x"}, 0, NULL},
        {{"--version"}, 1, NULL},
        {{"-i"}, 1, NULL},
        {{"-c"}, 1, NULL},
        {{"-X"}, 1, NULL},
        {{"--"}, 0, NULL},
        {{NULL}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mpr_python_words found;
        mpr_python_words_scan(cases[i].words, &found);
        assert_int_equal(found.program, cases[i].program);
        assert_int_equal(found.code != NULL, cases[i].code != NULL);
        if (found.code)
            assert_string_equal(found.code, cases[i].code);
    }
}

static void test_options_words_of_other_versions_are_no_scripts(void **state)
{
    (void)state;
    REFUSES("mprun " MPRUN_VERSION " has no command 'diff'; to run a file of that name: mprun "
            "./diff",
        "diff");
    REFUSES("no command 'report'", "-q", "report", "x.mprun");
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
        cmocka_unit_test(test_options_strays_are_noted_up_to_a_double_dash),
        cmocka_unit_test(test_options_run_is_the_same_as_without),
        cmocka_unit_test(test_options_interpreter_as_first_word),
        cmocka_unit_test(test_options_behind_double_dash_python_goes_on),
        cmocka_unit_test(test_options_values_are_taken),
        cmocka_unit_test(test_options_format_follows_the_file),
        cmocka_unit_test(test_options_wrong_values_are_named),
        cmocka_unit_test(test_options_wrong_words_name_the_nearest),
        cmocka_unit_test(test_options_help_and_version_answer_at_once),
        cmocka_unit_test(test_options_of_the_heap),
        cmocka_unit_test(test_options_what_is_off_cannot_be_asked_for),
        cmocka_unit_test(test_options_a_format_with_a_file_of_its_own),
        cmocka_unit_test(test_options_help_fits_a_screen),
        cmocka_unit_test(test_options_words_of_other_versions_are_no_scripts),
        cmocka_unit_test(test_options_topics_and_shells),
        cmocka_unit_test(test_options_doctor_takes_options_and_no_program),
        cmocka_unit_test(test_options_interpreter_names),
        cmocka_unit_test(test_options_python_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
