/* SPDX-License-Identifier: MIT */
/* The next definitions of the functions that start programs. */
#ifndef MPRUN_CHILDREN_EXEC_H
#define MPRUN_CHILDREN_EXEC_H

#include <spawn.h>

#include "mprun/children.h"

#define MPR_EXEC_EXPORT __attribute__((visibility("default")))

/* Where the process's own environment stands, for mpr_children_give. */
#define MPR_EXEC_OWN ((char *const *const *)&environ)

/* Declares `room` and `size` for mpr_children_give, on the stack of who says this. */
#define MPR_EXEC_ROOM(environment)                                                                 \
    size_t size = mpr_children_room(environment);                                                  \
    void *room = __builtin_alloca(size + 1)

typedef int mpr_spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *,
    const posix_spawnattr_t *, char *const[], char *const[]);

enum mpr_exec {
    MPR_EXEC_EXECVE,
    MPR_EXEC_EXECV,
    MPR_EXEC_EXECVP,
    MPR_EXEC_EXECVPE,
    MPR_EXEC_FEXECVE,
    MPR_EXEC_EXECVEAT,
    MPR_EXEC_SPAWN,
    MPR_EXEC_SPAWNP,
    MPR_EXEC_SYSTEM,
    MPR_EXEC_POPEN,
    MPR_EXEC_COUNT,
};

/* Looked up once, at load: a vfork child must not. NULL: there is none. */
void *mpr_exec_next(enum mpr_exec which);

/* A child was started. */
void mpr_exec_spawned(void);

#endif
