/* SPDX-License-Identifier: MIT */
/* The two kinds of file that hold a profile. The message does not name the file. */
#ifndef MPRUN_STORE_LOAD_H
#define MPRUN_STORE_LOAD_H

#include <stdint.h>

#include "mprun/store.h"

/* load.c: a store. `size` is the file's. */
int mpr_store_load_tables(
    int fd, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err);
/* load_json.c: a JSON report of schema 1. What that does not hold is unknown, and a note says so.
 */
int mpr_store_load_json(
    int fd, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err);
/* json_sources.c: the sources of functions, made of the text of their rows, which is freed. `texts`
 * has a text or NULL for each row of each function, one behind the other; no more than so many
 * lines are made. */
int mpr_store_make_sources(
    struct mpr_profile *profile, char **texts, uint64_t lines, struct mpr_error *err);

/* open.c: one more note, which becomes the profile's. */
int mpr_store_add_note(struct mpr_profile *profile, char *text, struct mpr_error *err);

#endif
