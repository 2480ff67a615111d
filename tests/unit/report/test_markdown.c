/* SPDX-License-Identifier: MIT */
/* The Markdown report: against golden files, its head and its notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_golden.h"
#include "made_profile.h"

static const struct made_options usual = {
    .view = {.top = 5}, .report = {.width = 80, .unicode = true, .color = true}};

static void test_markdown_golden(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    made_note(profile, "Line 3 of /home/ann/a|b_c.py: no @profile was <b>found</b>.");
    made_golden(made_rendering(profile, "markdown", &usual), "orders.md");
}

static void test_markdown_golden_wide_in_ascii(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.width = 130;
    options.report.unicode = false;
    made_golden(made_rendering(made_orders_heap(), "markdown", &options), "orders_ascii.md");
}

/* Frees the profile. */
static void assert_begins(struct mpr_profile *profile, const char *expected)
{
    char *got = made_rendering(profile, "markdown", &usual);
    if (strncmp(got, expected, strlen(expected)) != 0)
        fail_msg("%s", got);
    free(got);
}

static void test_markdown_of_a_hostile_command(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    free(profile->process[0].command[0]);
    profile->process[0].command[0] = made_text("`x`|</script>\xe2\x80\xae");
    assert_begins(profile,
        "## Memory of `` `x`|</script>\\u202e ``\n\nexit 0 in 0.41 s, CPython `3.11.2`, "
        "RSS to 4 KiB (rusage)\n\n| MiB | peak | at end | where the peak was |\n"
        "| :-- | --: | --: | :-- |\n| RSS | 132.6 | 85.6 | |\n");
}

/* What was not measured is blank. */
static void test_markdown_of_what_was_not_measured(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_process *process = &profile->process[0];
    free(process->command[0]);
    process->command[0] = NULL;
    process->exit_signal = 9;
    process->rss_peak = process->rss_end = process->rss_resolution = MPR_UNKNOWN;
    assert_begins(profile,
        "## Memory\n\nkilled by signal 9 (SIGKILL) in 0.41 s, CPython `3.11.2`, RSS off\n\n"
        "| KiB | peak | at end | where the peak was |\n"
        "| :-- | --: | --: | :-- |\n| RSS |  |  | |\n");
}

static void test_markdown_notes_stand_at_the_end(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_note(profile, "One.");
    made_note(profile, "- [x] #2");
    char *got = made_rendering(profile, "markdown", &usual);
    assert_string_equal(strstr(got, "\n**Notes**"), "\n**Notes**\n\n- One.\n- `-` `[x]` `#2`\n");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markdown_golden),
        cmocka_unit_test(test_markdown_golden_wide_in_ascii),
        cmocka_unit_test(test_markdown_of_a_hostile_command),
        cmocka_unit_test(test_markdown_of_what_was_not_measured),
        cmocka_unit_test(test_markdown_notes_stand_at_the_end),
    };
    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
