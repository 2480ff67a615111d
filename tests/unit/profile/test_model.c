/* SPDX-License-Identifier: MIT */
/* Beginning and end of a model, and its lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_profile.h"

static void test_model_is_new_with_one_process(void **state)
{
    (void)state;
    struct mpr_profile *profile = mpr_profile_new();
    assert_non_null(profile);
    assert_int_equal(profile->process_count, 1);
    assert_true(profile->process[0].parent == MPR_NONE);
    assert_true(profile->process[0].peak_function == MPR_NONE);
    assert_true(profile->process[0].heap.at.function == MPR_NONE);
    mpr_profile_free(profile);
    mpr_profile_free(NULL);
}

#define ZEROED(profile, array, count)                                                              \
    ((profile)->array = calloc(2, sizeof *(profile)->array), (profile)->count = 2)

/* Arrays whose entries nobody has filled in; a leak is the sanitizer's to find. */
static void test_model_frees_what_is_half_built(void **state)
{
    (void)state;
    struct mpr_profile *profile = mpr_profile_new();
    assert_non_null(profile);
    ZEROED(profile, functions, function_count);
    ZEROED(profile, sources, source_count);
    ZEROED(profile, places, place_count);
    ZEROED(profile, sites, site_count);
    ZEROED(profile, nodes, node_count);
    ZEROED(profile, unmatched, unmatched_count);
    ZEROED(&profile->process[0], open, open_count);
    ZEROED(&profile->process[0], heap.holders, heap.holder_count);
    ZEROED(&profile->process[0], timeline.bucket, timeline.count);
    ZEROED(&profile->process[0], intervals.interval, intervals.count);
    profile->functions[1].qualname = made_text("f");
    profile->places[1].package = made_text("json");
    profile->process[0].heap.at.name = made_text("nobody");
    mpr_profile_free(profile);
}

static void test_model_has_lines(void **state)
{
    static const char *const lines[] = {"def f():", "\treturn 1", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    size_t index = made_source(profile, "f.py", 3, lines);
    const struct mpr_profile_source *source = &profile->sources[index];
    assert_int_equal(source->line_count, 4);
    assert_null(mpr_profile_line(source, 0));
    assert_string_equal(mpr_profile_line(source, 1), "");
    assert_string_equal(mpr_profile_line(source, 3), "def f():");
    assert_string_equal(mpr_profile_line(source, 4), "\treturn 1");
    assert_null(mpr_profile_line(source, 5));
    mpr_profile_free(profile);
}

/* Each detail but the first two leaves out what a report shows. */
static void test_model_says_what_it_leaves_out(void **state)
{
    (void)state;
    assert_null(mpr_detail_note(MPR_DETAIL_ALL));
    assert_null(mpr_detail_note(MPR_DETAIL_NO_NODES));
    assert_non_null(strstr(mpr_detail_note(MPR_DETAIL_NO_SOURCE), "the source is left out"));
    assert_non_null(strstr(mpr_detail_note(MPR_DETAIL_NO_SITES), "what each held"));
    assert_non_null(strstr(mpr_detail_note(MPR_DETAIL_NO_FUNCTIONS), "functions and lines"));
}

static void test_model_without_source(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    struct mpr_profile *profile = made_whole();
    size_t functions = profile->function_count, rows = profile->functions[0].row_count;
    assert_int_equal(mpr_profile_leave_source_out(profile, &err), 0);
    if (mpr_profile_check(profile, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(profile->function_count, functions);
    assert_int_equal(profile->functions[0].row_count, rows);
    for (size_t i = 0; i < rows; i++)
        assert_null(profile->functions[0].rows[i].source);
    assert_string_equal(profile->functions[0].source_problem, "it was left out (--no-source)");
    assert_null(profile->sources[0].text);
    assert_string_equal(profile->sources[0].problem, "it was left out (--no-source)");
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_is_new_with_one_process),
        cmocka_unit_test(test_model_frees_what_is_half_built),
        cmocka_unit_test(test_model_has_lines),
        cmocka_unit_test(test_model_without_source),
        cmocka_unit_test(test_model_says_what_it_leaves_out),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
