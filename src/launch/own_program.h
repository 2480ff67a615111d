/* SPDX-License-Identifier: MIT */
/* The pure part of mpr_launch_own_program. */
#ifndef MPRUN_LAUNCH_OWN_PROGRAM_H
#define MPRUN_LAUNCH_OWN_PROGRAM_H

#include <stdint.h>

/* Of the text of /proc/PID/maps: the file that is mapped at `address`, the caller's. NULL: none, or
 * no memory. */
char *mpr_own_program_parse(const char *maps, uintptr_t address);

#endif
