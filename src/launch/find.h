/* SPDX-License-Identifier: MIT */
/* Which python the user's shell would run. */
#ifndef MPRUN_LAUNCH_FIND_H
#define MPRUN_LAUNCH_FIND_H

#include "mprun/base.h"

/* An interpreter, by the names that exec gets. Owned strings. */
struct mpr_found {
    char *path;  /* not resolved: a venv is found by the link's own place */
    char *argv0; /* the bare name where it was found on PATH */
};

/* The file that a shell would run for `name` with that PATH (NULL: the system's default), the
 * caller's; NULL if there is none. A name with a slash is returned as it is, if executable. */
char *mpr_find_on_path(const char *name, const char *path);

/* Find the interpreter `python`, or if NULL VIRTUAL_ENV's, that of the environment that mprun is
 * installed in, or python3 on PATH; a shim script is run to learn what is behind it.
 * MPR_ERR_NOTFOUND: there is none. */
int mpr_find_interpreter(const char *python, char *const *environment, struct mpr_found *ret_found,
    struct mpr_error *err);
void mpr_found_release(struct mpr_found *found);

/* Ask the script `path` for its sys.executable, within ten seconds; the caller's. */
int mpr_shim_resolve(
    const char *path, char *const *environment, char **ret_path, struct mpr_error *err);

#endif
