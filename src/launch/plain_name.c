/* SPDX-License-Identifier: MIT */
/* LD_PRELOAD splits at spaces and colons, and the loader expands $ORIGIN and the like in all that
 * it loads. A folder with these in its name is given the name of a descriptor of mprun's, by which
 * the target and what it starts reach it as long as mprun runs; they inherit none. */
#include "plain_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Never one of the standard streams, which may be closed. */
static int open_folder(const char *directory)
{
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int failed = errno;
    close(fd);
    errno = failed;
    return other;
}

int mpr_plain_name(const char *directory, char **ret_name, int *ret_fd, struct mpr_error *err)
{
    char self[32]; /* as /proc numbers it, which may have been mounted outside of a pid namespace */
    if (!strpbrk(directory, " :$")) {
        *ret_name = mpr_strdup(directory);
        return *ret_name ? 0 : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    ssize_t len = readlink("/proc/self", self, sizeof self - 1);
    int fd = len > 0 ? open_folder(directory) : -1;
    if (fd < 0)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "mprun cannot be used from %s: the name holds a space, a colon or a dollar sign, and "
            "another cannot be had: %s; install it elsewhere",
            directory, strerror(errno));
    self[len] = '\0';
    char *name = mpr_asprintf("/proc/%s/fd/%d", self, fd);
    if (!name) {
        close(fd);
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    *ret_name = name;
    *ret_fd = fd;
    return 0;
}
