/* SPDX-License-Identifier: MIT */
/* The timeline in columns of equal time, for whoever draws it. A column has the highest sample of
 * its time, so that no peak is lost however many samples it stands for. */
#ifndef MPRUN_PLOT_H
#define MPRUN_PLOT_H

#include <stddef.h>
#include <stdint.h>

#include "mprun/number.h"
#include "mprun/view.h"

struct mpr_plot_column {
    int64_t rss;     /* highest in its time; MPR_UNKNOWN: not sampled yet */
    int64_t heap;    /* the same; MPR_UNKNOWN: not tracked */
    size_t function; /* of the model: the main thread was in it at the highest RSS; or MPR_NONE */
};

/* A function that ran, by its intervals, or at a sample of the main thread: calls that are too
 * short for the one are seen by the other if they are many. */
struct mpr_plot_band {
    size_t function;
    size_t columns; /* in so many of them */
    size_t first;
    bool *in; /* of each column: did it run there? owned */
};

/* A moment that the program has named, and its column. */
struct mpr_plot_moment {
    const struct mpr_profile_mark *mark; /* borrowed of the model */
    size_t at;
};

struct mpr_plot {
    struct mpr_plot_column *column; /* owned */
    size_t count;
    uint64_t span_ns;               /* of all columns, from the process's start */
    int64_t rss_top, heap_top;      /* the highest column; MPR_UNKNOWN: none has a figure */
    struct mpr_plot_band *band;     /* owned; those in most columns, in the order of their first */
    size_t bands, bands_left;       /* how many, and how many more there would be */
    struct mpr_plot_moment *moment; /* owned; in the order of time */
    size_t moments;
    uint64_t step_ns;      /* between figures on the axis of time */
    struct mpr_scale time; /* in which a figure reads well */
};

/* `columns` is at least 1; no more than `bands` bands; figures of time stand at least `apart`
 * columns from each other. MPR_ERR_NOMEM without a message. */
int mpr_plot_new(const struct mpr_view *view, size_t columns, size_t bands, size_t apart,
    struct mpr_plot *ret_plot);
void mpr_plot_release(struct mpr_plot *plot);

/* How many of `steps` equal steps up to `top` a level takes: none only where it is nothing. */
size_t mpr_plot_height(int64_t level, int64_t top, size_t steps);
/* The column of a moment; `count` if it lies behind all of them. */
size_t mpr_plot_at(const struct mpr_plot *plot, uint64_t t_ns);

#endif
