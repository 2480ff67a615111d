/* SPDX-License-Identifier: MIT */
/* The store: a model as an SQLite file (docs/profile.md says what is in it), and back. Loading
 * gives a model that equals the saved one. A store is anybody's: what is loaded has passed
 * mpr_profile_check, and no statement of the file is executed. */
#ifndef MPRUN_STORE_H
#define MPRUN_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/profile.h"

#define MPR_STORE_SCHEMA 1

/* All of the model into the empty file at `path`, which is written in place: who wants an older one
 * to survive saves beside it and renames. MPR_ERR_IO, with errno's words, if it cannot be written
 * whole. */
int mpr_store_save(const struct mpr_profile *profile, const char *path, struct mpr_error *err);

/* A profile from a file: a store or a JSON report of schema 1, told apart by what is in it,
 * whatever its name. Never waits for a FIFO. Takes memory by the file's size. Where parts of a
 * store are damaged that the others do not need, they are missing and a note says so. The message
 * names the file. */
int mpr_store_load(const char *path, struct mpr_profile **ret_profile, struct mpr_error *err);

/* Does a file that begins so look like a store? Any length that is there. */
bool mpr_store_begins(const char *head, size_t len);

#endif
