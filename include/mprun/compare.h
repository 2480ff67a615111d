/* SPDX-License-Identifier: MIT */
/* Two profiles side by side: which function of one is which of the other, which row which, and what
 * has changed. Functions belong together by module and qualified name, or else by their text; rows
 * by an alignment of the text, so that lines that stand elsewhere now are found again. Exchanging
 * the two profiles negates each change.
 *
 * It borrows the profiles, which stay as they are. A change is what was after less what was before;
 * what is only in one profile counts as nothing in the other. */
#ifndef MPRUN_COMPARE_H
#define MPRUN_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/column.h"
#include "mprun/number.h"
#include "mprun/profile.h"
#include "mprun/view.h"

enum mpr_side { MPR_BEFORE, MPR_AFTER, MPR_SIDES };

/* What became of something. */
enum mpr_fate { MPR_FATE_SAME, MPR_FATE_CHANGED, MPR_FATE_NEW, MPR_FATE_GONE, MPR_FATES };

struct mpr_compared_row {
    const struct mpr_profile_row *row[MPR_SIDES]; /* NULL: there was none */
    enum mpr_fate fate;                           /* by text, hits and heap; RSS and time vary */
    bool edited;                                  /* the text is another */
    bool other_work;                              /* reached more often, or less */
    bool shown;                                   /* what changed can be seen in the unit */
    int64_t growth;                               /* what mpr_growth says of it */
};

struct mpr_compared_function {
    const struct mpr_profile_function *function[MPR_SIDES]; /* NULL: there was none */
    enum mpr_fate fate;
    bool renamed;                  /* found by its text: another name or module */
    bool moved;                    /* its first line is another, or its file */
    struct mpr_compared_row *rows; /* in the order of the later text; what is gone, where it was */
    size_t row_count;
    size_t changed; /* rows that are not the same */
    size_t shown;   /* … and can be seen */
    int64_t growth; /* the worst of its rows */
};

struct mpr_compared_site {
    const struct mpr_profile_site *site[MPR_SIDES]; /* NULL: there was none */
    int64_t growth;
};

/* A figure of the whole run; MPR_UNKNOWN: it was not measured. */
struct mpr_compared_total {
    const char *name;  /* its key in JSON */
    const char *words; /* for people */
    enum mpr_cell cell;
    int64_t value[MPR_SIDES];
};

#define MPR_COMPARED_TOTALS 6

struct mpr_comparison_options {
    const char *name[MPR_SIDES]; /* of the profiles, as the user knows them; borrowed */
    enum mpr_unit unit;
    size_t top; /* so many sites are shown */
};

struct mpr_comparison {
    const struct mpr_profile *profile[MPR_SIDES];
    const char *name[MPR_SIDES];
    struct mpr_scale size, time;
    bool rss_off, heap_off; /* on either side, which: */
    bool no_rss[MPR_SIDES], no_heap[MPR_SIDES];
    int64_t rss_noise; /* bytes: a smaller change of RSS says nothing */
    struct mpr_compared_total total[MPR_COMPARED_TOTALS];
    /* All: changed ones first, worst first; then the others by their place. */
    struct mpr_compared_function *functions;
    size_t function_count;
    size_t fates[MPR_FATES]; /* how many functions */
    size_t renamed, moved;   /* … of those that are in both */
    size_t small;            /* changed, but by less than is shown */
    /* Those that differ, worst first. */
    struct mpr_compared_site *sites;
    size_t site_count;
    size_t sites_shown; /* the first ones */
};

/* NULL: no memory. The profiles must outlive it. Their first processes are compared. */
struct mpr_comparison *mpr_comparison_new(const struct mpr_profile *before,
    const struct mpr_profile *after, const struct mpr_comparison_options *options);
void mpr_comparison_free(struct mpr_comparison *comparison);

/* After less before; MPR_UNKNOWN where one of the two is. */
int64_t mpr_change(int64_t before, int64_t after);
/* MPR_UNKNOWN where it was not measured; 0 where there is no row in a profile that measures it. */
int64_t mpr_compared_value(const struct mpr_comparison *comparison, const struct mpr_column *column,
    const struct mpr_compared_row *row, enum mpr_side side);
int64_t mpr_compared_change(const struct mpr_comparison *comparison,
    const struct mpr_column *column, const struct mpr_compared_row *row);
/* The same for one hit each, rounded to nearest; MPR_UNKNOWN where one side has no hits, and of
 * what is no sum. */
int64_t mpr_compared_change_a_hit(
    const struct mpr_column *column, const struct mpr_compared_row *row);
/* Is the column's change one that two runs of the same program would not show? */
bool mpr_compared_exactly(const struct mpr_column *column);

/* A change as it is shown: blurred where it is no more than noise. */
struct mpr_figure mpr_compared_figure(const struct mpr_comparison *comparison,
    const struct mpr_column *column, const struct mpr_compared_row *row);
/* A change of a size of the whole run, or of a site. */
struct mpr_figure mpr_compared_size(const struct mpr_comparison *comparison, int64_t change);

/* The columns of changes in which something is shown, where a table is `width` characters wide (0:
 * without limit); the lines on both sides and the source are beside them. The same for all tables.
 */
void mpr_comparison_plan(
    const struct mpr_comparison *comparison, size_t width, struct mpr_plan *ret_plan);

/* "same", "changed", "new", "gone". */
const char *mpr_fate_name(enum mpr_fate fate);

/* By how much something may grow: bytes, or a share of what was before. */
struct mpr_allowance {
    bool given;
    bool percent;
    int64_t bytes;
    double share;
};

/* "5%", "1MiB"; MPR_ERR_INVALID without a message. */
int mpr_allowance_parse(const char *text, struct mpr_allowance *ret);

/* Append a line for each that grew by more: the heap's peak, what is live at the end, and what a
 * row holds then or needs within a hit. A row's share is that of the peak before. Returns how many;
 * MPR_ERR_INVALID with a message where the heap was not tracked. */
int mpr_comparison_exceeds(const struct mpr_comparison *comparison,
    const struct mpr_allowance *allowance, struct mpr_buf *out, struct mpr_error *err);

#endif
