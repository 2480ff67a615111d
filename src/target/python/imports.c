/* SPDX-License-Identifier: MIT */
/* The import system's code by the names of its files. Needs no Python. */
#include "mprun/imports.h"

#include <limits.h>
#include <stdio.h>

static char folder[PATH_MAX];
size_t mpr_imports_folder_len;

void mpr_imports_start(const char *stdlib)
{
    int len = snprintf(folder, sizeof folder, "%s%s", stdlib, MPR_IMPORTS_FOLDER);
    mpr_imports_folder_len = *stdlib && (size_t)len < sizeof folder ? (size_t)len : 0;
}

bool mpr_imports_in_folder(const char *file)
{
    return memcmp(file, folder, mpr_imports_folder_len) == 0 &&
           !strchr(file + mpr_imports_folder_len, '/');
}
