/* SPDX-License-Identifier: MIT */
/* Where code has lines. Generated code may have them a million apart: what lies between is to cost
 * nothing. Cold; own memory, which is given back. */
#ifndef MPRUN_TRACE_STRETCHES_H
#define MPRUN_TRACE_STRETCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/recording.h"

/* So many lines in a row that no code has are left out. */
#define MPR_STRETCH_GAP 1000u

struct mpr_stretches {
    struct mpr_rec_stretch *item; /* by line */
    uint32_t count;               /* 0: all lines */
    uint32_t first, last;
    struct mpr_line_block *block; /* each so many lines; what of them there is */
    size_t block_size, item_size; /* bytes */
};

/* Lines from the first to the last, of which those two are there. False: no memory; then there is
 * nothing to release. */
bool mpr_stretches_begin(struct mpr_stretches *stretches, uint32_t first, uint32_t last);
/* One outside of them is none. */
void mpr_stretches_add(struct mpr_stretches *stretches, uint32_t line);
/* All lines of other stretches; `count` 0: all from first to last. */
void mpr_stretches_add_all(struct mpr_stretches *stretches, uint32_t first, uint32_t last,
    const struct mpr_rec_stretch *stretch, uint32_t count);
/* Nothing is added any more: fill item and count. False: no memory. */
bool mpr_stretches_finish(struct mpr_stretches *stretches);
void mpr_stretches_release(struct mpr_stretches *stretches);

#endif
