/* SPDX-License-Identifier: MIT */
/* A tree of processes as text, JSON and for mprof: against golden files, and at all widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_golden.h"
#include "made_processes.h"
#include "width.h"

static const struct made_options usual = {.report = {.width = 80, .unicode = true, .legend = true}};

static void test_text_tree_golden(void **state)
{
    (void)state;
    struct made_options ascii = usual;
    made_golden(made_rendering(made_processes(), "text", &usual), "tree_80.txt");
    ascii.report.unicode = false;
    ascii.report.width = 60;
    made_golden(made_rendering(made_processes(), "text", &ascii), "tree_ascii.txt");
    made_golden(made_rendering(made_processes(), "json", &usual), "tree.json");
    made_golden(made_rendering(made_processes(), "mprof", &usual), "tree.dat");
}

static void test_text_tree_keeps_to_the_width(void **state)
{
    (void)state;
    for (size_t width = 40; width < 130; width++) {
        struct made_options how = usual;
        how.report.width = width;
        char *got = made_rendering(made_processes(), "text", &how);
        for (char *line = got, *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            if (mpr_width(line, true) > width)
                fail_msg("%zu columns, not %zu: %s", mpr_width(line, true), width, line);
        }
        free(got);
    }
}

static void test_text_tree_of_one_process(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    profile->process_count = 1;
    profile->tree.found = 1;
    profile->tree.pss_peak = MPR_UNKNOWN;
    for (size_t i = 1; i < 3; i++) {
        free(profile->process[i].command[0]);
        free(profile->process[i].command[1]);
        free(profile->process[i].command);
        free(profile->process[i].python);
        free(profile->process[i].interpreter);
        free(profile->process[i].timeline.bucket);
    }
    char *got = made_rendering(profile, "text", &usual);
    assert_non_null(strstr(got, "make -x y: exit 2 in 2.00 s   1 process   200 samples (10 ms)\n"));
    assert_null(strstr(got, "PSS"));
    assert_null(strstr(got, "at once"));
    free(got);
}

/* The command ended before the first sample, or is not to be seen. */
static void test_text_tree_without_samples(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    free(profile->tree.rss.bucket);
    free(profile->tree.pss.bucket);
    profile->tree = (struct mpr_profile_tree){.rss_peak = MPR_UNKNOWN, .pss_peak = MPR_UNKNOWN};
    profile->process[0].rss_peak = MPR_UNKNOWN;
    profile->process[0].timeline.count = 0;
    char *got = made_rendering(profile, "text", &usual);
    assert_non_null(strstr(got, "0 processes   0 samples"));
    assert_non_null(strstr(got, "Nothing to plot"));
    assert_non_null(strstr(got, "        ?  "));
    free(got);
}

static void test_text_tree_lists_the_largest(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    profile->process = made_array(profile->process, 30, sizeof *profile->process);
    memset(profile->process + 3, 0, 27 * sizeof *profile->process);
    for (uint32_t i = 3; i < 30; i++) {
        made_as_command(&profile->process[i], 5000 + i, i == 3 ? "\xe2\x80\xae" : "tail", i);
        profile->process[i].started = profile->process[0].started;
    }
    profile->process[3].rss_peak = MADE_MIB(500);
    profile->process_count = 30;
    char *got = made_rendering(profile, "text", &usual);
    assert_non_null(strstr(got, "  and 10 more: -o FILE.json has them\n"));
    assert_non_null(strstr(got, "5003  \\u202e -x y\n"));
    assert_null(strstr(got, "5004  "));
    free(got);
}

/* What is made of functions has nothing to show. */
static void test_text_tree_is_not_for_every_format(void **state)
{
    (void)state;
    for (size_t i = 0; mpr_formats[i]; i++) {
        struct mpr_error err = {""};
        struct mpr_profile *profile = made_processes();
        struct mpr_sink sink;
        made_sink(&sink);
        int status = mpr_formats[i]->owns_file
                         ? 0
                         : made_report(profile, mpr_formats[i], &usual, &sink, &err);
        if (!mpr_formats[i]->trees)
            assert_non_null(strstr(err.message, mpr_formats[i]->name));
        assert_int_equal(status < 0, !mpr_formats[i]->trees);
        mpr_sink_release(&sink);
        mpr_profile_free(profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_tree_golden),
        cmocka_unit_test(test_text_tree_keeps_to_the_width),
        cmocka_unit_test(test_text_tree_of_one_process),
        cmocka_unit_test(test_text_tree_without_samples),
        cmocka_unit_test(test_text_tree_lists_the_largest),
        cmocka_unit_test(test_text_tree_is_not_for_every_format),
    };
    return cmocka_run_group_tests_name("text of a tree", tests, NULL, NULL);
}
