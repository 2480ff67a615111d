/* SPDX-License-Identifier: MIT */
/* What the target and a plain command have in common: how they are forked, and what they are given
 * of how mprun was started. */
#ifndef MPRUN_START_H
#define MPRUN_START_H

#include <sys/time.h>

#include "environment.h"
#include "mprun/launch.h"

/* What exec keeps and fork does not, so that mprun was given what is the target's. */
struct mpr_start_kept {
    struct itimerval timer[3]; /* by number */
    int is_subreaper;
};

/* What the child needs, all made before the fork. Borrowed. */
struct mpr_start_plan {
    const char *executable;
    char **args;
    char *
        *shell_args; /* of a shell that runs what the kernel knows no format of; NULL: none does */
    char **environment;
    const struct mpr_inherited *inherited;
    int recording_fd; /* -1: none */
    struct mpr_environment_ids ids;
    int exec_errno; /* why exec failed, 0 if it did not */
    /* Filled in by the fork. */
    pid_t parent;
    struct mpr_start_kept kept;
    int report_fd;
};

/* Returns after exec has succeeded. */
int mpr_start_fork(struct mpr_start_plan *plan, pid_t *ret_pid, struct mpr_error *err);

#endif
