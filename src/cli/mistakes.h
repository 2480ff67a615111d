/* SPDX-License-Identifier: MIT */
/* What is easily given in the place of a program. */
#ifndef MPRUN_CLI_MISTAKES_H
#define MPRUN_CLI_MISTAKES_H

#include <stdbool.h>

#include "options.h"

/* The program where it is a file's name, borrowed; NULL for a module, code or standard input. */
const char *mpr_script_of(const struct mpr_options *options);

/* The program of the command line is a command's or a module's name, or a file that Python could
 * never run: fill err with what to write instead. False: it may be one. */
bool mpr_mistakes_program(const struct mpr_options *options, struct mpr_error *err);

/* No program is left because an option took it (`-o script.py`): the same for its value. */
bool mpr_mistakes_value(const char *option, const char *value, struct mpr_error *err);

#endif
