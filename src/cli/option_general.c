/* SPDX-License-Identifier: MIT */
/* Options that every command has, and those that end mprun's part of the command line. */
#include "commands.h"
#include "option_table.h"
#include "options.h"

static int take_help(const struct mpr_option *row, const char *value, struct mpr_options *options,
    struct mpr_error *err)
{
    (void)row, (void)value, (void)err;
    options->answer = mpr_answer_help;
    return 0;
}

static int take_version(const struct mpr_option *row, const char *value,
    struct mpr_options *options, struct mpr_error *err)
{
    (void)row, (void)value, (void)err;
    options->answer = mpr_answer_version;
    return 0;
}

/* clang-format off */
const struct mpr_option mpr_options_general[] = {
    {.letter = 'q', .name = "quiet", .common = true,
        .field = offsetof(struct mpr_options, quiet), .take = mpr_option_take_flag,
        .help = "no notes; no report but to -o FILE"},
    {.letter = 'h', .name = "help", .common = true, .take = take_help, .help = "show this"},
    {.name = "version", .common = true, .take = take_version, .help = "show mprun's version"},
    {0},
};

const struct mpr_option mpr_options_program[] = {
    {.letter = 'm', .argument = "MODULE", .common = true},
    {.letter = 'c', .argument = "CODE", .common = true},
    {0},
};
/* clang-format on */
