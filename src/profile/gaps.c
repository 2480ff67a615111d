/* SPDX-License-Identifier: MIT */
/* Generated code may have lines that lie a million apart. The recording has a row for each number
 * in between; what is a row of nothing for a long way is none. */
#include "builder.h"

/* So many in a row are nobody's lines: where a source cannot be read, a function's own are fewer.
 */
#define GAP ((size_t)1000)

static bool is_nothing(const struct mpr_profile_row *row)
{
    return !row->source && !row->hits && !row->measured && !row->ended_here &&
           row->live_at_peak <= 0 && row->live_at_end <= 0;
}

/* In place; rows stay in the order of their lines. The first one stands for the call. */
static void leave_out(struct mpr_profile_function *function)
{
    struct mpr_profile_row *rows = function->rows;
    size_t kept = 1;
    for (size_t i = 1; i < function->row_count;) {
        size_t end = i;
        while (end < function->row_count && is_nothing(&rows[end]))
            end++;
        bool gap = end - i >= GAP;
        end = end > i ? end : i + 1;
        while (i < end && !gap)
            rows[kept++] = rows[i++];
        i = end;
    }
    function->row_count = kept;
}

void mpr_build_gaps(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->profile->function_count; i++)
        if (b->profile->functions[i].row_count > GAP)
            leave_out(&b->profile->functions[i]);
}
