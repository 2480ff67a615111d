/* SPDX-License-Identifier: MIT */
/* Libraries that end the program where another one comes before them in the loader's list. */
#ifndef MPRUN_SANITIZER_H
#define MPRUN_SANITIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* So much of a library's name tells. */
#define MPR_SANITIZER_NAME ((size_t)40)

static inline bool mpr_sanitizer_contains(const char *name, size_t len, const char *part)
{
    size_t size = strlen(part);
    for (size_t i = 0; i + size <= len; i++)
        if (memcmp(name + i, part, size) == 0)
            return true;
    return false;
}

/* libasan.so.8 of gcc's, libclang_rt.asan-x86_64.so of clang's, and their like; not a path. Calls
 * nothing that a program may have in the C library's place, but strlen and memcmp. */
static inline bool mpr_is_sanitizer(const char *name, size_t len)
{
    static const char gcc[] = "lib", clang[] = "libclang_rt.";
    if (len >= sizeof clang - 1 && memcmp(name, clang, sizeof clang - 1) == 0)
        return mpr_sanitizer_contains(name, len, "san");
    return len >= sizeof gcc - 1 && memcmp(name, gcc, sizeof gcc - 1) == 0 &&
           mpr_sanitizer_contains(name, len, "san.so");
}

#endif
