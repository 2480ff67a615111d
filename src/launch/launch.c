/* SPDX-License-Identifier: MIT */
/* Choose interpreter and host: what the user's shell would run, and what of mprun fits it. Every
 * refusal names the file and the way out. */
#include "mprun/launch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "environment.h"
#include "find.h"
#include "hosts.h"
#include "mprun/elf.h"
#include "plain_name.h"

static const char *const host_names[] = {
    [MPR_HOST_AUTO] = "auto",
    [MPR_HOST_INTERPRETER] = "interpreter",
    [MPR_HOST_EMBEDDED] = "embedded",
};

#define HOST_KINDS (sizeof host_names / sizeof *host_names)

const char *mpr_host_kind_name(enum mpr_host_kind kind)
{
    return (size_t)kind < HOST_KINDS ? host_names[kind] : NULL;
}

int mpr_host_kind_parse(const char *name, enum mpr_host_kind *ret_kind)
{
    for (size_t i = 0; i < HOST_KINDS; i++) {
        if (strcmp(name, host_names[i]) != 0)
            continue;
        *ret_kind = (enum mpr_host_kind)i;
        return 0;
    }
    return MPR_ERR_INVALID;
}

static int out_of_memory(struct mpr_error *err)
{
    return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
}

/* Would the kernel start it in secure mode, in which LD_PRELOAD is ignored? */
static const char *privilege_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return NULL;
    if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
        return "is set-uid";
    if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getgid())
        return "is set-gid";
    if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
        return "has file capabilities";
    return NULL;
}

/* Can the library be preloaded into it? */
static int check_carrier(const char *path, const struct mpr_elf_facts *facts, struct mpr_error *err)
{
    const char *privilege = privilege_of(path);
    if (facts->is_musl)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is built for musl; mprun measures Pythons built for glibc", path);
    if (facts->is_static)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is a static program, so mprun cannot get into it; try --host embedded", path);
    if (privilege)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s %s, so the system keeps mprun out of it; try --host embedded", path, privilege);
    return 0;
}

/* The host knows the layout of the usual build only. */
static int check_build(const char *path, const struct mpr_elf_facts *facts, struct mpr_error *err)
{
    if (facts->is_free_threaded)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is a free-threaded Python, and mprun counts under the GIL; name an interpreter of "
            "the usual build with --python PATH",
            path);
    if (facts->is_debug)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is a debug build of Python, whose memory is not that of the usual build; name an "
            "interpreter of that with --python PATH",
            path);
    return 0;
}

/* Why no version could be read. */
static int unknown_version(
    const char *path, const struct mpr_elf_facts *facts, struct mpr_error *err)
{
    if (facts->is_pypy)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is PyPy, and mprun measures CPython; name a CPython with --python PATH", path);
    if (facts->library_lost)
        return mpr_error_set(err, MPR_ERR_NOTFOUND,
            "%s needs %s, which is not where the system looks for it", path, facts->soname);
    if (facts->soname[0] && facts->old_python)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s uses %s, and mprun needs Python 3.11 or later; name another interpreter with "
            "--python PATH",
            path, facts->soname);
    if (facts->old_python)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is older than Python 3.11, which mprun needs; name another interpreter with "
            "--python PATH",
            path);
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "%s is no CPython that mprun knows; if it starts one, name that one with --python PATH "
        "(its sys.executable)",
        path);
}

static int choose_interpreter_host(
    const char *directory, struct mpr_launch *launch, struct mpr_error *err)
{
    int status = mpr_hosts_library(
        directory, launch->version, launch->interpreter, &launch->host_library, err);
    if (status < 0)
        return status;
    launch->host = MPR_HOST_INTERPRETER;
    launch->preload = mpr_asprintf("%s/libmprun-preload.so", directory);
    return launch->preload ? 0 : out_of_memory(err);
}

/* It ends a program in which another library comes before it. */
static int check_sanitizer(const struct mpr_launch_request *request, const char *path,
    const struct mpr_elf_facts *facts, struct mpr_error *err)
{
    const char *preloaded = mpr_environment_get(request->environment, "LD_PRELOAD");
    if (!facts->asan[0] || (preloaded && strstr(preloaded, facts->asan)))
        return 0;
    return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
        "%s is built with %s, which must come before all other libraries: put it there with "
        "LD_PRELOAD=%s in front of mprun, or try --host embedded",
        path, facts->asan, facts->asan);
}

/* Version and fitness of the interpreter at launch->executable. */
static int inspect(
    const struct mpr_launch_request *request, struct mpr_launch *launch, struct mpr_error *err)
{
    struct mpr_elf_facts facts;
    const char *libraries = mpr_environment_get(request->environment, "LD_LIBRARY_PATH");
    int status = mpr_elf_read(launch->executable, libraries, &facts, err);
    if (status < 0)
        return status;
    if (request->host != MPR_HOST_EMBEDDED)
        status = check_carrier(launch->executable, &facts, err);
    if (status == 0 && !facts.version)
        status = unknown_version(launch->executable, &facts, err);
    if (status == 0)
        status = check_build(launch->executable, &facts, err);
    if (status == 0 && request->host != MPR_HOST_EMBEDDED)
        status = check_sanitizer(request, launch->executable, &facts, err);
    launch->version = facts.version;
    return status;
}

static char *absolute(const char *path)
{
    if (path[0] == '/')
        return mpr_strdup(path);
    char *cwd = getcwd(NULL, 0);
    while (mpr_has_prefix(path, "./"))
        path += 2;
    char *full = cwd ? mpr_asprintf("%s/%s", cwd, path) : mpr_strdup(path);
    free(cwd);
    return full;
}

/* With an interpreter: the host of its version, in it or with its prefix. */
static int choose_with(const struct mpr_launch_request *request, const char *directory,
    struct mpr_found *found, struct mpr_launch *launch, struct mpr_error *err)
{
    launch->interpreter = absolute(found->path);
    launch->argv0 = found->argv0;
    launch->executable = found->path;
    *found = (struct mpr_found){0};
    if (!launch->interpreter)
        return out_of_memory(err);
    int status = inspect(request, launch, err);
    if (status < 0)
        return status;
    if (request->host != MPR_HOST_EMBEDDED)
        return choose_interpreter_host(directory, launch, err);
    char *host = NULL;
    status = mpr_hosts_embedded(directory, launch->version, launch->interpreter, &host, err);
    if (status < 0)
        return status;
    free(launch->executable);
    launch->executable = host;
    launch->host = MPR_HOST_EMBEDDED;
    return 0;
}

static int choose_without(const char *directory, struct mpr_launch *launch, struct mpr_error *err)
{
    launch->host = MPR_HOST_EMBEDDED;
    launch->argv0 = mpr_strdup("python3");
    if (!launch->argv0)
        return out_of_memory(err);
    return mpr_hosts_newest_embedded(directory, &launch->executable, err);
}

int mpr_launch_choose(
    const struct mpr_launch_request *request, struct mpr_launch *ret_launch, struct mpr_error *err)
{
    struct mpr_launch launch = {.environment = request->environment};
    struct mpr_found found = {0};
    char *directory = NULL, *libexec = NULL;
    int status = request->libexec ? 0 : mpr_hosts_directory(&directory, err);
    if (status == 0)
        status = mpr_plain_name(
            directory ? directory : request->libexec, &libexec, &launch.folder_fd, err);
    if (status == 0) {
        status = mpr_find_interpreter(request->python, request->environment, &found, err);
        bool none = status == MPR_ERR_NOTFOUND && !request->python;
        if (status == 0)
            status = choose_with(request, libexec, &found, &launch, err);
        else if (none && request->host != MPR_HOST_INTERPRETER)
            status = choose_without(libexec, &launch, err);
    }
    free(directory);
    free(libexec);
    mpr_found_release(&found);
    if (status < 0)
        mpr_launch_release(&launch);
    else
        *ret_launch = launch;
    return status;
}

void mpr_launch_release(struct mpr_launch *launch)
{
    free(launch->interpreter);
    free(launch->argv0);
    free(launch->executable);
    free(launch->preload);
    free(launch->host_library);
    if (launch->folder_fd > 0)
        close(launch->folder_fd);
    *launch = (struct mpr_launch){0};
}

char *mpr_launch_on_path(const char *name)
{
    return mpr_find_on_path(name, getenv("PATH"));
}
