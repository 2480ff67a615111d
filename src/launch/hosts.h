/* SPDX-License-Identifier: MIT */
/* The hosts that are installed beside this mprun. */
#ifndef MPRUN_LAUNCH_HOSTS_H
#define MPRUN_LAUNCH_HOSTS_H

#include <stdint.h>

#include "mprun/base.h"

/* "3.11" of a Py_Version. */
#define MPR_VERSION_MAJOR(version) ((unsigned)((version) >> 24 & 0xff))
#define MPR_VERSION_MINOR(version) ((unsigned)((version) >> 16 & 0xff))
#define MPR_VERSION_MICRO(version) ((unsigned)((version) >> 8 & 0xff))

/* The directory with the libraries, absolute, the caller's: the running executable's own (a build
 * tree), or ../libexec/mprun seen from it where it is in a bin. MPR_ERR_UNSUPPORTED, also of what
 * follows: a stranger may change what is there. */
int mpr_hosts_directory(char **ret_directory, struct mpr_error *err);

/* The file of the host for a version, the caller's. MPR_ERR_NOTFOUND: not installed; the message
 * says which are. `who` names the interpreter. */
int mpr_hosts_library(const char *directory, uint32_t version, const char *who, char **ret_path,
    struct mpr_error *err);
int mpr_hosts_embedded(const char *directory, uint32_t version, const char *who, char **ret_path,
    struct mpr_error *err);
/* The embedded host of the newest version. */
int mpr_hosts_newest_embedded(const char *directory, char **ret_path, struct mpr_error *err);

#endif
