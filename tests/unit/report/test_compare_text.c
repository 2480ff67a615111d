/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison_report.h"

static void test_difference_golden(void **state)
{
    (void)state;
    struct mpr_report_options options = {.width = 100, .unicode = true, .legend = true};
    made_golden(
        made_difference(made_state(false), made_state(true), "text", &options), "diff_100.txt");
    options = (struct mpr_report_options){.width = 60};
    made_golden(
        made_difference(made_state(true), made_state(false), "text", &options), "diff_60.txt");
}

static void test_difference_of_nothing(void **state)
{
    (void)state;
    struct mpr_report_options options = {.width = 80, .color = true};
    char *text = made_difference(made_state(false), made_state(false), "text", &options);
    assert_non_null(strstr(text, "No difference in 4 functions, nor where memory is allocated."));
    assert_null(strstr(text, "Was"));
    free(text);
    text = made_difference(made_profile(), made_profile(), "text", &options);
    assert_non_null(strstr(text, "No difference in 0 functions."));
    free(text);
}

/* What a program calls itself steers no terminal. */
static void test_difference_of_hostile_names(void **state)
{
    static const char *const lines[] = {"def \x1b[2J():", "    a = '\x1b]0;x\x07'", NULL};
    static const int was[] = {-1, 10}, is[] = {-1, 5000000};
    (void)state;
    struct mpr_report_options options = {.width = 80, .unicode = true, .legend = true};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    made_lines(before, "\x1b[2J\n", 1, lines, was);
    made_lines(after, "\x1b[2J\n", 1, lines, is);
    free(after->process[0].command[0]);
    after->process[0].command[0] = made_text("\x1b[31m\xe2\x80\xae");
    char *text = made_difference(before, after, "text", &options);
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_difference_golden),
        cmocka_unit_test(test_difference_of_nothing),
        cmocka_unit_test(test_difference_of_hostile_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
