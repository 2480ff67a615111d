/* SPDX-License-Identifier: MIT */
/* The columns of the text report: what exists, what is shown. */
#ifndef MPRUN_REPORT_COLUMNS_H
#define MPRUN_REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/report.h"

/* How a value becomes a cell. */
enum mpr_cell {
    MPR_CELL_LINE,   /* plain number */
    MPR_CELL_COUNT,  /* thousands separated; a measured zero is a dot */
    MPR_CELL_LEVEL,  /* a size */
    MPR_CELL_CHANGE, /* a signed size */
    MPR_CELL_SHARE,  /* a size as a share of the highest heap */
    MPR_CELL_TIME,
    MPR_CELL_SOURCE, /* the text; always last */
};

struct mpr_column {
    const char *name;  /* as in the JSON */
    const char *alias; /* or NULL */
    const char *header;
    enum mpr_cell cell;
    bool needs_rss;    /* not shown by default when RSS is off */
    bool needs_heap;   /* … when the heap is not tracked */
    bool without_heap; /* … when it is */
    bool exact;        /* a change to the byte, not one of RSS */
    bool narrow;       /* shown by default below 100 columns */
    bool wide;         /* … and from there on */
    int drop;          /* which goes first when space is short, highest first; 0: never */
    size_t width;      /* at least, the gap to its left included */
    bool bold;         /* its largest value is */
    int64_t (*value)(const struct mpr_profile_row *row);
    int64_t (*total)(const struct mpr_profile_function *function); /* for the net row, or NULL */
    int64_t (*on_return)(const struct mpr_profile_function *function); /* … and the row below it */
    const char *legend;
    const char *legend_alone; /* instead of it where the column of levels is not shown, or NULL */
};

/* In the order of the report; NULL-name-terminated. */
extern const struct mpr_column mpr_columns[];
#define MPR_COLUMNS_MAX ((size_t)20)

/* What --columns says of each column. */
enum mpr_choice { MPR_CHOICE_DEFAULT, MPR_CHOICE_ON, MPR_CHOICE_OFF };

/* Parse a --columns value (NULL: nothing is said). */
int mpr_columns_parse(
    const char *text, enum mpr_choice choice[MPR_COLUMNS_MAX], struct mpr_error *err);

#endif
