/* SPDX-License-Identifier: MIT */
/* A view: what a report shows of a profile. Which functions in which order, which of them with a
 * table, which lines of a table, which columns, in which unit, which allocation sites. It borrows
 * the model, which stays as it is, and it computes all that is shown; a renderer decides how that
 * looks. */
#ifndef MPRUN_VIEW_H
#define MPRUN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/column.h"
#include "mprun/number.h"
#include "mprun/profile.h"

/* Of functions. */
enum mpr_sort {
    MPR_SORT_AUTO,
    MPR_SORT_SOURCE,
    MPR_SORT_RSS,
    MPR_SORT_HEAP,
    MPR_SORT_PEAK,
    MPR_SORT_TIME,
    MPR_SORTS,
};

/* All zero is a view of everything in MiB or KiB, without lists of sites. */
struct mpr_view_options {
    enum mpr_sort sort;
    bool fold_packages; /* sum the sites of imported packages up */
    bool all_lines;     /* no folding of lines, a table for every function that ran */
    size_t top;         /* so many sites in each list; 0: none */
    enum mpr_unit unit;
    const char *columns; /* "+time,-rss_max", or NULL; borrowed while the view is made */
    /* Of functions, only those that match one of them, as --func takes it; none: all. Borrowed
     * while the view is made. */
    const char *const *patterns;
    size_t pattern_count;
};

/* How a function appears. */
enum mpr_listing {
    MPR_LISTING_TABLE,
    MPR_LISTING_QUIET, /* one line: nothing changed in it */
    MPR_LISTING_NEVER, /* matched, never called */
    MPR_LISTING_CUT,   /* only counted: too many tables */
    MPR_LISTINGS,
};

struct mpr_view_function {
    const struct mpr_profile_function *function;
    size_t index; /* in the model: what the model's indices mean */
    enum mpr_listing listing;
    bool measured; /* some row of it closed */
};

/* The lists of sites. */
enum mpr_top { MPR_TOP_PEAK, MPR_TOP_END, MPR_TOP_ALLOCATED, MPR_TOPS };

struct mpr_view_top {
    const struct mpr_profile_site **site; /* largest first; owned */
    size_t count;
};

/* The widest values of the tables, a pair for each column. */
struct mpr_extremes {
    int64_t low[MPR_COLUMNS_MAX];
    int64_t high[MPR_COLUMNS_MAX];
};

struct mpr_view {
    const struct mpr_profile *profile;
    const struct mpr_profile_process *process; /* whose figures those of the whole program are */
    /* Of a tree: all as if they were one, which borrows, and each, the one with the largest peak
     * first. */
    struct mpr_profile_process whole;
    const struct mpr_profile_process **processes; /* owned */
    size_t process_count;
    bool rss_off;
    bool heap_off;
    bool all_lines;
    size_t top_wanted;                   /* 0: no lists were asked for */
    struct mpr_view_function *functions; /* in order */
    size_t function_count;
    size_t listed[MPR_LISTINGS]; /* how many appear how */
    size_t ran;                  /* functions that ran */
    bool small_folded;           /* some without a table changed, by less than is shown */
    /* Those of packages summed up, if that was asked for. By what they held at the peak. */
    const struct mpr_profile_site **sites;
    size_t site_count;
    struct mpr_view_top top[MPR_TOPS];
    struct mpr_scale size; /* the unit of sizes, and of times in tables */
    struct mpr_scale time;
    struct mpr_extremes extremes;
    enum mpr_choice choice[MPR_COLUMNS_MAX];
    size_t *by_place;              /* functions by file, first line, last line descending; owned */
    size_t *rank;                  /* function -> its index in by_place; owned */
    struct mpr_profile_site *sums; /* what folded packages point to; owned, its texts borrowed */
};

/* MPR_ERR_INVALID: the message names an unknown column; MPR_ERR_NOTFOUND: it names a pattern that
 * no function matches, and those that come nearest. The profile must outlive the view. */
int mpr_view_new(const struct mpr_profile *profile, const struct mpr_view_options *options,
    struct mpr_view **ret_view, struct mpr_error *err);
void mpr_view_free(struct mpr_view *view);

/* As --sort takes it; NULL behind the last one. */
const char *mpr_sort_name(enum mpr_sort sort);
int mpr_sort_parse(const char *name, enum mpr_sort *ret_sort);

/* --- tables --- */

/* A line of a table. */
enum mpr_line {
    MPR_LINE_ROW,
    MPR_LINE_FOLD,   /* lines left out: nothing happened in them */
    MPR_LINE_NESTED, /* … the body of a function with a listing of its own */
};

struct mpr_view_line {
    enum mpr_line kind;
    bool figures;                      /* it was reached, or measured, or open at the end */
    const struct mpr_profile_row *row; /* of a fold, a row in it: the first that is not blank */
};

struct mpr_view_lines {
    struct mpr_view_line *line;
    size_t count;
};

/* The lines of a function's table, folded. MPR_ERR_NOMEM without a message. */
int mpr_view_lines(const struct mpr_view *view, size_t function, struct mpr_view_lines *ret_lines);
void mpr_view_lines_release(struct mpr_view_lines *lines);
/* The row whose value in the column is the largest; NULL if none grew. */
const struct mpr_profile_row *mpr_view_largest(
    const struct mpr_column *column, const struct mpr_profile_function *function);

/* Which columns the tables have where they are `width` characters wide (0: without limit), and how
 * wide each is, the gap to its left included. The same for all tables. */
struct mpr_shown {
    const struct mpr_column *column;
    size_t width;
};

struct mpr_plan {
    struct mpr_shown shown[MPR_COLUMNS_MAX];
    size_t count;
    bool has_source; /* the last shown column is the source */
    bool has_sizes;  /* some shown column is one of sizes */
    bool has_times;
    size_t columns; /* width of all but the source */
    size_t source;  /* width of the source; 0: no limit */
};

void mpr_view_plan(const struct mpr_view *view, size_t width, struct mpr_plan *ret_plan);
/* Is there something to be seen of what calls of the function released when they returned? */
bool mpr_view_frees_on_return(const struct mpr_view *view, const struct mpr_plan *plan,
    const struct mpr_profile_function *function);

/* What there is to say of a value. */
enum mpr_figure_kind {
    MPR_FIGURE_NOTHING,
    MPR_FIGURE_UNKNOWN, /* it could not be measured */
    MPR_FIGURE_SMALL,   /* less than is shown, but not nothing */
    MPR_FIGURE_BLURRED, /* a change below what the kernel tells apart */
    MPR_FIGURE_NUMBER,
};

struct mpr_figure {
    enum mpr_figure_kind kind;
    char sign; /* '+' or '-'; NUL: none */
    char text[MPR_NUMBER_MAX];
};

/* measured: of a row that was. */
struct mpr_figure mpr_view_figure(
    const struct mpr_view *view, const struct mpr_column *column, int64_t value, bool measured);
/* A part of the highest heap as "82%". */
struct mpr_figure mpr_view_share(const struct mpr_view *view, int64_t value);

/* --- the whole program --- */

int64_t mpr_top_value(enum mpr_top top, const struct mpr_profile_site *site);

/* The line, or what is none, that has most in a list, all its sites together: it may have one in
 * each domain. What stood before the program's first line is left out. False: there is none, or no
 * memory to find it. */
struct mpr_view_worst {
    const struct mpr_profile_site *site; /* one of them */
    int64_t bytes;
};

bool mpr_view_worst(const struct mpr_view *view, enum mpr_top top, struct mpr_view_worst *ret);

/* How many of those who held the peak are worth a word: the first ones, as long as they show. */
size_t mpr_view_holders(const struct mpr_view *view);

/* Highest RSS in each of so many equal parts of the run; no more than there are samples. */
void mpr_view_course(const struct mpr_view *view, size_t parts, int64_t *ret_highest);

/* The part of the timeline with the highest sample of RSS, or of the heap; of equal ones the first.
 * NULL: there is none. The peak itself may have come between two samples. */
const struct mpr_profile_bucket *mpr_view_highest_rss(const struct mpr_view *view);
const struct mpr_profile_bucket *mpr_view_highest_heap(const struct mpr_view *view);

/* --- a tree of processes --- */

/* When it started, since the first one did. */
uint64_t mpr_view_process_from(
    const struct mpr_view *view, const struct mpr_profile_process *process);
/* The part of its timeline with its highest sample; NULL: there is none. */
const struct mpr_profile_bucket *mpr_view_process_highest(
    const struct mpr_profile_process *process);

/* --- budgets --- */

enum mpr_budget { MPR_BUDGET_PEAK_HEAP, MPR_BUDGET_PEAK_RSS, MPR_BUDGET_LEAK, MPR_BUDGETS };

/* What counts against it; MPR_UNKNOWN: it was not measured. A leak is what the program allocated
 * after its first line and still holds. */
int64_t mpr_view_budget(const struct mpr_view *view, enum mpr_budget budget);

#endif
