/* SPDX-License-Identifier: MIT */
/* The manual page: options and topics, as roff. */
#include "topic_texts.h"

static void test_manual_has_options_and_topics(void **state)
{
    (void)state;
    char *text = text_of(mpr_topics, "man");
    assert_int_equal(strncmp(text, ".TH MPRUN 1 ", 12), 0);
    assert_holds(text, "\\fB\\-f\\fR, \\fB\\-\\-func\\fR \\fIPATTERN\\fR\n");
    assert_holds(text, "\\fB\\-\\-all\\-lines\\fR\n");
    assert_holds(text, ".SH EXIT STATUS\n");
    assert_holds(text, "\n  125  mprun could not do");
    assert_null(strstr(text, "mprun -f")); /* hyphens are escaped: they can be copied */
    free(text);
}

/* Nothing of it is taken for a request of roff's, and hyphens can be copied. */
static void test_manual_is_plain_roff(void **state)
{
    static const char *const requests[] = {
        ".TH ", ".SH ", ".TP\n", ".nf\n", ".fi\n", "\\fB", "\\&"};
    struct mpr_buf page;
    (void)state;
    mpr_buf_init(&page);
    mpr_manual_append(&page);
    assert_true(mpr_has_prefix(page.data, ".TH MPRUN 1 "));
    for (const char *line = page.data; *line; line += strcspn(line, "\n") + 1) {
        bool known = line[0] != '.' && line[0] != '\'';
        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
            known = known || mpr_has_prefix(line, requests[i]);
        if (!known)
            fail_msg("%.40s", line);
    }
    assert_non_null(strstr(page.data, "\\-\\-func"));
    assert_null(strstr(page.data, " --func"));
    mpr_buf_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual_has_options_and_topics),
        cmocka_unit_test(test_manual_is_plain_roff),
    };
    return cmocka_run_group_tests_name("manual", tests, NULL, NULL);
}
