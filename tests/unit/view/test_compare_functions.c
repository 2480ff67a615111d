/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static const char *const load[] = {"def load(path):", "    text = open(path).read()",
    "    rows = text.splitlines()", "    seen = set(rows)", "    return rows, seen", NULL};
static const char *const fetch[] = {"def fetch(path):", "    text = open(path).read()",
    "    rows = text.splitlines()", "    seen = set(rows)", "    return rows, seen", NULL};
static const char *const fetch_more[] = {"def fetch(path):", "    text = open(path).read()",
    "    rows = text.splitlines()", "    seen = frozenset(rows)", "    print(len(seen))",
    "    return rows, seen", NULL};
static const char *const other[] = {"def other():", "    return 1", NULL};
static const char *const another[] = {"def another():", "    return 1", NULL};
static const int bytes[] = {-1, 10, 20, 30, 40, 50};

static void test_functions_of_one_name_belong_together(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "load", 1, load, bytes);
    made_lines(before, "gone", 10, other, bytes);
    made_lines(after, "appeared", 1, another, bytes);
    made_lines(after, "load", 5, load, bytes);
    struct mpr_comparison *comparison = made_comparison(before, after);
    const struct mpr_compared_function *same = compared_function(comparison, MPR_AFTER, "load");
    assert_string_equal(same->function[MPR_BEFORE]->qualname, "load");
    assert_int_equal(same->fate, MPR_FATE_SAME);
    assert_true(same->moved && !same->renamed);
    /* Their bodies are equal, and one line is no proof. */
    assert_int_equal(compared_function(comparison, MPR_BEFORE, "gone")->fate, MPR_FATE_GONE);
    assert_int_equal(compared_function(comparison, MPR_AFTER, "appeared")->fate, MPR_FATE_NEW);
    assert_int_equal(comparison->fates[MPR_FATE_NEW] + comparison->fates[MPR_FATE_GONE], 2);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

static void check_renamed(const char *const *text, bool changed)
{
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "load", 1, load, bytes);
    made_lines(before, "other", 10, other, bytes);
    made_lines(after, "fetch", 1, text, bytes);
    made_lines(after, "other", 10, other, bytes);
    struct mpr_comparison *comparison = made_comparison(before, after);
    const struct mpr_compared_function *found = compared_function(comparison, MPR_AFTER, "fetch");
    assert_non_null(found->function[MPR_BEFORE]);
    assert_string_equal(found->function[MPR_BEFORE]->qualname, "load");
    assert_true(found->renamed);
    assert_int_equal(found->fate, changed ? MPR_FATE_CHANGED : MPR_FATE_SAME);
    assert_int_equal(comparison->function_count, 2);
    assert_int_equal(comparison->renamed, 1);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

static void test_functions_are_found_by_their_text(void **state)
{
    (void)state;
    check_renamed(fetch, false);
    check_renamed(fetch_more, true);
}

static void test_functions_of_another_text_are_others(void **state)
{
    (void)state;
    static const char *const unlike[] = {"def draw(path):", "    canvas = Canvas(path)",
        "    canvas.line(1, 2)", "    canvas.line(3, 4)", "    return canvas", NULL};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "load", 1, load, bytes);
    made_lines(after, "draw", 1, unlike, bytes);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->fates[MPR_FATE_NEW], 1);
    assert_int_equal(comparison->fates[MPR_FATE_GONE], 1);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* Closures and redefinitions: the first with the first. */
static void test_functions_of_one_name_in_order(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "f", 1, other, bytes);
    made_lines(before, "f", 10, load, bytes);
    made_lines(after, "f", 2, other, bytes);
    made_lines(after, "f", 11, load, bytes);
    made_lines(after, "f", 30, load, bytes);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->function_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        const struct mpr_profile_function *was = function->function[MPR_BEFORE];
        assert_int_equal(function->function[MPR_AFTER]->first_line, was ? was->first_line + 1 : 30);
    }
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

/* One more in front of them is the new one, whatever they are called. */
static void test_functions_of_one_name_by_their_body(void **state)
{
    static const char *const one[] = {"f = lambda: [0] * 1000", NULL};
    static const char *const two[] = {"g = lambda: [1] * 1000", NULL};
    static const char *const added[] = {"e = lambda: {}", NULL};
    static const int kept[] = {10};
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "<lambda>", 1, one, kept);
    made_lines(before, "<lambda>", 2, two, kept);
    made_lines(after, "<lambda>", 1, added, kept);
    made_lines(after, "<lambda>", 2, one, kept);
    made_lines(after, "<lambda>", 3, two, kept);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->fates[MPR_FATE_SAME], 2);
    assert_int_equal(comparison->fates[MPR_FATE_NEW], 1);
    assert_int_equal(comparison->functions[0].function[MPR_AFTER]->first_line, 1);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_of_one_name_belong_together),
        cmocka_unit_test(test_functions_are_found_by_their_text),
        cmocka_unit_test(test_functions_of_another_text_are_others),
        cmocka_unit_test(test_functions_of_one_name_in_order),
        cmocka_unit_test(test_functions_of_one_name_by_their_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
