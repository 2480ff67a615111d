/* SPDX-License-Identifier: MIT */
/* Looks up what stands behind this library, once at load. */
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/clock.h"
#include "mprun/next.h"

static const char *const names[MPR_NEXT_COUNT] = {
    [MPR_NEXT_MALLOC] = "malloc",
    [MPR_NEXT_CALLOC] = "calloc",
    [MPR_NEXT_REALLOC] = "realloc",
    [MPR_NEXT_FREE] = "free",
    [MPR_NEXT_MEMALIGN] = "memalign",
    [MPR_NEXT_POSIX_MEMALIGN] = "posix_memalign",
    [MPR_NEXT_ALIGNED_ALLOC] = "aligned_alloc",
    [MPR_NEXT_VALLOC] = "valloc",
    [MPR_NEXT_PVALLOC] = "pvalloc",
    [MPR_NEXT_FREE_SIZED] = "free_sized",
    [MPR_NEXT_FREE_ALIGNED_SIZED] = "free_aligned_sized",
    [MPR_NEXT_REALLOCARRAY] = "reallocarray",
    [MPR_NEXT_MALLINFO2] = "mallinfo2",
    [MPR_NEXT_MALLOC_TRIM] = "malloc_trim",
    [MPR_NEXT_MALLOC_USABLE_SIZE] = "malloc_usable_size",
    [MPR_NEXT_MMAP] = "mmap",
    [MPR_NEXT_MMAP64] = "mmap64",
    [MPR_NEXT_MUNMAP] = "munmap",
    [MPR_NEXT_MREMAP] = "mremap",
    [MPR_NEXT_MADVISE] = "madvise",
    [MPR_NEXT_MLOCK] = "mlock",
    [MPR_NEXT_MLOCK2] = "mlock2",
    [MPR_NEXT_MLOCKALL] = "mlockall",
    [MPR_NEXT_SHMDT] = "shmdt",
    [MPR_NEXT_READ] = "read",
    [MPR_NEXT_PREAD] = "pread",
    [MPR_NEXT_PREAD64] = "pread64",
    [MPR_NEXT_READV] = "readv",
    [MPR_NEXT_PREADV] = "preadv",
    [MPR_NEXT_PREADV64] = "preadv64",
    [MPR_NEXT_PREADV2] = "preadv2",
    [MPR_NEXT_PREADV64V2] = "preadv64v2",
    [MPR_NEXT_RECV] = "recv",
    [MPR_NEXT_RECVFROM] = "recvfrom",
    [MPR_NEXT_RECVMSG] = "recvmsg",
    [MPR_NEXT_GETRANDOM] = "getrandom",
    [MPR_NEXT_FREAD] = "fread",
    [MPR_NEXT_CLOSE] = "close",
    [MPR_NEXT_CLOSE_RANGE] = "close_range",
    [MPR_NEXT_CLOSEFROM] = "closefrom",
    [MPR_NEXT_DUP2] = "dup2",
    [MPR_NEXT_DUP3] = "dup3",
    [MPR_NEXT_PTHREAD_CREATE] = "pthread_create",
    [MPR_NEXT_FORK] = "fork",
    [MPR_NEXT_FORKPTY] = "forkpty",
    [MPR_NEXT_DLOPEN] = "dlopen",
    [MPR_NEXT_DLSYM] = "dlsym",
    [MPR_NEXT_DLVSYM] = "dlvsym",
    [MPR_NEXT_EXECVE] = "execve",
    [MPR_NEXT_EXECV] = "execv",
    [MPR_NEXT_EXECVP] = "execvp",
    [MPR_NEXT_EXECVPE] = "execvpe",
    [MPR_NEXT_FEXECVE] = "fexecve",
    [MPR_NEXT_EXECVEAT] = "execveat",
    [MPR_NEXT_EXECL] = "execl",
    [MPR_NEXT_EXECLP] = "execlp",
    [MPR_NEXT_EXECLE] = "execle",
    [MPR_NEXT_POSIX_SPAWN] = "posix_spawn",
    [MPR_NEXT_POSIX_SPAWNP] = "posix_spawnp",
    [MPR_NEXT_SYSTEM] = "system",
    [MPR_NEXT_POPEN] = "popen",
    [MPR_NEXT_START_MAIN] = "__libc_start_main",
};

/* libc_malloc_debug.so, for MALLOC_CHECK_, defines these by versions that are no default, which
 * dlsym passes over; what is linked to the C library finds them. */
static const char *const versions[MPR_NEXT_COUNT] = {
    [MPR_NEXT_MALLOC] = "GLIBC_2.2.5",
    [MPR_NEXT_CALLOC] = "GLIBC_2.2.5",
    [MPR_NEXT_REALLOC] = "GLIBC_2.2.5",
    [MPR_NEXT_FREE] = "GLIBC_2.2.5",
    [MPR_NEXT_MEMALIGN] = "GLIBC_2.2.5",
    [MPR_NEXT_POSIX_MEMALIGN] = "GLIBC_2.2.5",
    [MPR_NEXT_ALIGNED_ALLOC] = "GLIBC_2.16",
    [MPR_NEXT_VALLOC] = "GLIBC_2.2.5",
    [MPR_NEXT_PVALLOC] = "GLIBC_2.2.5",
    [MPR_NEXT_FREE_SIZED] = "GLIBC_2.43",
    [MPR_NEXT_FREE_ALIGNED_SIZED] = "GLIBC_2.43",
    [MPR_NEXT_MALLINFO2] = "GLIBC_2.33",
    [MPR_NEXT_MALLOC_TRIM] = "GLIBC_2.2.5",
    [MPR_NEXT_MALLOC_USABLE_SIZE] = "GLIBC_2.2.5",
};

void *mpr_next_table[MPR_NEXT_COUNT];
static __thread int resolving __attribute__((tls_model("initial-exec")));

/* Of the object in the loader's list, which at the start is the order of its search. */
static size_t place_of(void *function)
{
    Dl_info info;
    struct link_map *object = NULL;
    size_t place = 0;
    if (!function || !dladdr1(function, &info, (void **)&object, RTLD_DL_LINKMAP))
        return SIZE_MAX;
    for (; object; object = object->l_prev)
        place++;
    return place;
}

/* What the loader would have bound a caller to. By a version alone nothing is found in libraries
 * that have none for what they define, such as allocators. */
static void *look_up(enum mpr_next which)
{
    void *(*find)(void *, const char *) =
        (void *(*)(void *, const char *))mpr_next_of(MPR_NEXT_DLSYM);
    void *(*find_version)(void *, const char *, const char *) =
        (void *(*)(void *, const char *, const char *))mpr_next_of(MPR_NEXT_DLVSYM);
    const char *version = versions[which];
    void *found = find ? find(RTLD_NEXT, names[which]) : NULL;
    void *versioned =
        version && find_version ? find_version(RTLD_NEXT, names[which], version) : NULL;
    if (!versioned || versioned == found)
        return found;
    return place_of(versioned) < place_of(found) ? versioned : found;
}

static void *resolve(enum mpr_next which)
{
    if (which == MPR_NEXT_DLSYM || which == MPR_NEXT_DLVSYM)
        return mpr_libc_symbol(names[which]);
    if (resolving)
        return NULL;
    resolving = 1;
    void *function = look_up(which);
    resolving = 0;
    return function;
}

void *mpr_next_resolve(enum mpr_next which)
{
    void *function = resolve(which);
    if (function)
        mpr_next_table[which] = function;
    return function;
}

/* In the kernel's own object, whose function needs no system call. */
static void find_clock(void)
{
    void *(*open)(const char *, int) = (void *(*)(const char *, int))mpr_next_of(MPR_NEXT_DLOPEN);
    void *(*find)(void *, const char *) =
        (void *(*)(void *, const char *))mpr_next_of(MPR_NEXT_DLSYM);
    void *vdso = open && find ? open("linux-vdso.so.1", RTLD_LAZY | RTLD_NOLOAD) : NULL;
    void *clock = vdso ? find(vdso, "__vdso_clock_gettime") : NULL;
    if (clock)
        mpr_clock_use((int (*)(clockid_t, struct timespec *))clock);
}

__attribute__((constructor)) static void resolve_all(void)
{
    for (int which = 0; which < MPR_NEXT_COUNT; which++)
        (void)mpr_next_of((enum mpr_next)which);
    find_clock();
}
