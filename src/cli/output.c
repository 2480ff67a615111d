/* SPDX-License-Identifier: MIT */
/* Where the report goes: standard output, a device or pipe, or a file by way of a temporary one
 * beside it, so that an old report survives until the new one is complete. The new file takes the
 * old one's place where it can be all that that is, else its bytes do. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "output_name.h"

/* Devices, pipes and what is open: no temporary can be put beside them. */
static int open_direct(const char *name, struct mpr_output *output, struct mpr_error *err)
{
    output->fd = open(name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (output->fd < 0)
        return mpr_output_refuse(name, strerror(errno), err);
    output->owns_fd = true;
    return 0;
}

static mode_t mode_of_new_file(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* A file without a name: nothing stays behind if mprun is killed. Not every file system has it. */
static int open_unnamed(const char *path)
{
    int length = mpr_output_folder_length(path);
    char *folder = length ? mpr_asprintf("%.*s", length, path) : mpr_strdup(".");
    int fd = folder ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    free(folder);
    return fd;
}

static int open_temporary(struct mpr_output *output)
{
    output->fd = open_unnamed(output->path);
    output->unnamed = output->owns_fd = output->fd >= 0;
    if (output->unnamed)
        return output->fd;
    char *temporary =
        mpr_asprintf("%.*s.mprun-XXXXXX", mpr_output_folder_length(output->path), output->path);
    output->fd = temporary ? mkostemp(temporary, O_CLOEXEC) : -1;
    output->owns_fd = output->fd >= 0;
    if (output->owns_fd)
        output->temporary = temporary;
    else
        free(temporary);
    return output->fd;
}

/* Where nothing can be made beside a file that can be written. */
static int open_memory(struct mpr_output *output)
{
    output->fd = memfd_create("mprun-report", MFD_CLOEXEC);
    output->owns_fd = output->in_place = output->fd >= 0;
    return output->fd;
}

/* Make the new file what the old one is. Other names of it, another's ownership and lists of rights
 * cannot be had for a new one. */
static bool can_be_like(const struct mpr_output *output, const struct stat *old)
{
    struct stat new;
    if (old->st_nlink > 1 || getxattr(output->path, "system.posix_acl_access", NULL, 0) > 0)
        return false;
    if (fstat(output->fd, &new) < 0)
        return false;
    if ((new.st_uid != old->st_uid || new.st_gid != old->st_gid) &&
        fchown(output->fd, old->st_uid, old->st_gid) < 0)
        return false;
    return fchmod(output->fd, old->st_mode & 07777) == 0; /* behind fchown, which takes bits away */
}

static int open_file(const char *name, const struct mpr_output_name *what,
    struct mpr_output *output, struct mpr_error *err)
{
    output->path = mpr_strdup(what->path);
    if (!output->path)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (open_temporary(output) < 0) {
        int failed = errno; /* of the folder, which is to blame */
        if (!what->exists || open_memory(output) < 0)
            return mpr_output_refuse(name, strerror(failed), err);
    }
    if (what->exists)
        output->in_place |= !can_be_like(output, &what->st);
    else if (fchmod(output->fd, mode_of_new_file()) < 0)
        return mpr_output_refuse(name, strerror(errno), err);
    return 0;
}

static int open_named(
    const char *name, const char *const *sources, struct mpr_output *output, struct mpr_error *err)
{
    struct mpr_output_name what;
    int status = mpr_output_name_resolve(name, &what, err);
    if (status < 0)
        return status;
    status = mpr_output_name_check(name, &what, sources, err);
    if (status == 0)
        status = what.direct ? open_direct(name, output, err) : open_file(name, &what, output, err);
    mpr_output_name_release(&what);
    return status;
}

int mpr_output_open(const char *name, const char *const *sources, struct mpr_output *ret_output,
    struct mpr_error *err)
{
    struct mpr_output output = {.fd = STDOUT_FILENO};
    int status = 0;
    if (name && strcmp(name, "-") != 0)
        status = open_named(name, sources, &output, err);
    if (status < 0)
        mpr_output_release(&output);
    else
        *ret_output = output;
    return status;
}

bool mpr_output_replaces(const struct mpr_output *output, const char *path)
{
    struct stat ours, theirs;
    return output->path && stat(output->path, &ours) == 0 && stat(path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* --- from the temporary file to its place --- */

static int fail(struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
}

/* Give the file a name, so that it can be renamed: linkat does not replace. */
static int give_name(struct mpr_output *output)
{
    char source[64];
    snprintf(source, sizeof source, "/proc/self/fd/%d", output->fd);
    for (int i = 0; i < 100; i++) {
        char *name = mpr_asprintf("%.*s.mprun-%ld-%d", mpr_output_folder_length(output->path),
            output->path, (long)getpid(), i);
        if (!name)
            return -1;
        if (linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
            output->temporary = name;
            output->unnamed = false;
            return 0;
        }
        free(name);
        if (errno != EEXIST)
            break;
    }
    return -1;
}

static int replace(struct mpr_output *output)
{
    if (output->unnamed && give_name(output) < 0)
        return -1;
    if (rename(output->temporary, output->path) < 0)
        return -1;
    free(output->temporary);
    output->temporary = NULL;
    return 0;
}

/* All bytes of a file over those of another. */
static int copy(int from, int to, off_t size)
{
    char chunk[65536];
    for (off_t at = 0; at < size;) {
        ssize_t got = pread(from, chunk, sizeof chunk, at);
        if (got <= 0 || mpr_write_all(to, chunk, (size_t)got, NULL) < 0)
            return -1;
        at += got;
    }
    return ftruncate(to, size);
}

static int write_into(int to, const struct mpr_output *output, struct mpr_error *err)
{
    struct stat old, new;
    if (fstat(to, &old) < 0 || fstat(output->fd, &new) < 0)
        return fail(err);
    if (!S_ISREG(old.st_mode))
        return mpr_error_set(err, MPR_ERR_IO, "it is no file any more");
    /* An old report is lost only when there is room for the new one. */
    if (fallocate(to, FALLOC_FL_KEEP_SIZE, 0, new.st_size) < 0 &&
        (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        return fail(err);
    return copy(output->fd, to, new.st_size) < 0 ? fail(err) : 0;
}

/* The bytes instead of the file. Not with O_CREAT at once: in folders for everybody the kernel
 * refuses that for another's file. */
static int write_over(const struct mpr_output *output, struct mpr_error *err)
{
    const int flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    int to = open(output->path, flags);
    bool made = to < 0 && errno == ENOENT;
    if (made)
        to = open(output->path, flags | O_CREAT | O_EXCL, 0666);
    if (to < 0)
        return fail(err);
    int status = write_into(to, output, err);
    if (close(to) < 0 && status == 0)
        status = fail(err);
    if (status < 0 && made)
        unlink(output->path);
    return status;
}

/* Folders of others, links that the file system or a filter refuses, no /proc, a file that is a
 * mount: a file may be written where none can be put. */
static int commit(struct mpr_output *output, struct mpr_error *err)
{
    /* NFS and quotas tell only here that there was no room. */
    int twin = output->owns_fd ? dup(output->fd) : -1;
    if (twin >= 0 && close(twin) < 0)
        return fail(err);
    if (!output->path || (!output->in_place && replace(output) == 0))
        return 0;
    return write_over(output, err);
}

int mpr_output_put(void *to, const char *bytes, size_t len)
{
    struct mpr_output *output = to;
    if (output->reader_gone)
        return 0;
    output->begun = true;
    if (mpr_write_all(output->fd, bytes, len, NULL) == 0)
        return 0;
    output->reader_gone = errno == EPIPE;
    output->failed = output->reader_gone ? 0 : errno;
    return output->failed ? MPR_ERR_IO : 0;
}

bool mpr_output_restart(struct mpr_output *output)
{
    if (!output->begun && !output->path)
        return true;
    /* A format that owns its file has written to it by itself. */
    if (!output->path || ftruncate(output->fd, 0) < 0 || lseek(output->fd, 0, SEEK_SET) < 0)
        return false;
    output->begun = false;
    output->failed = 0;
    return true;
}

int mpr_output_finish(struct mpr_output *output, struct mpr_error *err)
{
    errno = output->failed;
    return output->failed ? fail(err) : commit(output, err);
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
