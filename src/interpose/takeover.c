/* SPDX-License-Identifier: MIT */
/* Takes the place of main in the executable that this library is preloaded into, if that is a
 * Python: loads the host for its version and runs the host's main. Any other program runs its own
 * main with its environment as it was, so that a wrapper passes it on. No CPython symbol is linked
 * to: a shell would die of an unresolved one. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mprun/probe.h"
#include "mprun/takeover.h"
#include "next.h"

typedef int main_fn(int, char **, char **);
typedef int start_main_fn(
    main_fn *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static main_fn *program_main;

/* Our library is the first word of LD_PRELOAD; what follows was the user's. */
static void restore_preload(void)
{
    extern char **environ;
    for (char **entry = environ; *entry; entry++) {
        if (strncmp(*entry, "LD_PRELOAD=", 11) != 0)
            continue;
        char *rest = strchr(*entry, ':');
        if (!rest) {
            unsetenv("LD_PRELOAD");
            return;
        }
        memmove(*entry + 11, rest + 1, strlen(rest + 1) + 1);
        return;
    }
}

/* The supervisor prints it and ends with its own status. */
static int refuse(int fd, const char *message)
{
    mpr_rec_refuse(fd, message);
    return 1;
}

static int run_host(int argc, char **argv, int fd, char *host_path)
{
    void *host = dlopen(host_path, RTLD_NOW | RTLD_LOCAL);
    free(host_path);
    if (!host) {
        char message[512];
        snprintf(message, sizeof message, "cannot load the host: %s", dlerror());
        return refuse(fd, message);
    }
    mpr_host_main_fn *entry = (mpr_host_main_fn *)dlsym(host, MPR_HOST_ENTRY);
    if (!entry)
        return refuse(fd, "the host module has no entry: reinstall mprun");
    return entry(argc, argv, fd);
}

static int takeover_main(int argc, char **argv, char **envp)
{
    const char *recording = getenv(MPR_ENV_RECORDING);
    const char *host = getenv(MPR_ENV_HOST);
    if (!recording || !host || !dlsym(RTLD_DEFAULT, "Py_Version"))
        return program_main(argc, argv, envp);
    int fd = atoi(recording);
    char *host_path = strdup(host);
    restore_preload();
    unsetenv(MPR_ENV_RECORDING);
    unsetenv(MPR_ENV_HOST);
    return host_path ? run_host(argc, argv, fd, host_path) : refuse(fd, "out of memory");
}

MPR_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

MPR_EXPORT int __libc_start_main(main_fn *main, int argc, char **argv, void (*init)(void),
    void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
    start_main_fn *next = (start_main_fn *)mpr_next_of(MPR_NEXT_START_MAIN);
    program_main = main;
    return next(takeover_main, argc, argv, init, fini, rtld_fini, stack_end);
}
