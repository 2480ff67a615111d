/* SPDX-License-Identifier: MIT */
/* Renderers: a profile in, bytes out. One format a file; the table of formats and the table of
 * columns say what exists. A renderer computes nothing that the profile does not hold. */
#ifndef MPRUN_REPORT_H
#define MPRUN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"
#include "mprun/profile.h"

enum mpr_unit { MPR_UNIT_AUTO, MPR_UNIT_B, MPR_UNIT_KIB, MPR_UNIT_MIB, MPR_UNIT_GIB };

struct mpr_report_options {
    size_t width; /* columns; 0: unlimited */
    bool color;
    bool unicode;   /* false: ASCII only */
    bool all_lines; /* no folding */
    bool legend;
    size_t top; /* so many sites of each kind; 0: none */
    enum mpr_unit unit;
    const char *columns; /* "+time,-rss_max", or NULL */
};

struct mpr_format {
    const char *name;
    const char *extension; /* ".json", or NULL */
    const char *summary;   /* one line for the help */
    bool for_programs;     /* wants -o */
    int (*render)(const struct mpr_profile *profile, const struct mpr_report_options *options,
        struct mpr_buf *out, struct mpr_error *err);
};

/* NULL-name-terminated. */
extern const struct mpr_format mpr_formats[];
const struct mpr_format *mpr_format_by_name(const char *name);
/* The format that a file's ending names; without an ending, text. The message names the endings
 * that there are. */
int mpr_format_of_file(
    const char *path, const struct mpr_format **ret_format, struct mpr_error *err);

/* Check a --columns value; the message names the unknown column and the known ones. */
int mpr_columns_check(const char *columns, struct mpr_error *err);
/* Can the columns that it asks for by name be filled in? The message names the one that cannot. */
int mpr_columns_measured(const char *columns, bool heap_off, bool rss_off, struct mpr_error *err);
/* A line for each column that needs words: its head, its name for --columns, what it means. */
void mpr_columns_explain(struct mpr_buf *out);
/* NULL if there is no such unit. */
const char *mpr_unit_name(enum mpr_unit unit);
int mpr_unit_parse(const char *name, enum mpr_unit *ret_unit);

#endif
