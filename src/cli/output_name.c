/* SPDX-License-Identifier: MIT */
/* Follow a name to the file that it stands for, as open would, and see whether that may go. */
#include "output_name.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel's own limit */

int mpr_output_folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path + 1) : 0;
}

/* What lies in /proc, /dev/stdout and /dev/fd/3 among it, stands for something that is open. */
static bool is_in_proc(const char *path)
{
    struct statfs system;
    int length = mpr_output_folder_length(path);
    char *folder = length ? mpr_asprintf("%.*s", length, path) : mpr_strdup(".");
    bool in_proc = folder && statfs(folder, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
    free(folder);
    return in_proc;
}

/* Where a symbolic link leads, the caller's; NULL if `path` is none. */
static char *next_of(const char *path)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len <= 0)
        return NULL;
    target[len] = '\0';
    int folder = target[0] == '/' ? 0 : mpr_output_folder_length(path);
    return mpr_asprintf("%.*s%s", folder, path, target);
}

/* Also where the last link leads to nothing yet. Stops at what is open. */
static char *follow(const char *name, bool *ret_open)
{
    char *path = mpr_strdup(name);
    for (int links = 0; path; links++) {
        *ret_open = is_in_proc(path);
        char *next = *ret_open ? NULL : next_of(path);
        if (!next)
            return path;
        free(path);
        path = next;
        if (links < LINKS_MAX)
            continue;
        free(path);
        errno = ELOOP;
        return NULL;
    }
    errno = ENOMEM;
    return NULL;
}

int mpr_output_refuse(const char *name, const char *why, struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_IO, "cannot write %s: %s", name, why);
}

int mpr_output_name_resolve(
    const char *name, struct mpr_output_name *ret_name, struct mpr_error *err)
{
    struct mpr_output_name found = {0};
    bool is_open = false;
    /* First as it is: the kernel may forbid to follow a stranger's link, which readlink would not
     * notice. */
    found.exists = stat(name, &found.st) == 0;
    if (!found.exists && errno != ENOENT)
        return mpr_output_refuse(name, strerror(errno), err);
    found.path = follow(name, &is_open);
    if (!found.path)
        return mpr_output_refuse(name, strerror(errno), err);
    found.direct = is_open || (found.exists && !S_ISREG(found.st.st_mode));
    *ret_name = found;
    return 0;
}

/* Nobody writes a report over them but by mistake. */
static bool is_python_name(const char *path)
{
    static const char *const endings[] = {
        ".py", ".pyw", ".pyi", ".pyx", ".pxd", ".pyz", ".pyc", ".ipynb"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (mpr_has_suffix(path, endings[i]))
            return true;
    return false;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int mpr_output_name_check(const char *name, const struct mpr_output_name *what,
    const char *const *sources, struct mpr_error *err)
{
    struct stat source;
    if (!what->exists)
        return mpr_has_suffix(name, "/") ? mpr_output_refuse(name, "it is no file name", err) : 0;
    if (S_ISDIR(what->st.st_mode))
        return mpr_output_refuse(name, "it is a directory", err);
    if (is_python_name(name) || is_python_name(what->path))
        return mpr_output_refuse(name, "it is an existing Python file", err);
    for (; sources && *sources && !what->direct; sources++)
        if (stat(*sources, &source) == 0 && is_same(&source, &what->st))
            return mpr_output_refuse(name, "it is the program's own", err);
    return access(name, W_OK) < 0 ? mpr_output_refuse(name, strerror(errno), err) : 0;
}

void mpr_output_name_release(struct mpr_output_name *name)
{
    free(name->path);
    *name = (struct mpr_output_name){0};
}
