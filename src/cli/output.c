/* SPDX-License-Identifier: MIT */
/* Where the report goes: standard output, a device or pipe, or a file by way of a temporary one
 * beside it, so that an old report survives until the new one is complete. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output_name.h"

static int refuse(const char *name, const char *why, struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_IO, "cannot write %s: %s", name, why);
}

/* Devices, pipes and what is open: no temporary can be put beside them. */
static int open_direct(const char *name, struct mpr_output *output, struct mpr_error *err)
{
    output->fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (output->fd < 0)
        return refuse(name, strerror(errno), err);
    output->owns_fd = true;
    return MPR_OK;
}

static mode_t mode_for(const struct stat *existing)
{
    if (existing)
        return existing->st_mode & 0777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* A file without a name: nothing stays behind if mprun is killed. Not every file system has it. */
static int open_unnamed(const char *path, mode_t mode)
{
    int length = mpr_output_folder_length(path);
    char *directory = length ? mpr_asprintf("%.*s", length, path) : mpr_strdup(".");
    int fd = directory ? open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;
    free(directory);
    if (fd >= 0 && fchmod(fd, mode) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_temporary(
    const char *name, const struct stat *existing, struct mpr_output *output, struct mpr_error *err)
{
    output->fd = open_unnamed(output->path, mode_for(existing));
    output->unnamed = output->owns_fd = output->fd >= 0;
    if (output->unnamed)
        return MPR_OK;
    char *temporary =
        mpr_asprintf("%.*s.mprun-XXXXXX", mpr_output_folder_length(output->path), output->path);
    if (!temporary)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    output->fd = mkostemp(temporary, O_CLOEXEC);
    if (output->fd < 0) {
        int failed = errno;
        free(temporary);
        return refuse(name, strerror(failed), err);
    }
    output->owns_fd = true;
    output->temporary = temporary;
    if (fchmod(output->fd, mode_for(existing)) < 0)
        return refuse(name, strerror(errno), err);
    return MPR_OK;
}

static int check_name(const char *name, const struct mpr_output_name *what, struct mpr_error *err)
{
    if (!what->exists && mpr_has_suffix(name, "/"))
        return refuse(name, "it is no file name", err);
    if (what->exists && S_ISDIR(what->st.st_mode))
        return refuse(name, "it is a directory", err);
    if (what->exists && mpr_has_suffix(name, ".py"))
        return refuse(name, "it is an existing Python file", err);
    if (what->exists && access(name, W_OK) < 0)
        return refuse(name, strerror(errno), err);
    return MPR_OK;
}

static int open_named(const char *name, struct mpr_output *output, struct mpr_error *err)
{
    struct mpr_output_name what;
    int rc = mpr_output_name_resolve(name, &what, err);
    if (rc < 0)
        return rc;
    rc = check_name(name, &what, err);
    if (rc == MPR_OK && what.direct)
        rc = open_direct(name, output, err);
    else if (rc == MPR_OK) {
        output->path = what.path;
        what.path = NULL;
        rc = open_temporary(name, what.exists ? &what.st : NULL, output, err);
    }
    mpr_output_name_release(&what);
    return rc;
}

int mpr_output_open(const char *name, struct mpr_output *ret_output, struct mpr_error *err)
{
    struct mpr_output output = {.fd = STDOUT_FILENO};
    int rc = MPR_OK;
    if (name && strcmp(name, "-") != 0)
        rc = open_named(name, &output, err);
    if (rc < 0)
        mpr_output_release(&output);
    else
        *ret_output = output;
    return rc;
}

/* Give the file a name, so that it can be renamed: linkat does not replace. */
static int give_name(struct mpr_output *output, struct mpr_error *err)
{
    char source[64];
    snprintf(source, sizeof(source), "/proc/self/fd/%d", output->fd);
    for (int i = 0; i < 100; i++) {
        char *name = mpr_asprintf("%.*s.mprun-%ld-%d", mpr_output_folder_length(output->path),
            output->path, (long)getpid(), i);
        if (!name)
            return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
        if (linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
            output->temporary = name;
            output->unnamed = false;
            return MPR_OK;
        }
        free(name);
        if (errno != EEXIST)
            break;
    }
    return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
}

static int commit(struct mpr_output *output, struct mpr_error *err)
{
    if (output->unnamed && give_name(output, err) < 0)
        return MPR_ERR_IO;
    if (output->owns_fd) {
        output->owns_fd = false;
        if (close(output->fd) < 0) /* NFS and quotas tell here */
            return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    }
    if (!output->temporary)
        return MPR_OK;
    if (rename(output->temporary, output->path) < 0)
        return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    free(output->temporary);
    output->temporary = NULL;
    return MPR_OK;
}

int mpr_output_write(struct mpr_output *output, const char *bytes, size_t len,
    bool *ret_reader_gone, struct mpr_error *err)
{
    bool reader_gone = false;
    if (mpr_write_all(output->fd, bytes, len, NULL) < 0) {
        if (errno != EPIPE)
            return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
        reader_gone = true;
    }
    *ret_reader_gone = reader_gone;
    return commit(output, err);
}

void mpr_output_release(struct mpr_output *output)
{
    if (output->owns_fd)
        close(output->fd);
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    free(output->path);
    *output = (struct mpr_output){.fd = -1};
}
