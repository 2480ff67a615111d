/* SPDX-License-Identifier: MIT */
/* The columns: what can be said of a row, one entry each. The text report, the keys of a row in the
 * JSON, --columns and `mprun help columns` all come from this table. */
#ifndef MPRUN_COLUMN_H
#define MPRUN_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/profile.h"

/* What a value is, and so how it reads. */
enum mpr_cell {
    MPR_CELL_LINE,   /* plain number */
    MPR_CELL_COUNT,  /* thousands separated; a measured zero is a dot */
    MPR_CELL_LEVEL,  /* a size */
    MPR_CELL_CHANGE, /* a signed size */
    MPR_CELL_SHARE,  /* a size as a share of the highest heap */
    MPR_CELL_TIME,
    MPR_CELL_SOURCE, /* the text; always last */
};

/* Where a figure stands in a struct of the model: an int64_t. */
struct mpr_field {
    bool given;
    size_t offset;
};

struct mpr_column {
    const char *name;  /* for --columns, and the JSON's key */
    const char *alias; /* for --columns, or NULL */
    const char *header;
    enum mpr_cell cell;
    struct mpr_field row; /* in struct mpr_profile_row; else: */
    int64_t (*value)(const struct mpr_profile_row *row);
    struct mpr_field total; /* in struct mpr_profile_function, for the net row */
    int64_t (*on_return)(const struct mpr_profile_function *function); /* … and the row below it */
    bool needs_rss;    /* not shown by default when RSS is off */
    bool needs_heap;   /* … when the heap is not tracked */
    bool without_heap; /* … when it is */
    bool summed;       /* over the hits: it can be told a hit */
    bool exact;        /* a change to the byte, not one of RSS */
    bool bold;         /* its largest value is */
    bool narrow;       /* shown by default below 100 columns of text */
    bool wide;         /* … and from there on */
    int drop;          /* which goes first when space is short, highest first; 0: never */
    size_t width;      /* at least, the gap to its left included */
    const char *legend;
    const char *legend_alone; /* instead of it where the column of levels is not shown, or NULL */
    bool no_key;              /* another's value in another form: it has no key in the JSON */
    const char *key_before;   /* in the JSON it stands before that key; NULL: as here */
};

/* In the order of the report; NULL-name-terminated. */
extern const struct mpr_column mpr_columns[];
#define MPR_COLUMNS_MAX ((size_t)20)

/* MPR_UNKNOWN: not measured, or the column has none. */
int64_t mpr_column_value(const struct mpr_column *column, const struct mpr_profile_row *row);
int64_t mpr_column_total(
    const struct mpr_column *column, const struct mpr_profile_function *function);
int64_t mpr_column_on_return(
    const struct mpr_column *column, const struct mpr_profile_function *function);

/* The columns with a key, in the order of the JSON. Returns how many. */
size_t mpr_columns_keys(const struct mpr_column *ret_columns[MPR_COLUMNS_MAX]);

/* What --columns says of each column. */
enum mpr_choice { MPR_CHOICE_DEFAULT, MPR_CHOICE_ON, MPR_CHOICE_OFF };

/* Parse a --columns value (NULL: nothing is said); the message names the unknown column and the
 * known ones. */
int mpr_columns_parse(
    const char *text, enum mpr_choice choice[MPR_COLUMNS_MAX], struct mpr_error *err);
int mpr_columns_check(const char *columns, struct mpr_error *err);
/* Can the columns that it asks for by name be filled in? The message names the one that cannot. */
int mpr_columns_measured(const char *columns, bool heap_off, bool rss_off, struct mpr_error *err);
/* A line for each column that needs words: its head, its name for --columns, what it means. */
void mpr_columns_explain(struct mpr_buf *out);

#endif
