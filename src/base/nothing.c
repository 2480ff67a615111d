/* SPDX-License-Identifier: MIT */
/* A file that has nothing in it, also where there is no /dev. */
#include <fcntl.h>
#include <sys/mman.h>

#include "mprun/base.h"

int mpr_open_nothing(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return fd >= 0 ? fd : memfd_create("mprun-nothing", MFD_CLOEXEC);
}
