/* SPDX-License-Identifier: MIT */
/* Which function a report in JSON means, where it has names and lines. */
#ifndef MPRUN_STORE_JSON_FUNCTIONS_H
#define MPRUN_STORE_JSON_FUNCTIONS_H

#include "mprun/profile.h"

struct mpr_json_functions {
    const struct mpr_profile *profile; /* borrowed; its functions stay as they are */
    size_t *order;                     /* indices, by qualified name, then file */
    uint64_t steps_left;               /* from one function to the next of the same name */
};

/* All functions of the profile. MPR_ERR_NOMEM; release it in any case. */
int mpr_json_functions_init(
    struct mpr_json_functions *functions, const struct mpr_profile *profile, struct mpr_error *err);
void mpr_json_functions_release(struct mpr_json_functions *functions);

/* The first of that name, and of that file unless it is NULL, whose lines hold `line`; else the
 * first of them. MPR_NONE: there is none. */
size_t mpr_json_functions_find(
    struct mpr_json_functions *functions, const char *qualname, const char *file, uint32_t line);
bool mpr_json_function_holds(const struct mpr_profile_function *function, uint32_t line);

#endif
