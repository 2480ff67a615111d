/* SPDX-License-Identifier: MIT */
/* What the parts of the text report share. */
#ifndef MPRUN_REPORT_TEXT_H
#define MPRUN_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/report.h"

enum mpr_style {
    MPR_STYLE_BOLD,
    MPR_STYLE_DIM,
    MPR_STYLE_RED, /* where the program ended, and nothing else */
    MPR_STYLE_CYAN,
    MPR_STYLE_GREEN,
    MPR_STYLE_YELLOW,
    MPR_STYLE_MAGENTA,
    MPR_STYLE_BLUE,
};

/* What is drawn with more than ASCII where the terminal has it. */
struct mpr_glyphs {
    const char *minus;
    const char *dot;      /* not zero, but less than is shown */
    const char *fold;     /* lines left out */
    const char *ellipsis; /* a body with a listing of its own */
    const char *rule;
    const char *ended;
    const char *running;                     /* instead, of a program that goes on */
    const char *bars[9];                     /* of a sparkline, low to high; NULL-terminated */
    const char *fill[9];                     /* of a plot: so many eighths of a cell */
    const char *edge, *mark, *corner, *tick; /* its axes, and what marks a figure on them */
    const char *band;
    const char *moment; /* that the program has named */
};

struct mpr_text {
    const struct mpr_view *view;       /* NULL: of a comparison */
    const struct mpr_profile *profile; /* the view's; whose folder paths are shown without */
    const struct mpr_report_options *options;
    struct mpr_buf *out;
    const struct mpr_glyphs *glyphs;
    struct mpr_plan plan; /* of the tables' columns */
    size_t rule;          /* width of the lines that frame a table */
    size_t prose;         /* width of notes and legend; 0: no limit */
};

/* text_cell.c: a value as a cell's text, "" for nothing. */
void mpr_text_cell(const struct mpr_text *text, const struct mpr_column *column, int64_t value,
    bool measured, char *out);
void mpr_text_figure(const struct mpr_text *text, const struct mpr_figure *figure, char *out);
/* … a size outside tables, where nothing is 0. */
void mpr_text_size(const struct mpr_text *text, int64_t value, char *out);
/* text_head.c */
void mpr_text_head(struct mpr_text *text);
/* What was asked to run, in short; "" if that is not known. */
void mpr_text_command(const struct mpr_text *text, struct mpr_buf *out);
/* How it ended, how RSS was watched, in which units the tables are. */
void mpr_text_outcome(const struct mpr_text *text, struct mpr_buf *out);
void mpr_text_engine(const struct mpr_text *text, struct mpr_buf *out);
void mpr_text_units(const struct mpr_text *text, struct mpr_buf *out);
void mpr_text_function_head(
    struct mpr_text *text, const struct mpr_profile_function *function, bool first);
void mpr_text_calls(const struct mpr_profile_function *function, struct mpr_buf *out);
void mpr_text_name(const struct mpr_text *text, const char *qualname, struct mpr_buf *out);
/* A path wider than `limit` loses its first folders. */
void mpr_text_path(
    const struct mpr_text *text, const char *file, size_t limit, struct mpr_buf *out);
/* "file:line" of a function, in the same way. */
void mpr_text_place(const struct mpr_text *text, const struct mpr_profile_function *function,
    size_t limit, struct mpr_buf *out);
/* text_table.c: of the view's function of that number. */
void mpr_text_table(struct mpr_text *text, size_t function);
/* text_lists.c: functions without a table. */
void mpr_text_cut(struct mpr_text *text);
void mpr_text_quiet(struct mpr_text *text);
void mpr_text_never(struct mpr_text *text);
/* text_heap.c: the heap of the whole program: its peak, and RSS explained. */
void mpr_text_heap_peak(struct mpr_text *text);
void mpr_text_reconciliation(struct mpr_text *text);
/* text_sites.c: the lines that allocate most. */
void mpr_text_sites(struct mpr_text *text);
const char *mpr_text_site_title(enum mpr_top top);
/* What stands beside the size of one. */
void mpr_text_site_detail(const struct mpr_text *text, enum mpr_top top,
    const struct mpr_profile_site *site, struct mpr_buf *out);
/* text_peak.c */
void mpr_text_peak(struct mpr_text *text);
/* text_marks.c: marks and sections. */
void mpr_text_marks(struct mpr_text *text);
/* text_plot.c: the timeline, drawn. */
void mpr_text_plot(struct mpr_text *text);
/* text_tree.c: all of the report of a tree of processes; and what stands in its head. */
void mpr_text_tree(struct mpr_text *text);
void mpr_text_tree_processes(const struct mpr_text *text, struct mpr_buf *out);
void mpr_text_tree_samples(const struct mpr_text *text, struct mpr_buf *out);
/* text_tail.c */
void mpr_text_notes(struct mpr_text *text);
void mpr_text_legend(struct mpr_text *text);

/* text.c: `out` of the report, or of another that looks like it in some parts. */
void mpr_text_init(struct mpr_text *ret_text, const struct mpr_view *view,
    const struct mpr_report_options *options, struct mpr_buf *out);
/* Release a part of the report that was made apart: if it is not whole, nor is that. */
void mpr_text_done(const struct mpr_text *text, struct mpr_buf *part);
const struct mpr_glyphs *mpr_text_glyphs(bool unicode);
/* Colours, if there are any. */
void mpr_text_style(struct mpr_text *text, enum mpr_style style);
void mpr_text_plain(struct mpr_text *text);
/* What marks a row that was open when the program ended, or was looked at. */
const char *mpr_text_open(const struct mpr_text *text);

#endif
