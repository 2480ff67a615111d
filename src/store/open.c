/* SPDX-License-Identifier: MIT */
/* Which file it is, and what kind. By what is in it: a name says nothing. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load.h"

#define SNIFFED ((size_t)256)

int mpr_store_add_note(struct mpr_profile *profile, char *text, struct mpr_error *err)
{
    char **notes = text ? realloc(profile->notes, (profile->note_count + 2) * sizeof *notes) : NULL;
    if (!notes) {
        free(text);
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    }
    profile->notes = notes;
    notes[profile->note_count++] = text;
    notes[profile->note_count] = NULL;
    return 0;
}

static int check_kind(const struct stat *info, struct mpr_error *err)
{
    if (S_ISDIR(info->st_mode))
        return mpr_error_set(err, MPR_ERR_IO, "it is a directory");
    if (!S_ISREG(info->st_mode))
        return mpr_error_set(err, MPR_ERR_IO, "it is no file, but a pipe or a device");
    if (info->st_size == 0)
        return mpr_error_set(err, MPR_ERR_CORRUPT, "it is empty");
    return 0;
}

static bool is_object(const char *head, size_t len)
{
    size_t at = 0;
    while (at < len && isspace((unsigned char)head[at]))
        at++;
    return at < len && head[at] == '{';
}

static int load(int fd, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct stat info;
    char head[SNIFFED];
    if (fstat(fd, &info) < 0)
        return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    int status = check_kind(&info, err);
    if (status < 0)
        return status;
    ssize_t len = pread(fd, head, sizeof head, 0);
    if (len < 0)
        return mpr_error_set(err, MPR_ERR_IO, "%s", strerror(errno));
    if (mpr_store_begins(head, (size_t)len))
        return mpr_store_load_tables(fd, (uint64_t)info.st_size, ret_profile, err);
    if (is_object(head, (size_t)len))
        return mpr_store_load_json(fd, (uint64_t)info.st_size, ret_profile, err);
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "it is no profile that mprun has saved (-o FILE.mprun, -o FILE.json)");
}

int mpr_store_load(const char *path, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct mpr_error why = {""};
    struct mpr_profile *profile = NULL;
    int status;
    /* Opening a FIFO would wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return mpr_error_set(err, errno == ENOENT ? MPR_ERR_NOTFOUND : MPR_ERR_IO,
            "cannot read %s: %s", path, strerror(errno));
    status = load(fd, &profile, &why);
    if (status == 0)
        status = mpr_profile_check(profile, &why);
    close(fd);
    if (status < 0) {
        mpr_profile_free(profile);
        return mpr_error_set(err, status, "cannot read %s: %.900s", path, why.message);
    }
    *ret_profile = profile;
    return 0;
}
