/* SPDX-License-Identifier: MIT */
/* A session's configuration out of the recording that the supervisor has made. */
#ifndef MPRUN_CONTAINER_CONFIG_H
#define MPRUN_CONTAINER_CONFIG_H

#include "mprun/session.h"

/* The view of the recording that the configuration's text lies in. */
struct mpr_config_view {
    void *start;
    size_t size;
    const char **patterns;
    size_t patterns_size;
};

/* Read the settings behind `fd`. The view is to be released once the session is armed. */
int mpr_config_read(int fd, struct mpr_session_config *ret_config, struct mpr_config_view *ret_view,
    struct mpr_error *err);
void mpr_config_release(struct mpr_config_view *view);

#endif
