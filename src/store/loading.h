/* SPDX-License-Identifier: MIT */
/* What the steps of loading a store share. */
#ifndef MPRUN_STORE_LOADING_H
#define MPRUN_STORE_LOADING_H

#include "file.h"
#include "schema.h"

struct mpr_loading {
    struct mpr_store_file file;
    struct mpr_profile *profile;
    uint64_t text_left;  /* bytes */
    struct mpr_buf lost; /* names of tables whose last rows are missing */
    struct mpr_error *err;
    /* The table that is read. */
    const struct mpr_store_table *table;
    sqlite3_stmt *statement;
    sqlite3_int64 id;       /* of its next row */
    size_t parent;          /* of the last row */
    bool added;             /* the last row has its element */
    size_t count, capacity; /* of the array that this one has, a NULL behind it included */
};

/* take.c: the value in the statement's column `at`, into its field of the element, which is all
 * zero. What is owned there afterwards is the element's, also on failure. MPR_ERR_CORRUPT,
 * MPR_ERR_NOMEM. */
int mpr_loading_take(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *element);
bool mpr_loading_is_number(const struct mpr_loading *load, int at);
int mpr_loading_damaged(struct mpr_loading *load, const char *what);
int mpr_loading_no_memory(struct mpr_loading *load);

#endif
