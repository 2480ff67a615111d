/* SPDX-License-Identifier: MIT */
/* What the parts of the model share. */
#ifndef MPRUN_PROFILE_MODEL_H
#define MPRUN_PROFILE_MODEL_H

#include "mprun/profile.h"

/* The first ones stay; there are as many or more. */
void mpr_profile_keep_processes(struct mpr_profile *profile, size_t count);

#endif
