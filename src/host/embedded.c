/* SPDX-License-Identifier: MIT */
/* The embedded container: the host as an executable of its own, linked with libpython. */
#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "mprun/takeover.h"

int main(int argc, char **argv)
{
    const char *recording = getenv(MPR_ENV_RECORDING);
    if (!recording) {
        fprintf(stderr, "mprun: this is a part of mprun; start a program with: mprun SCRIPT\n");
        return MPR_HOST_REFUSED;
    }
    int fd = atoi(recording);
    unsetenv(MPR_ENV_RECORDING);
    return mpr_host_run(argc, argv, fd, MPR_REC_EMBEDDED);
}
