/* SPDX-License-Identifier: MIT */
/* A test as a target: with a recording of its own, RSS off. */
#ifndef MPRUN_TESTS_ATTACHED_H
#define MPRUN_TESTS_ATTACHED_H

#include <unistd.h>

#include "mprun/probe.h"
#include "mprun/recording_reader.h"

static inline int attach_recording(void)
{
    int fd;
    if (mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL) < 0)
        return -1;
    int status = mpr_probe_attach(fd, NULL);
    close(fd);
    return status;
}

#endif
