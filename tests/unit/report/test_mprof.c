/* SPDX-License-Identifier: MIT */
/* The timeline for mprof: to the letter, with hostile words and numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_golden.h"
#include "made_profile.h"

static const struct made_options options = {.report = {.width = 40, .unicode = true}};

/* Frees the profile. */
static void assert_renders(struct mpr_profile *profile, const char *expected)
{
    char *got = made_rendering(profile, "mprof", &options);
    assert_string_equal(got, expected);
    free(got);
}

static void test_mprof_golden(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    profile->process[0].started.tv_nsec = 987654321;
    made_golden(made_rendering(profile, "mprof", &options), "orders.dat");
}

static struct mpr_profile *with_words(const char *const *words)
{
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_process *process = &profile->process[0];
    free(process->command[0]);
    size_t count = 0;
    for (; words[count]; count++) {
        process->command = made_array(process->command, count + 2, sizeof *process->command);
        process->command[count] = made_text(words[count]);
    }
    process->command[count] = NULL;
    return profile;
}

/* On one line, each with its ends. */
static void test_mprof_quotes_words(void **state)
{
    static const char *const words[] = {
        "a b.py", "", "x'y", "\"", "tab\there", "\xe2\x80\xae`|", "é", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    assert_renders(
        with_words(words), "CMDLINE 'a b.py' '' 'x'\\''y' '\"' 'tab\there' \\u202e`| é\n");
    assert_renders(with_words(none), "CMDLINE \n");
}

/* With names of one word, times since the epoch and how deep each is in others of its thread. */
static void test_mprof_has_calls(void **state)
{
    static const char *const lines[] = {"x", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    struct mpr_profile *profile = with_words(none);
    profile->process[0].started = (struct timespec){100, 500000000};
    made_function(profile, "/a.py", "f", 1, lines);
    struct mpr_profile_function *other = made_function(profile, "/a.py", "C. g\n", 1, lines);
    free(other->module);
    other->module = made_text("a b");
    made_interval(profile, 0, 1, 1000, 3000);
    made_interval(profile, 0, 2, 1000, 2000);
    made_interval(profile, 1, 1, 1000, 2500);
    made_interval(profile, 1, 1, 2000, 2600);
    profile->process[0].intervals.interval[3].rss_end = MPR_UNKNOWN;
    assert_renders(profile, "CMDLINE \n"
                            "FUNC __main__.f 10.0000 101.5000 12.0000 103.5000 1\n"
                            "FUNC __main__.f 10.0000 101.5000 12.0000 102.5000 1\n"
                            "FUNC a_b.C._g\\x0a 10.0000 101.5000 12.0000 103.0000 2\n");
}

static void test_mprof_of_code_in_no_module(void **state)
{
    static const char *const lines[] = {"x", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    struct mpr_profile *profile = with_words(none);
    profile->process[0].started = (struct timespec){100, 0};
    struct mpr_profile_function *function = made_function(profile, "/a.py", "f", 1, lines);
    free(function->module);
    function->module = made_text("");
    made_interval(profile, 0, 1, 1000, 3000);
    assert_renders(profile, "CMDLINE \nFUNC f 10.0000 101.0000 12.0000 103.0000 1\n");
}

static void test_mprof_has_the_longest_calls(void **state)
{
    static const char *const lines[] = {"x", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    struct mpr_profile *profile = with_words(none);
    made_function(profile, "/a.py", "f", 1, lines);
    for (uint64_t i = 0; i < 150; i++)
        made_interval(profile, 0, 1, i * 1000, i * 1000 + i);
    char *got = made_rendering(profile, "mprof", &options);
    size_t count = 0;
    for (const char *at = got; (at = strstr(at, "FUNC")); at++)
        count++;
    assert_int_equal(count, 100);
    free(got);
}

static void test_mprof_in_ascii(void **state)
{
    static const char *const words[] = {"é.py", NULL};
    static const struct made_options ascii = {.report = {.width = 40}};
    (void)state;
    char *got = made_rendering(with_words(words), "mprof", &ascii);
    assert_string_equal(got, "CMDLINE \\xe9.py\n");
    free(got);
}

/* What is no figure makes no sample. */
static void test_mprof_of_odd_samples(void **state)
{
    static const double course[] = {1, 2, 3, -1};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_samples(profile, course);
    struct mpr_profile_timeline *timeline = &profile->process[0].timeline;
    profile->process[0].started.tv_nsec = 999999999;
    timeline->bucket[0].rss_max = 1;
    timeline->bucket[1].rss_max = MPR_UNKNOWN;
    timeline->bucket[2].rss_max = INT64_MAX;
    timeline->bucket[2].t_ns = UINT64_MAX;
    assert_renders(profile, "CMDLINE orders.py\nMEM 0.000001 1767225601.0000\n"
                            "MEM 8796093022208.000000 20213969674.7096\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mprof_golden),
        cmocka_unit_test(test_mprof_quotes_words),
        cmocka_unit_test(test_mprof_has_calls),
        cmocka_unit_test(test_mprof_of_code_in_no_module),
        cmocka_unit_test(test_mprof_has_the_longest_calls),
        cmocka_unit_test(test_mprof_in_ascii),
        cmocka_unit_test(test_mprof_of_odd_samples),
    };
    return cmocka_run_group_tests_name("mprof", tests, NULL, NULL);
}
