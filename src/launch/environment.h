/* SPDX-License-Identifier: MIT */
/* The target's environment: the user's, with what the host needs. */
#ifndef MPRUN_LAUNCH_ENVIRONMENT_H
#define MPRUN_LAUNCH_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "mprun/base.h"

/* The value of `name` in a NULL-terminated environment, borrowed; NULL without. */
const char *mpr_environment_get(char *const *environment, const char *name);

/* What is added. */
struct mpr_environment_extra {
    const char *preload;      /* library to go into LD_PRELOAD, or NULL */
    const char *host_library; /* MPR_ENV_HOST, or NULL */
    int recording_fd;         /* MPR_ENV_RECORDING */
};

/* The length of the user's LD_PRELOAD up to the end of the last sanitizer in it; 0: there is none.
 * A sanitizer must be the first library: one that is not ends the program. */
size_t mpr_environment_sanitizers(const char *preloaded);

/* LD_PRELOAD becomes "preload:the user's value" in its place, with sanitizers first, or "preload"
 * as the first variable behind the user's; then MPR_ENV_RECORDING and MPR_ENV_HOST. The array and
 * its new strings are the caller's, the other strings are borrowed; NULL on failed allocation. */
char **mpr_environment_build(char *const *environment, const struct mpr_environment_extra *extra);
void mpr_environment_free(char **built, char *const *environment);

#define MPR_ENVIRONMENT_IDS ((size_t)4)

/* The variables by which systemd names the process that it has started, where that is mprun: the
 * program asks whether it is that one. */
struct mpr_environment_ids {
    char *value[MPR_ENVIRONMENT_IDS]; /* in `built`, with room for any number; NULL: not this one */
};

/* In the parent: find them, and give them room. false on failed allocation. */
bool mpr_environment_find_ids(char **built, struct mpr_environment_ids *ret_ids);
/* In the child, which they name from here on; async-signal-safe. */
void mpr_environment_own_ids(const struct mpr_environment_ids *ids);

#endif
