/* SPDX-License-Identifier: MIT */
/* One value as a cell: blank for nothing, ? for what could not be measured, a dot for less than is
 * shown, ~ for less than the kernel shows. */
#include <stdio.h>
#include <string.h>

#include "text.h"

static void change(const struct mpr_text *text, int64_t value, bool exact, char *out)
{
    uint64_t size = mpr_magnitude(value);
    if (size == 0)
        return;
    if (!exact && !text->rss_off &&
        size < mpr_magnitude(text->profile->process[0].rss_resolution)) {
        strcpy(out, "~");
    } else if (mpr_number_vanishes(size, &text->size)) {
        strcpy(out, text->glyphs->dot);
    } else {
        strcpy(out, value < 0 ? text->glyphs->minus : "+");
        mpr_number_scaled(out + strlen(out), size, &text->size);
    }
}

static void amount(
    const struct mpr_text *text, int64_t value, const struct mpr_scale *scale, char *out)
{
    uint64_t size = mpr_magnitude(value);
    if (size == 0)
        return;
    if (mpr_number_vanishes(size, scale)) {
        strcpy(out, text->glyphs->dot);
        return;
    }
    strcpy(out, value < 0 ? text->glyphs->minus : "");
    mpr_number_scaled(out + strlen(out), size, scale);
}

/* Of the highest heap, in whole per cent. */
void mpr_text_share(const struct mpr_text *text, int64_t value, char *out)
{
    int64_t peak = text->profile->process[0].heap.all.peak;
    *out = '\0';
    if (value <= 0 || peak <= 0)
        return;
    double percent = 100.0 * (double)value / (double)peak;
    if (percent < 0.5)
        strcpy(out, text->glyphs->dot);
    else
        snprintf(out, MPR_NUMBER_MAX, "%.0f%%", percent < 100.0 ? percent : 100.0);
}

void mpr_text_cell(const struct mpr_text *text, const struct mpr_column *column, int64_t value,
    bool measured, char *out)
{
    *out = '\0';
    if (value == MPR_UNKNOWN) {
        if (measured && column->needs_rss && !text->rss_off)
            strcpy(out, "?");
        return;
    }
    switch (column->cell) {
    case MPR_CELL_LINE:
        snprintf(out, MPR_NUMBER_MAX, "%u", (unsigned)value);
        break;
    case MPR_CELL_COUNT:
        /* Only a comprehension ran there. */
        if (value == 0 && measured)
            strcpy(out, text->glyphs->dot);
        else if (value != 0)
            mpr_number_count(out, (uint64_t)value);
        break;
    case MPR_CELL_LEVEL:
        amount(text, value, &text->size, out);
        break;
    case MPR_CELL_CHANGE:
        change(text, value, column->exact, out);
        break;
    case MPR_CELL_SHARE:
        mpr_text_share(text, value, out);
        break;
    case MPR_CELL_TIME:
        amount(text, value, &text->time, out);
        break;
    case MPR_CELL_SOURCE:
        break;
    }
}
