/* SPDX-License-Identifier: MIT */
/* What the parts of a comparison's text share. */
#ifndef MPRUN_REPORT_COMPARE_TEXT_H
#define MPRUN_REPORT_COMPARE_TEXT_H

#include "mprun/compare.h"
#include "text.h"

struct mpr_diff {
    const struct mpr_comparison *comparison;
    struct mpr_text text[MPR_SIDES]; /* that of a side shows its paths; both write to one place */
    struct mpr_plan plan;
    size_t rule;
};

/* What words and glyphs are shown with. */
static inline struct mpr_text *mpr_diff_text(struct mpr_diff *diff)
{
    return &diff->text[MPR_AFTER];
}

static inline struct mpr_buf *mpr_diff_out(struct mpr_diff *diff)
{
    return diff->text[MPR_AFTER].out;
}

/* compare_text.c. The options are borrowed. */
void mpr_diff_init(struct mpr_diff *ret_diff, const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_buf *out);
/* A cell at the right end of its width. */
void mpr_diff_right(struct mpr_diff *diff, const char *cell, size_t width);
/* A paragraph; releases it. */
void mpr_diff_wrapped(struct mpr_diff *diff, struct mpr_buf *line);
/* With its own unit; fits 2 * MPR_NUMBER_MAX. */
void mpr_diff_amount(const struct mpr_text *text, enum mpr_cell cell, int64_t value, char *out);
const char *mpr_diff_arrow(const struct mpr_diff *diff);
/* "orders.py:4" of a function on one side. */
void mpr_diff_place(struct mpr_diff *diff, const struct mpr_compared_function *function,
    enum mpr_side side, struct mpr_buf *out);

/* compare_text_table.c: a table for each function with something to show. */
void mpr_diff_tables(struct mpr_diff *diff);
/* compare_text_lists.c: the others by their names, and the sites that changed most. */
void mpr_diff_others(struct mpr_diff *diff);
void mpr_diff_sites(struct mpr_diff *diff);

#endif
