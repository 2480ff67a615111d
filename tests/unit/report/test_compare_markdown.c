/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison_report.h"

static const struct mpr_report_options options = {.color = true, .unicode = true};

static void test_difference_golden(void **state)
{
    (void)state;
    made_golden(
        made_difference(made_state(false), made_state(true), "markdown", &options), "diff.md");
}

/* Each line of a table has as many bars as its head. */
static void test_difference_of_hostile_names(void **state)
{
    static const char *const lines[] = {"def f(): # | `|` </td>", "    a = '|'", NULL};
    static const int was[] = {-1, 10}, is[] = {-1, 5000000};
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "a|b`c", 1, lines, was);
    made_lines(after, "a|b`c", 1, lines, is);
    char *text = made_difference(before, after, "markdown", &options);
    char *row = strstr(text, "| 2 | 2 |");
    assert_non_null(row);
    size_t bars = 0, escaped = 0;
    for (char *at = row; *at && *at != '\n'; at++) {
        escaped += *at == '|' && at[-1] == '\\';
        bars += *at == '|' && at[-1] != '\\';
    }
    assert_int_equal(escaped, 1);
    size_t head = 0;
    for (char *at = strstr(text, "| Was"); *at != '\n'; at++)
        head += *at == '|';
    assert_int_equal(bars, head);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference_golden),
        cmocka_unit_test(test_difference_of_hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
