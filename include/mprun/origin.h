/* SPDX-License-Identifier: MIT */
/* Whose code a file is: decided in one place, asked where the code runs, and recorded with it.
 * Pure: no allocation, no system call, no Python. */
#ifndef MPRUN_ORIGIN_H
#define MPRUN_ORIGIN_H

#include <stddef.h>

enum mpr_origin {
    MPR_ORIGIN_USER,    /* neither of the others: the user's own */
    MPR_ORIGIN_STDLIB,  /* a file of the standard library */
    MPR_ORIGIN_PACKAGE, /* installed: site-packages, dist-packages */
    MPR_ORIGIN_FROZEN,  /* built into the interpreter */
    MPR_ORIGINS,
};

/* Of code with that co_filename. `stdlib` is the standard library's folder without a slash at its
 * end, "" where it is not known. *ret_inside: the offset in `file` at which the name of its top
 * package begins; 0 where it has none. */
enum mpr_origin mpr_origin_of(const char *file, const char *stdlib, size_t *ret_inside);
/* How long the name of the top package is that `inside` begins with: "json/decoder.py",
 * "six.py", "importlib._bootstrap>" (frozen). */
size_t mpr_origin_package_len(enum mpr_origin origin, const char *inside);

#endif
