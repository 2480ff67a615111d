/* SPDX-License-Identifier: MIT */
/* --func patterns: parse, match, nearest names. Pure: no allocation, no system call, no Python, so
 * that the target can use it too.
 *
 * PATTERN is [SCOPE:]NAME. NAME matches whole dotted components at the end of module.qualname,
 * `<locals>` left out; `*` and `?` as in shells, `*` crosses dots. Without SCOPE it looks in the
 * user's own code; SCOPE names a module (whole dotted components at its end, or the start of a
 * package: `json` also reaches json.decoder) or a file (if it holds `/`, ends in `.py` or begins
 * with
 * `<`: matches whole path components at the end of the file's path), and reaches everything. */
#ifndef MPRUN_PATTERN_H
#define MPRUN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"

/* Spans over the text given to parse, which must outlive the pattern. */
struct mpr_pattern {
    const char *text;
    const char *scope; /* NULL without */
    size_t scope_len;
    const char *name;
    size_t name_len;
    bool scope_is_file;
};

/* What is held against a pattern. Borrowed. */
struct mpr_subject {
    const char *module;   /* "pkg.io"; "" if unknown */
    const char *qualname; /* as CPython has it, with <locals> */
    const char *file;
    bool users_code; /* neither standard library nor site-packages */
};

/* MPR_ERR_INVALID: empty, empty side of a colon, empty component. */
int mpr_pattern_parse(const char *text, struct mpr_pattern *ret_pattern, struct mpr_error *err);

/* Does the pattern name the subject itself, or a function or class that encloses it lexically
 * (a nested function is selected with its outer one)? */
bool mpr_pattern_match(const struct mpr_pattern *pattern, const struct mpr_subject *subject);

/* How far a pattern's NAME is from a subject's name, 0 equal, for ordering "did you mean";
 * SIZE_MAX if too far to be worth a mention. */
size_t mpr_pattern_distance(
    const struct mpr_pattern *pattern, const char *module, const char *qualname);

#endif
