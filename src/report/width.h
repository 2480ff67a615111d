/* SPDX-License-Identifier: MIT */
/* Text on a terminal: display width, escapes, cutting, wrapping. */
#ifndef MPRUN_REPORT_WIDTH_H
#define MPRUN_REPORT_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"

/* Columns that UTF-8 text takes; escapes included, tabs expanded to 8. */
size_t mpr_width(const char *text, bool unicode);
/* Append text so that it can neither move the cursor nor reorder the line: control and format
 * characters become \xNN or \uNNNN, without `unicode` all but ASCII does. Tabs are expanded to 8
 * from the text's start. More than `limit` columns (0: none) is cut, with an ellipsis. Returns the
 * columns used. */
size_t mpr_width_append(struct mpr_buf *out, const char *text, size_t limit, bool unicode);
/* Append words wrapped to `width` (0: none), following lines indented. `first` columns of the first
 * line are taken already. Ends without a newline. Text that is NULL, a buffer that found no memory,
 * fails `out`. */
void mpr_width_wrap(
    struct mpr_buf *out, const char *text, size_t first, size_t indent, size_t width, bool unicode);

#endif
