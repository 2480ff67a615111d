/* SPDX-License-Identifier: MIT */
/* The embedded container: the host as an executable of its own, linked with libpython. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "host.h"
#include "mprun/children.h"
#include "mprun/takeover.h"

/* The library for what this process starts stands beside the executable, whose path has been chosen
 * so that it can be preloaded. */
static void start_children(void)
{
    const char *path = (const char *)getauxval(AT_EXECFN);
    if (path)
        mpr_children_start_beside(path);
}

/* As exec names a python: whoever looks for that by name finds it, and who looks for mprun does
 * not. */
static void take_name(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    if (argv0)
        prctl(PR_SET_NAME, slash ? slash + 1 : argv0);
}

int main(int argc, char **argv, char **envp)
{
    const char *recording = getenv(MPR_ENV_RECORDING);
    int fd = recording ? mpr_rec_find(recording) : -1;
    if (fd < 0) {
        fprintf(stderr, "mprun: this is a part of mprun; start a program with: mprun SCRIPT\n");
        return MPR_HOST_REFUSED;
    }
    take_name(argv[0]);
    mpr_block_cut(envp, MPR_ENV_RECORDING);
    start_children();
    return mpr_host_run(argc, argv, fd, MPR_REC_EMBEDDED);
}
