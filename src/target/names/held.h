/* SPDX-License-Identifier: MIT */
/* What a snapshot gives to the program. */
#ifndef MPRUN_NAMES_HELD_H
#define MPRUN_NAMES_HELD_H

#include <Python.h>

/* A list of (file, line, function, domain, bytes, blocks), one for each site that holds something.
 * GIL held, allocations guarded; linear in the nodes. New reference; NULL with an exception. */
PyObject *mpr_names_held(void);

#endif
