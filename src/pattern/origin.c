/* SPDX-License-Identifier: MIT */
/* Whose code a file is, by its name alone. */
#include "mprun/origin.h"

#include <stdbool.h>
#include <string.h>

#define FROZEN "<frozen"
#define EXTENSIONS "lib-dynload/"

static bool starts_with(const char *text, const char *start, size_t len)
{
    return strncmp(text, start, len) == 0;
}

/* Behind the folder that packages are installed in; NULL: it is in none. */
static const char *in_packages(const char *file)
{
    static const char *const roots[] = {"/site-packages/", "/dist-packages/"};
    const char *inside = NULL;
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        const char *at = strstr(file, roots[i]);
        if (at)
            inside = at + strlen(roots[i]);
    }
    return inside;
}

static const char *in_standard_library(const char *file, const char *stdlib)
{
    size_t len = strlen(stdlib);
    if (len == 0 || !starts_with(file, stdlib, len) || file[len] != '/')
        return NULL;
    file += len + 1;
    return starts_with(file, EXTENSIONS, strlen(EXTENSIONS)) ? file + strlen(EXTENSIONS) : file;
}

enum mpr_origin mpr_origin_of(const char *file, const char *stdlib, size_t *ret_inside)
{
    enum mpr_origin origin = MPR_ORIGIN_USER;
    const char *inside = NULL;
    if (starts_with(file, FROZEN, strlen(FROZEN))) {
        origin = MPR_ORIGIN_FROZEN;
        inside = file[strlen(FROZEN)] == ' ' ? file + strlen(FROZEN) + 1 : NULL;
    } else if ((inside = in_packages(file))) {
        origin = MPR_ORIGIN_PACKAGE;
    } else if ((inside = in_standard_library(file, stdlib))) {
        origin = MPR_ORIGIN_STDLIB;
    }
    *ret_inside = inside ? (size_t)(inside - file) : 0;
    return origin;
}

size_t mpr_origin_package_len(enum mpr_origin origin, const char *inside)
{
    if (origin == MPR_ORIGIN_FROZEN)
        return strcspn(inside, ".> ");
    size_t len = strcspn(inside, "/");
    return inside[len] ? len : strcspn(inside, ".");
}
