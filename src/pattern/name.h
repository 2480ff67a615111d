/* SPDX-License-Identifier: MIT */
/* A walk over module.qualname with its `<locals>` components left out, without building that
 * string: names have no bound, and the target must not allocate. */
#ifndef MPRUN_PATTERN_NAME_H
#define MPRUN_PATTERN_NAME_H

#include <stdbool.h>

/* A position. Copy it to remember it. Also walks one plain string (a module, a path). */
struct mpr_name {
    const char *at;
    const char *qualname; /* follows after a dot; NULL once `at` is inside it, or for plain text */
};

struct mpr_name mpr_name_start(const char *module, const char *qualname);
struct mpr_name mpr_name_plain(const char *text);
/* The byte here, 0 at the end. */
char mpr_name_byte(const struct mpr_name *name);
/* To the next byte; not at the end. */
void mpr_name_step(struct mpr_name *name);
/* To the next UTF-8 character; not at the end. */
void mpr_name_step_character(struct mpr_name *name);
/* Behind the next separator; false if there is none. */
bool mpr_name_next_component(struct mpr_name *name, char separator);

#endif
