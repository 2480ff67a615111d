/* SPDX-License-Identifier: MIT */
/* The import system's code by the names of its files. Needs no Python. */
#include "mprun/imports.h"

#include <stdio.h>

struct mpr_imports mpr_imports;

void mpr_imports_start(const char *stdlib)
{
    const size_t room = sizeof mpr_imports.folder;
    int len = snprintf(mpr_imports.folder, room, "%s%s", stdlib, MPR_IMPORTS_FOLDER);
    mpr_imports.len = *stdlib && (size_t)len < room ? (size_t)len : 0;
}

bool mpr_imports_in_folder(const char *file)
{
    return memcmp(file, mpr_imports.folder, mpr_imports.len) == 0 &&
           !strchr(file + mpr_imports.len, '/');
}
