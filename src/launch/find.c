/* SPDX-License-Identifier: MIT */
/* Which python the user's shell would run: PATH, VIRTUAL_ENV, shims. Never asks a shell. */
#include "find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"
#include "mprun/launch.h"

static bool is_executable(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
        return true;
    /* Sandboxes older than faccessat2 refuse it, and not with ENOSYS. */
    return errno != EACCES && access(path, X_OK) == 0;
}

char *mpr_find_on_path(const char *name, const char *path)
{
    if (strchr(name, '/'))
        return is_executable(name) ? mpr_strdup(name) : NULL;
    if (!*name)
        return NULL;
    for (const char *at = path ? path : "/usr/local/bin:/usr/bin:/bin";;) {
        size_t len = strcspn(at, ":");
        char *candidate = mpr_asprintf("%.*s/%s", len ? (int)len : 1, len ? at : ".", name);
        if (!candidate || is_executable(candidate))
            return candidate;
        free(candidate);
        if (!at[len])
            return NULL;
        at += len + 1;
    }
}

void mpr_found_release(struct mpr_found *found)
{
    free(found->path);
    free(found->argv0);
    *found = (struct mpr_found){0};
}

/* Why a named interpreter cannot be run. */
static int named_problem(const char *python, struct mpr_error *err)
{
    struct stat st;
    if (!strchr(python, '/'))
        return mpr_error_set(err, MPR_ERR_NOTFOUND, "there is no '%s' on PATH", python);
    if (stat(python, &st) < 0)
        return mpr_error_set(
            err, MPR_ERR_NOTFOUND, "cannot use %s as the interpreter: %s", python, strerror(errno));
    return mpr_error_set(err, MPR_ERR_NOTFOUND, "cannot use %s as the interpreter: it is %s",
        python, S_ISDIR(st.st_mode) ? "a directory" : "not an executable file");
}

static int find_named(
    const char *python, const char *path, struct mpr_found *found, struct mpr_error *err)
{
    found->path = mpr_find_on_path(python, path);
    if (!found->path)
        return named_problem(python, err);
    found->argv0 = mpr_strdup(python);
    return 0;
}

/* python3 of the active virtual environment, the caller's; NULL without. */
static char *find_in_venv(char *const *environment)
{
    const char *venv = mpr_environment_get(environment, "VIRTUAL_ENV");
    char *path = venv && *venv ? mpr_asprintf("%s/bin/python3", venv) : NULL;
    if (!path || is_executable(path))
        return path;
    free(path);
    return NULL;
}

/* python3 of the virtual environment that mprun was installed into, the caller's; NULL without. */
static char *find_in_own_venv(void)
{
    char *own = NULL, *mark = NULL, *path = NULL;
    char *slash = mpr_launch_own_program(&own, NULL) == 0 ? strrchr(own, '/') : NULL;
    if (slash) {
        *slash = '\0';
        mark = mpr_asprintf("%s/../pyvenv.cfg", own);
        path = mpr_asprintf("%s/python3", own);
    }
    bool found = mark && path && access(mark, F_OK) == 0 && is_executable(path);
    free(own);
    free(mark);
    if (found)
        return path;
    free(path);
    return NULL;
}

/* What `python3` means in the user's shell; an active environment goes first even if a script
 * rearranged PATH, and then the one that mprun is part of, which need not be active. */
static int find_default(char *const *environment, struct mpr_found *found, struct mpr_error *err)
{
    char *active = find_in_venv(environment);
    char *in_venv = active ? active : find_in_own_venv();
    char *on_path = mpr_find_on_path("python3", mpr_environment_get(environment, "PATH"));
    bool by_name = on_path && (!in_venv || strcmp(in_venv, on_path) == 0);
    found->path = mpr_strdup(in_venv ? in_venv : on_path);
    found->argv0 = mpr_strdup(by_name ? "python3" : in_venv);
    bool none = !in_venv && !on_path;
    free(in_venv);
    free(on_path);
    if (none)
        return mpr_error_set(
            err, MPR_ERR_NOTFOUND, "there is no python3 on PATH; name one with --python PATH");
    return 0;
}

static bool is_script(const char *path)
{
    char start[2] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, start, sizeof start);
    close(fd);
    return got == 2 && start[0] == '#' && start[1] == '!';
}

/* The shim has told which file it runs; that is what runs from here on, by its full name. */
static int look_behind(char *const *environment, struct mpr_found *found, struct mpr_error *err)
{
    char *target = NULL;
    int status = mpr_shim_resolve(found->path, environment, &target, err);
    if (status < 0)
        return status;
    if (!is_executable(target) || is_script(target)) {
        status = mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "%s is a script that runs %s, which is no interpreter; name one with --python PATH",
            found->path, target);
        free(target);
        return status;
    }
    mpr_found_release(found);
    found->path = target;
    found->argv0 = mpr_strdup(target);
    return 0;
}

int mpr_find_interpreter(const char *python, char *const *environment, struct mpr_found *ret_found,
    struct mpr_error *err)
{
    struct mpr_found found = {0};
    int status = python ? find_named(python, mpr_environment_get(environment, "PATH"), &found, err)
                        : find_default(environment, &found, err);
    if (status == 0 && found.path && is_script(found.path))
        status = look_behind(environment, &found, err);
    if (status == 0 && (!found.path || !found.argv0))
        status = mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (status < 0)
        mpr_found_release(&found);
    else
        *ret_found = found;
    return status;
}
