/* SPDX-License-Identifier: MIT */
/* Stands in front of the C library's ways to start a program, in the program that is measured and,
 * by the children's library, in what that starts. Each goes on to the next definition as it was
 * called, or, where mpr_children_give has made another environment, to the one that takes it. All
 * but the last two may run in a vfork child. */
#include "exec.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

typedef int execve_fn(const char *, char *const[], char *const[]);
typedef int execv_fn(const char *, char *const[]);
typedef int fexecve_fn(int, char *const[], char *const[]);
typedef int execveat_fn(int, const char *, char *const[], char *const[], int);

static const char *const names[MPR_EXEC_COUNT] = {
    [MPR_EXEC_EXECVE] = "execve",
    [MPR_EXEC_EXECV] = "execv",
    [MPR_EXEC_EXECVP] = "execvp",
    [MPR_EXEC_EXECVPE] = "execvpe",
    [MPR_EXEC_FEXECVE] = "fexecve",
    [MPR_EXEC_EXECVEAT] = "execveat",
    [MPR_EXEC_SPAWN] = "posix_spawn",
    [MPR_EXEC_SPAWNP] = "posix_spawnp",
    [MPR_EXEC_SYSTEM] = "system",
    [MPR_EXEC_POPEN] = "popen",
};

static struct {
    void *next[MPR_EXEC_COUNT];
    const struct mpr_exec_watch *watch; /* NULL: nobody asks */
} state;

const struct mpr_exec_watch *mpr_exec_start(const struct mpr_exec_watch *watch)
{
    const struct mpr_exec_watch *before = state.watch;
    state.watch = watch;
    return before;
}

void *mpr_exec_next(enum mpr_exec which)
{
    if (__builtin_expect(!state.next[which], 0)) /* called from a constructor before ours */
        state.next[which] = dlsym(RTLD_NEXT, names[which]);
    return state.next[which];
}

__attribute__((constructor)) static void resolve_all(void)
{
    for (int which = 0; which < MPR_EXEC_COUNT; which++)
        (void)mpr_exec_next((enum mpr_exec)which);
}

static void begins(void)
{
    if (state.watch)
        state.watch->begins();
}

static int failed(int result)
{
    int saved = errno;
    if (state.watch)
        state.watch->failed();
    errno = saved;
    return result;
}

void mpr_exec_spawned(void)
{
    if (state.watch)
        state.watch->spawned();
}

/* --- a path --- */

MPR_EXEC_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
    MPR_EXEC_ROOM(envp);
    struct mpr_children_file file = {AT_FDCWD, path, false};
    execve_fn *next = (execve_fn *)mpr_exec_next(MPR_EXEC_EXECVE);
    begins();
    char *const *given = mpr_children_give(&file, &envp, room, size);
    return failed(next(path, argv, given ? given : envp));
}

MPR_EXEC_EXPORT int execv(const char *path, char *const argv[])
{
    MPR_EXEC_ROOM(environ);
    struct mpr_children_file file = {AT_FDCWD, path, false};
    execv_fn *next = (execv_fn *)mpr_exec_next(MPR_EXEC_EXECV);
    execve_fn *next_with = (execve_fn *)mpr_exec_next(MPR_EXEC_EXECVE);
    begins();
    char *const *given = mpr_children_give(&file, MPR_EXEC_OWN, room, size);
    return failed(given ? next_with(path, argv, given) : next(path, argv));
}

MPR_EXEC_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
    MPR_EXEC_ROOM(envp);
    struct mpr_children_file file = {fd, "", false};
    fexecve_fn *next = (fexecve_fn *)mpr_exec_next(MPR_EXEC_FEXECVE);
    begins();
    char *const *given = mpr_children_give(&file, &envp, room, size);
    return failed(next(fd, argv, given ? given : envp));
}

MPR_EXEC_EXPORT int execveat(
    int folder, const char *path, char *const argv[], char *const envp[], int flags)
{
    MPR_EXEC_ROOM(envp);
    struct mpr_children_file file = {folder, path, false};
    execveat_fn *next = (execveat_fn *)mpr_exec_next(MPR_EXEC_EXECVEAT);
    begins();
    if (!next) { /* since glibc 2.34; who calls it has it */
        errno = ENOSYS;
        return failed(-1);
    }
    char *const *given = mpr_children_give(&file, &envp, room, size);
    return failed(next(folder, path, argv, given ? given : envp, flags));
}

/* --- a name --- */

MPR_EXEC_EXPORT int execvp(const char *name, char *const argv[])
{
    MPR_EXEC_ROOM(environ);
    execv_fn *next = (execv_fn *)mpr_exec_next(MPR_EXEC_EXECVP);
    execve_fn *next_with = (execve_fn *)mpr_exec_next(MPR_EXEC_EXECVPE);
    begins();
    char *const *given = mpr_children_give_by_name(name, MPR_EXEC_OWN, room, size);
    return failed(given ? next_with(name, argv, given) : next(name, argv));
}

MPR_EXEC_EXPORT int execvpe(const char *name, char *const argv[], char *const envp[])
{
    MPR_EXEC_ROOM(envp);
    execve_fn *next = (execve_fn *)mpr_exec_next(MPR_EXEC_EXECVPE);
    begins();
    char *const *given = mpr_children_give_by_name(name, &envp, room, size);
    return failed(next(name, argv, given ? given : envp));
}

/* --- arguments in a row: to be counted, then laid out --- */

static size_t count(const char *first, va_list arguments)
{
    size_t found = 0;
    for (const char *at = first; at && found < INT_MAX; at = va_arg(arguments, const char *))
        found++;
    return found;
}

/* `vector` has room for `size` of them and the end. Takes the end, too. */
static void lay_out(const char *first, va_list arguments, size_t size, char **vector)
{
    vector[0] = (char *)first;
    for (size_t i = 1; first && i <= size; i++)
        vector[i] = va_arg(arguments, char *);
}

/* Declares `argv` on this stack, as the C library does. */
#define ARGUMENTS(first, last)                                                                     \
    va_list arguments;                                                                             \
    va_start(arguments, first);                                                                    \
    size_t size = count(first, arguments);                                                         \
    va_end(arguments);                                                                             \
    char **argv = __builtin_alloca((size + 1) * sizeof *argv);                                     \
    va_start(arguments, first);                                                                    \
    lay_out(first, arguments, size, argv);                                                         \
    last;                                                                                          \
    va_end(arguments)

MPR_EXEC_EXPORT int execl(const char *path, const char *first, ...)
{
    ARGUMENTS(first, (void)0);
    return execv(path, argv);
}

MPR_EXEC_EXPORT int execlp(const char *name, const char *first, ...)
{
    ARGUMENTS(first, (void)0);
    return execvp(name, argv);
}

MPR_EXEC_EXPORT int execle(const char *path, const char *first, ...)
{
    ARGUMENTS(first, char *const *envp = va_arg(arguments, char *const *));
    return execve(path, argv, envp);
}

/* --- in a child --- */

MPR_EXEC_EXPORT int posix_spawn(pid_t *restrict pid, const char *restrict path,
    const posix_spawn_file_actions_t *restrict actions, const posix_spawnattr_t *restrict attr,
    char *const argv[restrict], char *const envp[restrict])
{
    MPR_EXEC_ROOM(envp);
    struct mpr_children_file file = {AT_FDCWD, path, false};
    mpr_spawn_function *next = (mpr_spawn_function *)mpr_exec_next(MPR_EXEC_SPAWN);
    char *const *environment = envp;
    char *const *given = mpr_children_give(&file, &environment, room, size);
    int result = next(pid, path, actions, attr, argv, given ? given : envp);
    if (result == 0)
        mpr_exec_spawned();
    return result;
}

MPR_EXEC_EXPORT int posix_spawnp(pid_t *restrict pid, const char *restrict name,
    const posix_spawn_file_actions_t *restrict actions, const posix_spawnattr_t *restrict attr,
    char *const argv[restrict], char *const envp[restrict])
{
    MPR_EXEC_ROOM(envp);
    mpr_spawn_function *next = (mpr_spawn_function *)mpr_exec_next(MPR_EXEC_SPAWNP);
    char *const *environment = envp;
    char *const *given = mpr_children_give_by_name(name, &environment, room, size);
    int result = next(pid, name, actions, attr, argv, given ? given : envp);
    if (result == 0)
        mpr_exec_spawned();
    return result;
}
