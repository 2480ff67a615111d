/* SPDX-License-Identifier: MIT */
/* Functions that one loaded object calls by name. Knows nothing of Python. */
#ifndef MPRUN_REBIND_H
#define MPRUN_REBIND_H

#include <stdbool.h>

typedef void mpr_function(void); /* of whatever type */

/* The object that holds `address` calls `function` from now on where it called `name`; all others
 * go on as they were. False if it has no place for that name. Before it has called it: a call
 * under way in another thread may still find the old one. */
__attribute__((visibility("default"))) bool mpr_rebind(
    const void *address, const char *name, mpr_function *function);

#endif
