/* SPDX-License-Identifier: MIT */
/* What this library stands in front of, by name: for those who find the C library's definition by
 * another way than the search that puts ours first. */
#ifndef MPRUN_INTERPOSE_BOUND_H
#define MPRUN_INTERPOSE_BOUND_H

#include <stddef.h>

#include "mprun/next.h"

struct mpr_bound {
    const char *name;
    enum mpr_next next; /* what ours passes on to */
    void *ours;
};

#define MPR_BOUND_COUNT 59
extern const struct mpr_bound mpr_bound[MPR_BOUND_COUNT];

/* NULL: none of ours. */
const struct mpr_bound *mpr_bound_find(const char *name);

#endif
