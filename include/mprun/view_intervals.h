/* SPDX-License-Identifier: MIT */
/* The running intervals that a view shows, for whoever draws or writes them. */
#ifndef MPRUN_VIEW_INTERVALS_H
#define MPRUN_VIEW_INTERVALS_H

#include <stddef.h>
#include <stdint.h>

#include "mprun/view.h"

struct mpr_view_intervals {
    const struct mpr_profile_interval **interval; /* owned; in the model's order */
    size_t count;
    uint64_t least_ns; /* all that were longer are there; 0: all */
    uint64_t left_out; /* so many; of all functions, if the recording left them out */
};

/* Those of the view's process and functions; where they are more than `most` (0: no limit), the
 * longest. MPR_ERR_NOMEM without a message. */
int mpr_view_intervals(
    const struct mpr_view *view, size_t most, struct mpr_view_intervals *ret_intervals);
void mpr_view_intervals_release(struct mpr_view_intervals *intervals);

#endif
