/* SPDX-License-Identifier: MIT */
/* Whose code is the import system's: what that allocates belongs to the line that imports, as
 * CPython leaves its frames out of tracebacks (remove_importlib_frames in Python/import.c). Asked
 * for each frame at allocations there, so what is usual is answered without a call. */
#ifndef MPRUN_IMPORTS_H
#define MPRUN_IMPORTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MPR_IMPORTS_FROZEN "<frozen importlib."
#define MPR_IMPORTS_ZIP "<frozen zipimport>"
#define MPR_IMPORTS_FOLDER "/importlib/"

/* The file of mprun's own Python code, which no pattern selects. */
#define MPR_OWN_FILE "<frozen mprun>"

/* importlib's folder, the slash at its end included, and the length of that; 0: unknown. */
extern struct mpr_imports {
    size_t len;
    char folder[PATH_MAX];
} mpr_imports;

/* The folder of the standard library, borrowed for the call. */
void mpr_imports_start(const char *stdlib);

/* Is that file, whose path ends in importlib/ at the folder's length, in that folder itself? */
bool mpr_imports_in_folder(const char *file);

/* Is that co_filename, `len` bytes and a NUL, of one of importlib's own modules, frozen or not, or
 * of zipimport? Not of importlib.metadata or importlib.resources: these read what a program asks
 * for. */
static inline bool mpr_imports_file(const char *file, size_t len)
{
    const size_t frozen = sizeof MPR_IMPORTS_FROZEN - 1, ending = sizeof MPR_IMPORTS_FOLDER - 1;
    if (len < frozen)
        return false;
    if (file[0] == '<')
        return memcmp(file, MPR_IMPORTS_FROZEN, frozen) == 0 ||
               memcmp(file, MPR_IMPORTS_ZIP, sizeof MPR_IMPORTS_ZIP) == 0;
    return mpr_imports.len > 0 && len > mpr_imports.len &&
           memcmp(file + mpr_imports.len - ending, MPR_IMPORTS_FOLDER, ending) == 0 &&
           mpr_imports_in_folder(file);
}

#endif
