/* SPDX-License-Identifier: MIT */
/* mprun's own messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "caught_stderr.h"
#include "message.h"

/* One message, one line, whatever stands in it. */
static void test_message_is_escaped(void **state)
{
    (void)state;
    setenv("LC_ALL", "C.UTF-8", 1);
    catch_stderr();
    mpr_say("%s: %d", "a\033[2J\nb\xff", 7);
    assert_string_equal(caught_stderr(), "mprun: a\\x1b[2J\\x0ab\\xff: 7\n");
    catch_stderr();
    mpr_say("é");
    assert_string_equal(caught_stderr(), "mprun: é\n");
    setenv("LC_ALL", "C", 1);
    catch_stderr();
    mpr_say("é");
    assert_string_equal(caught_stderr(), "mprun: \\xe9\n");
    unsetenv("LC_ALL");
}

/* However long: it is cut, and each of its bytes may become four. */
static void test_message_is_cut_not_overrun(void **state)
{
    char text[9000];
    (void)state;
    memset(text, '\1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    catch_stderr();
    mpr_say("%s", text);
    const char *got = caught_stderr();
    assert_int_equal(strlen(got), strlen("mprun: ") + 4 * 4095 + 1);
    assert_int_equal(strcspn(got, "\n"), strlen(got) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_is_escaped),
        cmocka_unit_test(test_message_is_cut_not_overrun),
    };
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
