/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

struct pair {
    uint32_t before, after; /* lines; 0: none */
    enum mpr_fate fate;
    bool edited;
};

/* Compare a function with two texts; the rows are to be these, but for those without figures. */
static void check(const char *const *was, const int *was_bytes, const char *const *is,
    const int *is_bytes, const struct pair *pairs)
{
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "f", 1, was, was_bytes);
    made_lines(after, "f", 101, is, is_bytes);
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(comparison->function_count, 1);
    const struct mpr_compared_function *function = &comparison->functions[0];
    size_t changed = 0, next = 0;
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_compared_row *row = &function->rows[i];
        bool figures = (row->row[MPR_BEFORE] && row->row[MPR_BEFORE]->measured) ||
                       (row->row[MPR_AFTER] && row->row[MPR_AFTER]->measured);
        changed += row->fate != MPR_FATE_SAME;
        if (!figures)
            continue;
        assert_int_equal(row->row[MPR_BEFORE] ? row->row[MPR_BEFORE]->line : 0, pairs[next].before);
        assert_int_equal(row->row[MPR_AFTER] ? row->row[MPR_AFTER]->line : 0, pairs[next].after);
        assert_int_equal(row->fate, pairs[next].fate);
        assert_int_equal(row->edited, pairs[next].edited);
        next++;
    }
    assert_int_equal(pairs[next].before + pairs[next].after, 0);
    assert_int_equal(function->changed, changed);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

static void test_rows_that_stand_further_down(void **state)
{
    (void)state;
    static const char *const was[] = {"def f():", "    a = 1", "    b = 2", NULL};
    static const char *const is[] = {
        "def f():", "    # more", "    a = 1", "", "    n = new()", "    b = 2", NULL};
    static const int was_bytes[] = {-1, 100, 200}, is_bytes[] = {-1, -1, 100, -1, 50, 300};
    static const struct pair pairs[] = {{2, 103, MPR_FATE_SAME, false},
        {0, 105, MPR_FATE_NEW, false}, {3, 106, MPR_FATE_CHANGED, false}, {0, 0, 0, false}};
    (void)state;
    check(was, was_bytes, is, is_bytes, pairs);
}

static void test_rows_that_are_gone_stand_where_they_were(void **state)
{
    (void)state;
    static const char *const was[] = {"def f():", "    a = 1", "    x = old()", "    b = 2", NULL};
    static const char *const is[] = {"def f():", "    a = 1", "    b = 2", NULL};
    static const int was_bytes[] = {-1, 100, 7, 200}, is_bytes[] = {-1, 100, 200};
    static const struct pair pairs[] = {{2, 102, MPR_FATE_SAME, false},
        {3, 0, MPR_FATE_GONE, false}, {4, 103, MPR_FATE_SAME, false}, {0, 0, 0, false}};
    check(was, was_bytes, is, is_bytes, pairs);
}

static void test_rows_that_were_edited(void **state)
{
    (void)state;
    static const char *const was[] = {
        "def f():", "    a = [0] * 100", "    save('one')", "    b = a", "    last()", NULL};
    static const char *const is[] = {"def f():", "    a = [0] * 2000", "    more = 1",
        "    save('two')", "    b = a", "    entirely(another)", NULL};
    static const int was_bytes[] = {-1, 800, 10, 0, 1}, is_bytes[] = {-1, 16000, 5, 10, 0, 1};
    static const struct pair pairs[] = {{2, 102, MPR_FATE_CHANGED, true},
        {0, 103, MPR_FATE_NEW, false}, {3, 104, MPR_FATE_CHANGED, true},
        {4, 105, MPR_FATE_SAME, false}, {5, 106, MPR_FATE_CHANGED, true}, {0, 0, 0, false}};
    check(was, was_bytes, is, is_bytes, pairs);
}

/* Indented, and behind another line than before. */
static void test_rows_that_moved_within_the_function(void **state)
{
    (void)state;
    static const char *const was[] = {
        "def f():", "    big = load()", "    a = 1", "    b = 2", NULL};
    static const char *const is[] = {
        "def f():", "    a = 1", "    b = 2", "    if b:", "        big = load()", NULL};
    static const int was_bytes[] = {-1, 500, 0, 0}, is_bytes[] = {-1, 0, 0, 0, 500};
    static const struct pair pairs[] = {{3, 102, MPR_FATE_SAME, false},
        {4, 103, MPR_FATE_SAME, false}, {0, 104, MPR_FATE_NEW, false},
        {2, 105, MPR_FATE_SAME, false}, {0, 0, 0, false}};
    check(was, was_bytes, is, is_bytes, pairs);
}

static void test_rows_without_text_by_their_line(void **state)
{
    (void)state;
    static const char *const text[] = {"def f():", "    a = 1", "    b = 2", NULL};
    static const int was_bytes[] = {-1, 100, 200}, is_bytes[] = {-1, 100, 900};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    struct mpr_profile_function *was = made_lines(before, "f", 1, text, was_bytes);
    struct mpr_profile_function *is = made_lines(after, "f", 50, text, is_bytes);
    for (size_t i = 0; i < 3; i++)
        was->rows[i].source = is->rows[i].source = NULL;
    struct mpr_comparison *comparison = made_comparison(before, after);
    const struct mpr_compared_row *row = compared_row(&comparison->functions[0], MPR_AFTER, 52);
    assert_int_equal(row->row[MPR_BEFORE]->line, 3);
    assert_int_equal(row->growth, 700);
    assert_int_equal(comparison->functions[0].changed, 1);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_stand_further_down),
        cmocka_unit_test(test_rows_that_are_gone_stand_where_they_were),
        cmocka_unit_test(test_rows_that_were_edited),
        cmocka_unit_test(test_rows_that_moved_within_the_function),
        cmocka_unit_test(test_rows_without_text_by_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
