/* SPDX-License-Identifier: MIT */
/* A file of the test's own, for groups of tests that write and read one: the set-up and tear-down
 * of the group. */
#ifndef MPRUN_TESTS_OWN_FILE_H
#define MPRUN_TESTS_OWN_FILE_H

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/mprun-test-XXXXXX";

static inline int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) < 0;
}

static inline int drop_file(void **state)
{
    (void)state;
    return unlink(path);
}

#endif
