/* SPDX-License-Identifier: MIT */
/* Which row a line has. Both sides; no allocation. */
#include "mprun/recording.h"

const struct mpr_rec_row *mpr_rec_rows(const struct mpr_rec_function *function)
{
    return (const void *)((const char *)function + function->rows);
}

const struct mpr_rec_stretch *mpr_rec_stretches(const struct mpr_rec_function *function)
{
    if (function->stretch_count == 0)
        return NULL;
    return (const void *)((const char *)function + function->stretches);
}

uint32_t mpr_rec_row_of(const struct mpr_rec_function *function, uint32_t line)
{
    const struct mpr_rec_stretch *stretch = mpr_rec_stretches(function);
    uint32_t low = 0, high = function->stretch_count;
    if (!stretch) {
        uint32_t row = line - function->id.first_line;
        return row < function->row_count ? row : UINT32_MAX;
    }
    while (low < high) { /* the first one that ends behind the line */
        uint32_t middle = low + (high - low) / 2;
        if (stretch[middle].line + (stretch[middle].count - 1) < line)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < function->stretch_count && line >= stretch[low].line;
    return found ? stretch[low].row + (line - stretch[low].line) : UINT32_MAX;
}
