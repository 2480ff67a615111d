/* SPDX-License-Identifier: MIT */
/* A name for the folder of mprun's libraries that can be put into LD_PRELOAD. */
#ifndef MPRUN_LAUNCH_PLAIN_NAME_H
#define MPRUN_LAUNCH_PLAIN_NAME_H

#include "mprun/base.h"

/* The folder's own name, or one that holds while *ret_fd is open in this process. The name is the
 * caller's, and so is *ret_fd, which is none of the first three; untouched where it is not needed.
 */
int mpr_plain_name(const char *directory, char **ret_name, int *ret_fd, struct mpr_error *err);

#endif
