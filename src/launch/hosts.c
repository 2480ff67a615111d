/* SPDX-License-Identifier: MIT */
/* The hosts that are installed beside this mprun, found by their file names. */
#include "hosts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mprun/launch.h"
#include "trust.h"

/* Of one family. */
#define MPR_HOSTS_MAX (MPR_LAUNCH_HOSTS_MAX / 2)

/* A container: how its files are named. */
struct host_family {
    const char *what;
    const char *prefix;
    const char *suffix;
    int access;
};

static const struct host_family in_interpreter = {"host", "libmprun-host-", ".so", R_OK};
static const struct host_family embedded = {"embedded host", "mprun-host-", "", X_OK};

static const char preload[] = "libmprun-preload.so";

/* The folder of the running executable, the caller's. */
static int own_folder(char **ret_folder, struct mpr_error *err)
{
    int status = mpr_launch_own_program(ret_folder, err);
    char *slash = status == 0 ? strrchr(*ret_folder, '/') : NULL;
    if (slash)
        *slash = '\0';
    return status;
}

/* Are mprun's libraries there? */
static bool has_libraries(const char *folder)
{
    char *probe = mpr_asprintf("%s/%s", folder, preload);
    bool there = probe && access(probe, R_OK) == 0;
    free(probe);
    return there;
}

/* The folder, and the libraries that are loaded whatever the Python is. */
static int check_libraries(const char *folder, struct mpr_error *err)
{
    static const char *const names[] = {preload, "libmprun-children.so"};
    int status = mpr_trust_check(folder, err);
    for (size_t i = 0; status == 0 && i < sizeof names / sizeof *names; i++) {
        char *path = mpr_asprintf("%s/%s", folder, names[i]);
        if (!path)
            status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
        else if (access(path, F_OK) == 0)
            status = mpr_trust_check(path, err);
        free(path);
    }
    return status;
}

/* The libraries are beside the program, or where it was installed to. */
static int find_directory(const char *own, char **ret_directory, struct mpr_error *err)
{
    /* Only a folder of programs has a libexec beside it that is of the same installation. */
    const char *name = strrchr(own, '/');
    bool installed = name && strcmp(name, "/bin") == 0;
    char *beside = mpr_asprintf("%s/../libexec/mprun", own);
    const char *place = has_libraries(own)                             ? own
                        : installed && beside && has_libraries(beside) ? beside
                                                                       : NULL;
    char *directory = place ? realpath(place, NULL) : NULL;
    free(beside);
    if (!place && errno != ENOENT && errno != ENOTDIR)
        return mpr_error_set(
            err, MPR_ERR_IO, "cannot look for %s in %s: %s", preload, own, strerror(errno));
    if (!place)
        return mpr_error_set(err, MPR_ERR_NOTFOUND,
            "%s is missing: it should be in %s%s; install mprun again", preload, own,
            installed ? "/../libexec/mprun" : "");
    if (!directory)
        return mpr_error_set(err, MPR_ERR_IO, "cannot look at %s: %s", own, strerror(errno));
    *ret_directory = directory;
    return 0;
}

int mpr_hosts_directory(char **ret_directory, struct mpr_error *err)
{
    char *own = NULL, *directory = NULL;
    int status = own_folder(&own, err);
    if (status == 0)
        status = find_directory(own, &directory, err);
    if (status == 0)
        status = check_libraries(directory, err);
    free(own);
    if (status < 0)
        free(directory);
    else
        *ret_directory = directory;
    return status;
}

/* The minor version in a file's name of that family, 0 if it is none. */
static unsigned minor_of(const struct host_family *family, const char *name)
{
    unsigned minor = 0;
    int end = 0;
    if (!mpr_has_prefix(name, family->prefix))
        return 0;
    if (sscanf(name + strlen(family->prefix), "3.%u%n", &minor, &end) != 1)
        return 0;
    return strcmp(name + strlen(family->prefix) + end, family->suffix) == 0 ? minor : 0;
}

static int by_number(const void *one, const void *other)
{
    unsigned a = *(const unsigned *)one, b = *(const unsigned *)other;
    return a < b ? -1 : a > b;
}

/* The minor versions that the family has hosts for; returns how many. */
static size_t scan(
    const struct host_family *family, const char *directory, unsigned ret_minor[MPR_HOSTS_MAX])
{
    size_t count = 0;
    DIR *folder = directory ? opendir(directory) : NULL;
    const struct dirent *entry;
    while (folder && count < MPR_HOSTS_MAX && (entry = readdir(folder))) {
        unsigned minor = minor_of(family, entry->d_name);
        if (minor)
            ret_minor[count++] = minor;
    }
    if (folder)
        closedir(folder);
    qsort(ret_minor, count, sizeof *ret_minor, by_number);
    return count;
}

static int no_host(const struct host_family *family, const char *directory, uint32_t version,
    const char *who, struct mpr_error *err)
{
    struct mpr_buf list;
    unsigned minor[MPR_HOSTS_MAX];
    size_t count = scan(family, directory, minor);
    mpr_buf_init(&list);
    for (size_t i = 0; i < count; i++)
        mpr_buf_printf(&list, "%s3.%u", i ? ", " : "", minor[i]);
    int status = mpr_error_set(err, MPR_ERR_NOTFOUND,
        "%s is Python %u.%u.%u, and this mprun has no %s for it (installed: %s); name another "
        "interpreter with --python PATH, or add hosts by a build with -Dhosts_only=true "
        "-Dpythons=%u.%u (README)",
        who, MPR_VERSION_MAJOR(version), MPR_VERSION_MINOR(version), MPR_VERSION_MICRO(version),
        family->what, list.len ? list.data : "none", MPR_VERSION_MAJOR(version),
        MPR_VERSION_MINOR(version));
    mpr_buf_release(&list);
    return status;
}

static int find(const struct host_family *family, const char *directory, uint32_t version,
    const char *who, char **ret_path, struct mpr_error *err)
{
    char *path = mpr_asprintf("%s/%s%u.%u%s", directory, family->prefix, MPR_VERSION_MAJOR(version),
        MPR_VERSION_MINOR(version), family->suffix);
    if (!path)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (access(path, family->access) < 0) {
        int status = errno == ENOENT ? 0
                                     : mpr_error_set(err, MPR_ERR_IO, "cannot use %s: %s", path,
                                           strerror(errno));
        free(path);
        if (status < 0)
            return status;
        return no_host(family, directory, version, who, err);
    }
    int status = mpr_trust_check(path, err);
    if (status < 0)
        free(path);
    else
        *ret_path = path;
    return status;
}

int mpr_hosts_library(const char *directory, uint32_t version, const char *who, char **ret_path,
    struct mpr_error *err)
{
    return find(&in_interpreter, directory, version, who, ret_path, err);
}

int mpr_hosts_embedded(const char *directory, uint32_t version, const char *who, char **ret_path,
    struct mpr_error *err)
{
    return find(&embedded, directory, version, who, ret_path, err);
}

int mpr_hosts_newest_embedded(const char *directory, char **ret_path, struct mpr_error *err)
{
    unsigned minor[MPR_HOSTS_MAX];
    unsigned newest = 0;
    size_t count = scan(&embedded, directory, minor);
    for (size_t i = 0; i < count; i++)
        newest = minor[i] > newest ? minor[i] : newest;
    if (!newest)
        return mpr_error_set(err, MPR_ERR_NOTFOUND,
            "there is no python3 on PATH, and this mprun has no embedded host; name an "
            "interpreter with --python PATH");
    return find(&embedded, directory, 3u << 24 | newest << 16, "", ret_path, err);
}

int mpr_launch_hosts(struct mpr_launch_hosts *ret_hosts, struct mpr_error *err)
{
    static const struct {
        const struct host_family *family;
        enum mpr_host_kind kind;
    } families[] = {
        {&in_interpreter, MPR_HOST_INTERPRETER},
        {&embedded, MPR_HOST_EMBEDDED},
    };
    struct mpr_launch_hosts hosts = {0};
    int status = mpr_hosts_directory(&hosts.directory, err);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        unsigned minor[MPR_HOSTS_MAX];
        size_t count = scan(families[i].family, hosts.directory, minor);
        for (size_t j = 0; j < count; j++)
            hosts.item[hosts.count++] = (struct mpr_launch_host){families[i].kind, minor[j]};
    }
    *ret_hosts = hosts;
    return 0;
}

void mpr_launch_hosts_release(struct mpr_launch_hosts *hosts)
{
    free(hosts->directory);
    *hosts = (struct mpr_launch_hosts){0};
}
