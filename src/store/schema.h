/* SPDX-License-Identifier: MIT */
/* What is where in a store: a row for each table, and for each column the field of the model that
 * it holds. SQL, saving and loading are made of these rows. A file has every table, also an empty
 * one. */
#ifndef MPRUN_STORE_SCHEMA_H
#define MPRUN_STORE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/store.h"

#define MPR_STORE_APPLICATION 0x6d70726e /* "mprn" */

/* How a field is a value. */
enum mpr_stored {
    MPR_STORED_INT,   /* signed, 4 or 8 bytes; MPR_UNKNOWN is NULL */
    MPR_STORED_COUNT, /* unsigned; of 8 bytes what is above INT64_MAX by its bits */
    MPR_STORED_INDEX, /* unsigned, the largest number is NULL */
    MPR_STORED_FLAG,  /* bool */
    MPR_STORED_NAME,  /* an enum, 1 or 4 bytes, as the word in `names` */
    MPR_STORED_TEXT,  /* char *, owned by the model */
    MPR_STORED_TEXT_OR_NULL,
    MPR_STORED_LINES,   /* a source: all of its lines, each with a newline behind it */
    MPR_STORED_SHOWN,   /* char *, for people: it is not loaded */
    MPR_STORED_VERSION, /* of the mprun that wrote it: neither */
};

struct mpr_store_column {
    const char *name;
    enum mpr_stored stored;
    size_t offset;
    size_t size;
    const char *const *names; /* by the number, NULL-terminated */
};

/* An array of the model's, or of each element of another: there the first column behind `id` is
 * that element's index, and rows stand in its order. `id` is the index, counted through all of
 * them. */
struct mpr_store_table {
    const char *name;
    const struct mpr_store_column *columns; /* ends with a row that has no name */
    const struct mpr_store_table *parent;   /* NULL: the model */
    size_t each;                            /* bytes of an element */
    size_t array, count;                    /* where the pointer and the number are in the parent */
    bool terminated;                        /* a NULL stands behind the elements */
    bool counted;                           /* there is a number; else the NULL says how many */
    bool needless;                          /* the others hold together without its last rows */
};

/* NULL-terminated; parents stand before their children. The first is `run`, whose one row is the
 * model itself. */
extern const struct mpr_store_table *const mpr_store_tables[];

/* Of two tables: JSON has the same names. */
extern const struct mpr_store_column mpr_store_function_columns[];
extern const struct mpr_store_column mpr_store_row_columns[];

/* Words of fields, by the number. */
extern const char *const mpr_store_domains[];
extern const char *const mpr_store_containers[];
extern const char *const mpr_store_tiers[];
extern const char *const mpr_store_engines[];

/* Append "CREATE TABLE …" as it stands in the file. */
void mpr_store_create_sql(const struct mpr_store_table *table, struct mpr_buf *out);
/* "INSERT INTO … VALUES (?, …)" with a parameter for each column, `id` first. */
void mpr_store_insert_sql(const struct mpr_store_table *table, struct mpr_buf *out);
/* Is the column read again? */
bool mpr_store_is_loaded(const struct mpr_store_column *column);
/* "SELECT …" of what is loaded, in the order of `id`. */
void mpr_store_select_sql(const struct mpr_store_table *table, struct mpr_buf *out);

/* views.c: those for people, a statement each; NULL-terminated. */
extern const char *const mpr_store_views[];

#endif
