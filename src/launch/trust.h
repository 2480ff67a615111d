/* SPDX-License-Identifier: MIT */
/* Who could change what mprun is about to load. */
#ifndef MPRUN_LAUNCH_TRUST_H
#define MPRUN_LAUNCH_TRUST_H

#include <stdbool.h>
#include <sys/stat.h>

#include "mprun/base.h"

#define MPR_TRUST_NOBODY ((uid_t)-1)

/* Beside root, who may do anything anyway. */
struct mpr_trust {
    uid_t self;
    uid_t program; /* the owner of the running mprun, which does what that one wants */
    uid_t unknown; /* what all owners look like that a user name space has no number for */
};

void mpr_trust_init(struct mpr_trust *ret_trust);
/* Of the text of a uid_map: has the name space a user of that number? Pure. */
bool mpr_trust_is_mapped(const char *map, uid_t user);
/* May only they and root change it? NULL if so, else what is wrong, static. `listed`: it has an
 * access list, of which the mode tells the widest right only. */
const char *mpr_trust_judge(const struct mpr_trust *trust, const struct stat *st, bool listed);
/* The file or folder, and all folders on the way to it. MPR_ERR_UNSUPPORTED: the message names what
 * a stranger may change. */
int mpr_trust_check(const char *path, struct mpr_error *err);

#endif
