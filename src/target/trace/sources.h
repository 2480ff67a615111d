/* SPDX-License-Identifier: MIT */
/* What the supervisor cannot know of the text of code: which state of its file was loaded, and text
 * that only the interpreter has. Cold: once for a file. GIL held; no Python code runs in here. */
#ifndef MPRUN_TRACE_SOURCES_H
#define MPRUN_TRACE_SOURCES_H

#include <stdbool.h>

#include "mprun/python.h"

/* Code of the file starts for the first time; `selected`: its lines will be shown. */
void mpr_sources_note(const struct mpr_code *code, bool selected);

/* Forget all files. */
void mpr_sources_stop(void);

#endif
