/* SPDX-License-Identifier: MIT */
/* The lines of a table, folded and not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

#define FILE_NAME "/home/ann/shop/orders.py"

static const char *const module[] = {"import sys", "", "def stock(n):", "    items = list(n)", "",
    "    return items", "", "x = 1", "y = 2", "z = 3", "kept = stock(9)", NULL};

/* Lines 1, 3 and 11 ran; 3 to 6 are a function's own. */
static struct mpr_profile *made_module(bool listed)
{
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, FILE_NAME, "<module>", 1, module);
    made_row(f, 1, 1, MADE_MIB(9), 0, 1);
    made_row(f, 3, 1, MADE_MIB(9), 0, 1);
    made_row(f, 11, 1, MADE_MIB(12), MADE_MIB(3), 1);
    made_entry(f, 1, MADE_MIB(9));
    f = made_function(profile, FILE_NAME, "stock", 3,
        (const char *const[]){module[2], module[3], module[4], module[5], NULL});
    if (listed)
        made_entry(f, 1, MADE_MIB(9));
    return profile;
}

/* "1 r" a row, "f" a fold, "n" a body. */
static void assert_lines(
    const struct mpr_profile *profile, const struct mpr_view_options *options, const char *expected)
{
    struct mpr_view *view = made_view(profile, options);
    struct mpr_view_lines lines;
    char got[64] = "";
    assert_int_equal(mpr_view_lines(view, 0, &lines), 0);
    for (size_t i = 0; i < lines.count; i++)
        got[i] = lines.line[i].kind == MPR_LINE_NESTED ? 'n'
                 : lines.line[i].kind == MPR_LINE_FOLD ? 'f'
                                                       : (char)('a' + lines.line[i].row->line);
    assert_string_equal(got, expected);
    mpr_view_lines_release(&lines);
    mpr_view_free(view);
}

static const struct mpr_view_options plain = {.sort = MPR_SORT_SOURCE};
static const struct mpr_view_options unfolded = {.sort = MPR_SORT_SOURCE, .all_lines = true};

/* The blank line behind the body belongs to its fold; three lines fold, one does not. */
static void test_lines_fold(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_module(true);
    assert_lines(profile, &plain, "bcdnfl");
    assert_lines(profile, &unfolded, "bcdefghijkl");
    mpr_profile_free(profile);
}

/* A function without a listing of its own is no body to leave out: its lines just did nothing. */
static void test_lines_of_what_was_never_called(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_module(false);
    assert_lines(profile, &plain, "bcdfl");
    mpr_profile_free(profile);
}

/* A fold's row is the first that is not blank: it says how far the body is indented. */
static void test_lines_a_body_has_its_indentation(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_module(true);
    struct mpr_view *view = made_view(profile, &plain);
    struct mpr_view_lines lines;
    profile->functions[0].rows[3].source = "  ";
    assert_int_equal(mpr_view_lines(view, 0, &lines), 0);
    assert_int_equal(lines.line[3].kind, MPR_LINE_NESTED);
    assert_string_equal(lines.line[3].row->source, "    return items");
    mpr_view_lines_release(&lines);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* Rows that are far apart: what lies between has none. */
static void test_lines_between_rows_that_are_apart(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_module(true);
    struct mpr_profile_function *f = &profile->functions[0];
    f->rows[1].line = 900;
    f->rows[2].line = 901;
    f->row_count = 3;
    f->rows[0].line = 1;
    struct mpr_view *view = made_view(profile, &plain);
    struct mpr_view_lines lines;
    assert_int_equal(mpr_view_lines(view, 0, &lines), 0);
    assert_int_equal(lines.count, 4);
    assert_int_equal(lines.line[1].kind, MPR_LINE_FOLD);
    assert_int_equal(lines.line[2].row->line, 900);
    assert_false(lines.line[2].figures);
    assert_true(lines.line[3].figures);
    mpr_view_lines_release(&lines);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* Without source a line without figures says nothing. */
static void test_lines_without_source(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_module(true);
    profile->functions[0].source_problem = made_text("it is gone");
    assert_lines(profile, &plain, "bdl");
    assert_lines(profile, &unfolded, "bdl");
    mpr_profile_free(profile);
}

static void test_lines_largest(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    const struct mpr_profile_function *load = &profile->functions[0];
    const struct mpr_column *column = mpr_columns;
    while (strcmp(column->name, "rss_delta") != 0)
        column++;
    assert_int_equal(mpr_view_largest(column, load)->line, 8);
    for (size_t i = 0; i < load->row_count; i++)
        load->rows[i].rss_delta = i % 2 ? MPR_UNKNOWN : -1;
    assert_null(mpr_view_largest(column, load));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_fold),
        cmocka_unit_test(test_lines_of_what_was_never_called),
        cmocka_unit_test(test_lines_a_body_has_its_indentation),
        cmocka_unit_test(test_lines_between_rows_that_are_apart),
        cmocka_unit_test(test_lines_without_source),
        cmocka_unit_test(test_lines_largest),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
