/* SPDX-License-Identifier: MIT */
/* May a file that is about to be exec'ed be started with the library preloaded? */
#ifndef MPRUN_CHILDREN_JUDGE_H
#define MPRUN_CHILDREN_JUDGE_H

#include "mprun/children.h"

/* Find the loader of this process, which what is judged must share. Called once. */
void mpr_judge_start(void);

/* A dynamic program of this machine's kind with this process's loader, so that the library fits it;
 * or a script that such a one runs. Not what brings a sanitizer, which must be the first library.
 * Half a dozen small reads; errno may change. */
bool mpr_judge(const struct mpr_children_file *file);

#endif
