/* SPDX-License-Identifier: MIT */
/* What the parts of the drawn timeline share. */
#ifndef MPRUN_REPORT_TEXT_PLOT_H
#define MPRUN_REPORT_TEXT_PLOT_H

#include "mprun/plot.h"
#include "text.h"

struct mpr_drawing {
    struct mpr_text *text;
    struct mpr_plot plot;
    size_t margin; /* columns left of the axis */
};

/* Up to the first column, with what stands left of the axis and on it. */
void mpr_drawing_begin_line(const struct mpr_drawing *drawing, const char *label, const char *axis);
/* Blanks at its end are left out. */
void mpr_drawing_end_line(struct mpr_buf *out);

/* text_plot_moments.c: the names of what the program has marked, below their ticks. */
void mpr_drawing_moments(const struct mpr_drawing *drawing);

#endif
