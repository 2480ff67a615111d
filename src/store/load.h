/* SPDX-License-Identifier: MIT */
/* The two kinds of file that hold a profile. The message does not name the file. */
#ifndef MPRUN_STORE_LOAD_H
#define MPRUN_STORE_LOAD_H

#include <stdint.h>

#include "mprun/store.h"

/* load.c: a store. `size` is the file's. */
int mpr_store_load_tables(
    int fd, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err);
/* open.c: one more note, which becomes the profile's. */
int mpr_store_add_note(struct mpr_profile *profile, char *text, struct mpr_error *err);

#endif
