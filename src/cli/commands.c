/* SPDX-License-Identifier: MIT */
/* The table of commands. */
#include "commands.h"

#include <string.h>

#include "option_table.h"

const struct mpr_command *const mpr_commands[] = {
    &mpr_command_report,
    &mpr_command_diff,
    &mpr_command_timeline,
    &mpr_command_doctor,
    &mpr_command_help,
    &mpr_command_completion,
    &mpr_command_run,
    NULL,
};

const struct mpr_command *mpr_command_by_name(const char *name)
{
    for (const struct mpr_command *const *at = mpr_commands; *at; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return strcmp(name, mpr_command_watch.name) == 0 ? &mpr_command_watch : NULL;
}

bool mpr_command_is_elsewhere(const char *name)
{
    static const char *const names[] = {"merge", "snapshot", "timeline", "top", "plot", "peak"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return !mpr_command_by_name(name);
    return false;
}

const struct mpr_command *mpr_command_nearest(const char *word)
{
    const struct mpr_command *best = NULL;
    size_t len = strlen(word), best_distance = len / 3 + 1; /* farther is no typing error */
    for (const struct mpr_command *const *at = mpr_commands; *at; at++) {
        size_t distance = mpr_edit_distance(word, len, (*at)->name, strlen((*at)->name));
        if (distance == 0 || distance >= best_distance)
            continue;
        best = *at;
        best_distance = distance;
    }
    return best;
}

bool mpr_command_takes(const struct mpr_command *command, const struct mpr_option *option)
{
    const struct mpr_option *row;
    for (size_t i = 0; (row = mpr_option_in(command->options, i)); i++)
        if (row == option)
            return true;
    return false;
}
