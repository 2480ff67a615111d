/* SPDX-License-Identifier: MIT */
/* Takes the place of main in the executable that this library is preloaded into, if that is a
 * Python: loads the host for its version and runs the host's main. Any other program runs its own
 * main with its environment as it was, so that a wrapper passes it on. No CPython symbol is linked
 * to: a shell would die of an unresolved one. */
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/children.h"
#include "mprun/next.h"
#include "mprun/probe.h"
#include "mprun/takeover.h"

typedef int main_fn(int, char **, char **);
typedef int start_main_fn(
    main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static struct {
    main_fn *program_main;
    char host_path[PATH_MAX]; /* the environment, which it stands in, is put in order first */
} state;

/* The supervisor prints it and ends with its own status. */
static int refuse(int fd, const char *message)
{
    mpr_rec_refuse(fd, message);
    return 1;
}

static void *open_object(const char *path)
{
    void *(*open)(const char *, int) = (void *(*)(const char *, int))mpr_next_of(MPR_NEXT_DLOPEN);
    return open(path, RTLD_NOW | RTLD_LOCAL);
}

static void *find_symbol(void *object, const char *name)
{
    void *(*find)(void *, const char *) =
        (void *(*)(void *, const char *))mpr_next_of(MPR_NEXT_DLSYM);
    return find(object, name);
}

static int run_host(int argc, char **argv, int fd)
{
    void *host = open_object(state.host_path);
    if (!host) {
        char message[512];
        snprintf(message, sizeof message, "cannot load the host: %s", dlerror());
        return refuse(fd, message);
    }
    mpr_host_main_fn *entry = (mpr_host_main_fn *)find_symbol(host, MPR_HOST_ENTRY);
    if (!entry)
        return refuse(fd, "the host module has no entry: reinstall mprun");
    return entry(argc, argv, fd);
}

/* What was put into the environment for this library goes, and what it starts gets another. */
static void leave_no_trace(char **envp)
{
    Dl_info self;
    mpr_block_cut(envp, MPR_ENV_RECORDING);
    mpr_block_cut(envp, MPR_ENV_HOST);
    if (!dladdr(&state, &self) || !self.dli_fname)
        return;
    mpr_block_cut_file(envp, "LD_PRELOAD", self.dli_fname);
    mpr_children_start_beside(self.dli_fname);
}

static int takeover_main(int argc, char **argv, char **envp)
{
    const char *recording = getenv(MPR_ENV_RECORDING);
    const char *host = getenv(MPR_ENV_HOST);
    int fd = recording && host ? mpr_rec_find(recording) : -1;
    if (fd < 0 || !find_symbol(RTLD_DEFAULT, "Py_Version"))
        return state.program_main(argc, argv, envp);
    bool fits = strlen(host) < sizeof state.host_path;
    if (fits)
        strcpy(state.host_path, host);
    leave_no_trace(envp);
    return fits ? run_host(argc, argv, fd) : refuse(fd, "the host's path is too long");
}

MPR_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

MPR_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    start_main_fn *next = (start_main_fn *)mpr_next_of(MPR_NEXT_START_MAIN);
    state.program_main = main;
    return next(takeover_main, argc, argv, init, fini, rtld_fini, stack_end);
}
