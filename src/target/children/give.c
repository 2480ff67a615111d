/* SPDX-License-Identifier: MIT */
/* The environment that an exec is done with: the caller's, and behind what it has in LD_PRELOAD the
 * library, which must not come before an allocator or a sanitizer of the program's. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "mprun/sys.h"
#include "mprun/takeover.h"

#define PRELOAD "LD_PRELOAD="
#define MAX_PATH ((size_t)4096)

/* Of what goes to the stack. */
#define MAX_VARIABLES ((size_t)2048)
#define MAX_PRELOAD ((size_t)4096) /* with the library's path */
#define MAX_NAME ((size_t)8192)

static struct {
    char path[MAX_PATH / 2]; /* of the library; empty: nothing is given */
    dev_t device;
    ino_t inode;
} library;

/* Under another root the path may be nothing, or somebody else's; to another user, closed. What the
 * loader cannot open it complains about. */
static bool is_there(void)
{
    struct stat now;
    int fd = mpr_sys_open(library.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool same = fstat(fd, &now) == 0 && now.st_dev == library.device && now.st_ino == library.inode;
    mpr_sys_close(fd);
    return same;
}

/* LD_PRELOAD splits at spaces and colons, and expands $. */
void mpr_children_start(const char *path)
{
    struct stat found;
    int saved = errno;
    if (path[0] == '/' && strlen(path) < sizeof library.path && !strpbrk(path, " :$") &&
        stat(path, &found) == 0 && S_ISREG(found.st_mode)) {
        strcpy(library.path, path);
        library.device = found.st_dev;
        library.inode = found.st_ino;
        mpr_judge_start();
    }
    errno = saved;
}

void mpr_children_start_beside(const char *file)
{
    char path[MAX_PATH];
    const char *slash = strrchr(file, '/');
    size_t len = slash ? (size_t)(slash + 1 - file) : 0;
    if (len == 0 || len + sizeof MPR_CHILDREN_LIBRARY > sizeof path)
        return;
    memcpy(path, file, len);
    strcpy(path + len, MPR_CHILDREN_LIBRARY);
    mpr_children_start(path);
}

static bool starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* For what asks the loader to tell of its work, the library would be in the answer; and an mprun
 * inside of this one gives its own. */
static bool is_left_alone(const char *variable)
{
    return starts(variable, "LD_TRACE_") || starts(variable, "LD_DEBUG=") ||
           starts(variable, MPR_ENV_RECORDING "=") ||
           (starts(variable, PRELOAD) && strstr(variable, library.path));
}

/* Pointers first, then the one string that is new. Nothing is read but pointers: other threads may
 * change the vector. */
size_t mpr_children_room(char *const *environment)
{
    size_t count = 0;
    if (!library.path[0])
        return 0;
    while (environment && environment[count])
        if (count++ == MAX_VARIABLES)
            return 0;
    return (count + 2) * sizeof(char *) + MAX_PRELOAD;
}

/* The vector as it is now, with the end, in the first `limit` places. Their number, or more. */
static size_t copy(char *const *environment, char **entry, size_t limit)
{
    size_t count = 0;
    for (; environment && count < limit; count++) {
        entry[count] = environment[count];
        if (!entry[count])
            return count;
    }
    if (!environment && limit)
        entry[0] = NULL;
    return environment ? limit : 0;
}

/* Behind what LD_PRELOAD has: the library must not come before an allocator or a sanitizer. */
static bool write_preload(const char *old, char *text)
{
    size_t len = old ? strlen(old) : sizeof PRELOAD - 1;
    if (len + 1 + strlen(library.path) + 1 > MAX_PRELOAD)
        return false;
    memcpy(text, old ? old : PRELOAD, len);
    if (old)
        text[len++] = ':';
    strcpy(text + len, library.path);
    return true;
}

/* The loader takes the last one of a name. */
static bool add(char **entry, size_t count, char *text)
{
    size_t place = count;
    for (size_t i = 0; i < count; i++) {
        if (is_left_alone(entry[i]))
            return false;
        if (starts(entry[i], PRELOAD))
            place = i;
    }
    if (!write_preload(place < count ? entry[place] : NULL, text))
        return false;
    entry[place] = text;
    if (place == count)
        entry[count + 1] = NULL;
    return true;
}

static bool give(
    const struct mpr_children_file *file, char *const *const *source, void *room, size_t size)
{
    if (size < MAX_PRELOAD || !file->path || !is_there() || !mpr_judge(file))
        return false;
    char **entry = room;
    size_t limit = (size - MAX_PRELOAD) / sizeof *entry;
    char *const *environment = *(char *const *const volatile *)source;
    size_t count = copy(environment, entry, limit);
    if (count + 2 > limit || *(char *const *const volatile *)source != environment)
        return false; /* it has grown, or is another one by now */
    return add(entry, count, (char *)(entry + limit));
}

char *const *mpr_children_give(
    const struct mpr_children_file *file, char *const *const *source, void *room, size_t size)
{
    int saved = errno;
    bool given = give(file, source, room, size);
    errno = saved;
    return given ? room : NULL;
}

/* --- names --- */

static bool is_program(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

/* The first that execvp would try with success. `path` has room for each. */
static bool search(const char *folders, const char *name, char *path)
{
    for (const char *at = folders;; at++) {
        size_t len = strcspn(at, ":");
        memcpy(path, at, len);
        path[len] = '/';
        strcpy(path + len + (len > 0), name);
        if (is_program(path))
            return true;
        at += len;
        if (!*at)
            return false;
    }
}

char *const *mpr_children_give_by_name(
    const char *name, char *const *const *source, void *room, size_t size)
{
    int saved = errno;
    const char *folders = getenv("PATH");
    struct mpr_children_file file = {AT_FDCWD, name, true};
    char *const *given = NULL;
    if (size == 0 || !name || !*name)
        return NULL;
    if (!folders)
        folders = "/bin:/usr/bin"; /* the C library's default */
    bool by_path = strchr(name, '/') != NULL;
    size_t length = by_path ? 1 : strlen(folders) + strlen(name) + 2;
    char *path = length <= MAX_NAME ? __builtin_alloca(length) : NULL;
    if (path && !by_path)
        file.path = search(folders, name, path) ? path : NULL;
    if (path && file.path)
        given = mpr_children_give(&file, source, room, size);
    errno = saved;
    return given;
}
