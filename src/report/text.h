/* SPDX-License-Identifier: MIT */
/* What the parts of the text report share. */
#ifndef MPRUN_REPORT_TEXT_H
#define MPRUN_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "mprun/report.h"
#include "number.h"

enum mpr_style { MPR_STYLE_BOLD, MPR_STYLE_DIM, MPR_STYLE_RED };

/* What is drawn with more than ASCII where the terminal has it. */
struct mpr_glyphs {
    const char *minus;
    const char *dot;      /* not zero, but less than is shown */
    const char *fold;     /* lines left out */
    const char *ellipsis; /* a body with a listing of its own */
    const char *rule;
    const char *ended;
    const char *bars[9]; /* of a sparkline, low to high; NULL-terminated */
};

/* A shown column. `width` includes the gap to its left. */
struct mpr_shown {
    const struct mpr_column *column;
    size_t width;
};

/* How a function appears. */
enum mpr_listing {
    MPR_LISTING_TABLE,
    MPR_LISTING_QUIET, /* one line: nothing changed in it */
    MPR_LISTING_NEVER, /* matched, never called */
    MPR_LISTING_CUT,   /* only counted: too many tables */
};

struct mpr_text {
    const struct mpr_profile *profile;
    const struct mpr_report_options *options;
    struct mpr_buf *out;
    const struct mpr_glyphs *glyphs;
    struct mpr_scale size;
    struct mpr_scale time;
    struct mpr_shown shown[MPR_COLUMNS_MAX];
    size_t shown_count;
    bool has_source;   /* the last shown column is the source */
    size_t columns;    /* width of all but the source */
    size_t source;     /* width of the source; 0: no limit */
    size_t rule;       /* width of the lines that frame a table */
    size_t prose;      /* width of notes and legend; 0: no limit */
    uint8_t *listing;  /* enum mpr_listing of each function; owned */
    size_t *by_place;  /* functions by file, first line, last line descending; owned */
    size_t *rank;      /* function -> its index in by_place; owned */
    size_t ran;        /* functions that ran */
    size_t tables;     /* of them with a table */
    bool small_folded; /* some without a table changed, by less than is shown */
    bool has_sizes;    /* some shown column is one of sizes: its unit is named above the table */
    bool has_times;
    bool rss_off;
    bool heap_off;
};

/* text_plan.c: which function appears how. First by what happened in it, then, once the unit is
 * known, by what can be seen of that and by how many there are. */
bool mpr_text_plan(struct mpr_text *text);
bool mpr_text_plan_tables(struct mpr_text *text);
void mpr_text_plan_release(struct mpr_text *text);
/* Mark rows of `function` that belong to functions with listings of their own. */
void mpr_text_mark_nested(const struct mpr_text *text, size_t function, uint8_t *marks);
/* text_layout.c: units, columns, widths. */
int mpr_text_layout(struct mpr_text *text, struct mpr_error *err);
/* text_layout.c: what is just not shown of a size, "0.05". */
const char *mpr_text_half(const struct mpr_scale *scale);
/* text_cell.c: a value as a cell's text, "" for nothing. */
void mpr_text_cell(const struct mpr_text *text, const struct mpr_column *column, int64_t value,
    bool measured, char *out);
/* … a part of the highest heap as "82%". */
void mpr_text_share(const struct mpr_text *text, int64_t value, char *out);
/* text_head.c */
void mpr_text_head(struct mpr_text *text);
void mpr_text_function_head(struct mpr_text *text, size_t function, bool first);
void mpr_text_calls(const struct mpr_profile_function *function, struct mpr_buf *out);
void mpr_text_name(const struct mpr_text *text, const char *qualname, struct mpr_buf *out);
/* A path wider than `limit` loses its first folders. */
void mpr_text_path(
    const struct mpr_text *text, const char *file, size_t limit, struct mpr_buf *out);
/* "file:line" of a function, in the same way. */
void mpr_text_place(const struct mpr_text *text, const struct mpr_profile_function *function,
    size_t limit, struct mpr_buf *out);
/* text_table.c */
void mpr_text_table(struct mpr_text *text, size_t function);
/* text_lists.c: functions without a table. */
void mpr_text_cut(struct mpr_text *text);
void mpr_text_quiet(struct mpr_text *text);
void mpr_text_never(struct mpr_text *text);
/* text_heap.c: the heap of the whole program: its peak, its top sites, RSS explained. */
void mpr_text_heap_peak(struct mpr_text *text);
void mpr_text_sites(struct mpr_text *text);
void mpr_text_reconciliation(struct mpr_text *text);
/* text_peak.c */
void mpr_text_peak(struct mpr_text *text);
/* text_tail.c */
void mpr_text_notes(struct mpr_text *text);
void mpr_text_legend(struct mpr_text *text);

/* text.c: release a part of the report that was made apart: if it is not whole, nor is that. */
void mpr_text_done(const struct mpr_text *text, struct mpr_buf *part);
/* Colours, if there are any. */
void mpr_text_style(struct mpr_text *text, enum mpr_style style);
void mpr_text_plain(struct mpr_text *text);

#endif
