/* SPDX-License-Identifier: MIT */
/* The table of commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include "option_table.h"
#include "topics.h"

static void test_commands_are_complete(void **state)
{
    (void)state;
    size_t programs = 0;
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        const struct mpr_command *command = *at;
        assert_true(command->name && command->help && command->options && command->run);
        assert_ptr_equal(mpr_command_by_name(command->name), command);
        assert_true(!command->words_only || command->take); /* nobody else would take them */
        programs += command->program;
    }
    assert_int_equal(programs, 1);
    assert_null(mpr_command_by_name("doctors"));
}

static void test_commands_nearest(void **state)
{
    (void)state;
    assert_ptr_equal(mpr_command_nearest("docter"), &mpr_command_doctor);
    assert_ptr_equal(mpr_command_nearest("hlep"), &mpr_command_help);
    assert_ptr_equal(mpr_command_nearest("reprot"), &mpr_command_report);
    assert_ptr_equal(mpr_command_nearest("complete"), NULL);
    assert_ptr_equal(mpr_command_nearest("load"), NULL);
    assert_ptr_equal(mpr_command_nearest(""), NULL);
    assert_ptr_equal(mpr_command_nearest("run"), NULL); /* `mprun run run`: a file is meant */
}

static void test_commands_of_other_versions_are_not_of_this_one(void **state)
{
    (void)state;
    assert_true(mpr_command_is_elsewhere("plot"));
    assert_false(mpr_command_is_elsewhere("run"));
    assert_false(mpr_command_is_elsewhere("script"));
}

static void test_commands_take_what_their_groups_hold(void **state)
{
    (void)state;
    static const struct mpr_option *const groups[] = {
        mpr_options_launch, mpr_options_general, NULL};
    const struct mpr_command command = {.name = "made", .options = groups};
    const struct mpr_option *func = mpr_option_by_letter('f'), *quiet = mpr_option_by_letter('q');
    assert_true(mpr_command_takes(&command, quiet));
    assert_false(mpr_command_takes(&command, func));
    assert_true(mpr_command_takes(&mpr_command_run, func));
    assert_ptr_equal(mpr_option_in(groups, 0), &mpr_options_launch[0]);
    assert_ptr_equal(mpr_option_in(groups, 2), quiet);
    assert_null(mpr_option_in(groups, 5));
}

static void test_commands_stand_in_the_synopsis(void **state)
{
    struct mpr_buf text;
    (void)state;
    mpr_buf_init(&text);
    mpr_help_synopsis(&text);
    assert_false(text.failed);
    assert_non_null(
        strstr(text.data, "\nmprun report FILE [OPTIONS] | diff BEFORE AFTER [OPTIONS]\n"
                          "mprun timeline [OPTIONS] -- COMMAND... | doctor"));
    mpr_buf_clear(&text);
    mpr_help_description(&text);
    for (const struct mpr_command *const *at = mpr_commands; *at; at++)
        assert_true((*at)->program || strstr(text.data, (*at)->name));
    mpr_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_are_complete),
        cmocka_unit_test(test_commands_nearest),
        cmocka_unit_test(test_commands_of_other_versions_are_not_of_this_one),
        cmocka_unit_test(test_commands_take_what_their_groups_hold),
        cmocka_unit_test(test_commands_stand_in_the_synopsis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
