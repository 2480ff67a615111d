/* SPDX-License-Identifier: MIT */
/* What the name of an output stands for. The file is asked, not its path: whatever lies below /dev
 * may be a device, a descriptor or a plain file. */
#ifndef MPRUN_CLI_OUTPUT_NAME_H
#define MPRUN_CLI_OUTPUT_NAME_H

#include <stdbool.h>
#include <sys/stat.h>

#include "mprun/base.h"

struct mpr_output_name {
    char *path;     /* behind all symbolic links; owned */
    bool exists;    /* st is valid */
    bool direct;    /* a device, a pipe or somebody's descriptor: nothing can be put in its place */
    struct stat st; /* of what is at path */
};

/* MPR_ERR_IO names what cannot be followed. */
int mpr_output_name_resolve(
    const char *name, struct mpr_output_name *ret_name, struct mpr_error *err);
/* May the report be put there? `sources` are paths, NULL-terminated, or NULL. */
int mpr_output_name_check(const char *name, const struct mpr_output_name *what,
    const char *const *sources, struct mpr_error *err);
void mpr_output_name_release(struct mpr_output_name *name);

/* MPR_ERR_IO, with the name and the reason. */
int mpr_output_refuse(const char *name, const char *why, struct mpr_error *err);
/* Of a path: what stands before the last component, its slash included; 0 if there is no slash. */
int mpr_output_folder_length(const char *path);

#endif
