/* SPDX-License-Identifier: MIT */
/* Start any command as the user's shell would: nothing is preloaded, the environment is the user's
 * own. What cannot be started is told apart as shells do. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "find.h"
#include "start.h"

#define SHELL "/bin/sh"

/* A file of that name that may not be run hides nothing further on PATH; where there is none that
 * may, it is what is meant. */
static char *find_file(const char *name, const char *path)
{
    for (const char *at = path ? path : "";;) {
        size_t len = strcspn(at, ":");
        char *candidate = mpr_asprintf("%.*s/%s", len ? (int)len : 1, len ? at : ".", name);
        if (!candidate || access(candidate, F_OK) == 0)
            return candidate;
        free(candidate);
        if (!at[len])
            return NULL;
        at += len + 1;
    }
}

/* The file, the caller's. */
static int find(const char *name, const char *path, char **ret_file, struct mpr_error *err)
{
    char *file = strchr(name, '/') ? mpr_strdup(name) : mpr_find_on_path(name, path);
    if (!file && *name)
        file = find_file(name, path);
    if (!file)
        return mpr_error_set(err, MPR_ERR_NOTFOUND, "there is no command '%s' on PATH", name);
    *ret_file = file;
    return 0;
}

/* Where exec failed: a file that is not there, or one that cannot be run. */
static int explain(int status, int exec_errno)
{
    if (exec_errno == 0)
        return status;
    return exec_errno == ENOENT || exec_errno == ENOTDIR ? MPR_ERR_NOTFOUND : MPR_ERR_UNSUPPORTED;
}

static size_t count_of(char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

/* The words for a shell to run the file with; the array is the caller's. */
static char **words_for_shell(char *file, char *const *args)
{
    static char shell[] = SHELL;
    size_t count = count_of(args);
    char **words = calloc(count + 2, sizeof *words);
    if (!words)
        return NULL;
    words[0] = shell;
    words[1] = file;
    memcpy(words + 2, args + 1, (count - 1) * sizeof *words);
    return words;
}

/* Some of its variables may be replaced, so the array is a copy. */
static char **copy_of(char *const *environment)
{
    size_t count = count_of(environment);
    char **copy = calloc(count + 1, sizeof *copy);
    if (copy)
        memcpy(copy, environment, count * sizeof *copy);
    return copy;
}

int mpr_launch_command(const char *const *args, char *const *environment,
    const struct mpr_inherited *inherited, pid_t *ret_pid, struct mpr_error *err)
{
    char *file = NULL;
    int status = find(args[0], mpr_environment_get(environment, "PATH"), &file, err);
    if (status < 0)
        return status;
    struct mpr_start_plan plan = {
        .executable = file,
        .args = (char **)args, /* as execve takes them: it changes none */
        .shell_args = words_for_shell(file, (char *const *)args),
        .environment = copy_of(environment),
        .inherited = inherited,
        .recording_fd = -1,
    };
    bool ready = plan.shell_args && plan.environment &&
                 mpr_environment_find_ids(plan.environment, &plan.ids);
    status = ready ? mpr_start_fork(&plan, ret_pid, err)
                   : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    status = explain(status, plan.exec_errno);
    mpr_environment_free(plan.environment, environment);
    free(plan.shell_args);
    free(file);
    return status;
}
