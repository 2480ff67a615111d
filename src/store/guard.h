/* SPDX-License-Identifier: MIT */
/* What a store must be before a row of it is read, and what SQLite may do while one is read. */
#ifndef MPRUN_STORE_GUARD_H
#define MPRUN_STORE_GUARD_H

#include <stdint.h>

#include "file.h"

/* Of a file's beginning. */
#define MPR_STORE_HEAD ((size_t)100)

/* Is it a store, and of a schema that this mprun reads? `head` is the file's first MPR_STORE_HEAD
 * bytes. */
int mpr_store_guard_head(const unsigned char *head, struct mpr_error *err);
/* Work and memory by the file's size, no statement but those that read our tables, and these to the
 * letter as mprun makes them: views, triggers, virtual tables and generated columns that somebody
 * put in their places are refused. */
int mpr_store_guard(struct mpr_store_file *file, uint64_t size, struct mpr_error *err);

#endif
