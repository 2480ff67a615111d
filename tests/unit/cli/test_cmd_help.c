/* SPDX-License-Identifier: MIT */
/* The screen of --help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsed_options.h"
#include "topics.h"

static void test_cmd_help_fits_a_screen(void **state)
{
    (void)state;
    struct mpr_buf text;
    size_t lines = 0;
    mpr_buf_init(&text);
    mpr_help_append(&text);
    assert_false(text.failed);
    for (const char *at = text.data; *at; lines++) {
        size_t len = strcspn(at, "\n");
        if (len > 80)
            fail_msg("too wide: %.*s", (int)len, at);
        at += len + 1;
    }
    assert_true(lines <= 36);
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        assert_true(!row->name || !strstr(text.data, row->name) == row->rare);
    /* What has no room there has it in the manual. */
    mpr_buf_clear(&text);
    mpr_manual_append(&text);
    for (size_t i = 0; (row = mpr_option_at(i)); i++)
        assert_true(!row->rare || strstr(text.data, row->help));
    mpr_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cmd_help_fits_a_screen),
    };
    return cmocka_run_group_tests_name("cmd_help", tests, NULL, NULL);
}
