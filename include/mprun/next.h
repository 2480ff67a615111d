/* SPDX-License-Identifier: MIT */
/* The next definitions of the functions that this library stands in front of: the C library's, or
 * those of another preloaded library, such as an allocator of the user's. */
#ifndef MPRUN_NEXT_H
#define MPRUN_NEXT_H

#include <stddef.h>

/* malloc's family comes first: what looking the others up allocates finds it. */
enum mpr_next {
    MPR_NEXT_MALLOC,
    MPR_NEXT_CALLOC,
    MPR_NEXT_REALLOC,
    MPR_NEXT_FREE,
    MPR_NEXT_MEMALIGN,
    MPR_NEXT_POSIX_MEMALIGN,
    MPR_NEXT_ALIGNED_ALLOC,
    MPR_NEXT_VALLOC,
    MPR_NEXT_PVALLOC,
    MPR_NEXT_FREE_SIZED,
    MPR_NEXT_FREE_ALIGNED_SIZED,
    MPR_NEXT_REALLOCARRAY,
    MPR_NEXT_MALLINFO2,
    MPR_NEXT_MALLOC_TRIM,
    MPR_NEXT_MALLOC_USABLE_SIZE,
    MPR_NEXT_MMAP,
    MPR_NEXT_MMAP64,
    MPR_NEXT_MUNMAP,
    MPR_NEXT_MREMAP,
    MPR_NEXT_MADVISE,
    MPR_NEXT_MLOCK,
    MPR_NEXT_MLOCK2,
    MPR_NEXT_MLOCKALL,
    MPR_NEXT_SHMDT,
    MPR_NEXT_READ,
    MPR_NEXT_PREAD,
    MPR_NEXT_PREAD64,
    MPR_NEXT_READV,
    MPR_NEXT_PREADV,
    MPR_NEXT_PREADV64,
    MPR_NEXT_PREADV2,
    MPR_NEXT_PREADV64V2,
    MPR_NEXT_RECV,
    MPR_NEXT_RECVFROM,
    MPR_NEXT_RECVMSG,
    MPR_NEXT_GETRANDOM,
    MPR_NEXT_FREAD,
    MPR_NEXT_CLOSE,
    MPR_NEXT_CLOSE_RANGE,
    MPR_NEXT_CLOSEFROM,
    MPR_NEXT_DUP2,
    MPR_NEXT_DUP3,
    MPR_NEXT_PTHREAD_CREATE,
    MPR_NEXT_FORK,
    MPR_NEXT_FORKPTY,
    MPR_NEXT_DLOPEN,
    MPR_NEXT_DLSYM,
    MPR_NEXT_DLVSYM,
    /* Those of target/children, which goes on to them itself. */
    MPR_NEXT_EXECVE,
    MPR_NEXT_EXECV,
    MPR_NEXT_EXECVP,
    MPR_NEXT_EXECVPE,
    MPR_NEXT_FEXECVE,
    MPR_NEXT_EXECVEAT,
    MPR_NEXT_EXECL,
    MPR_NEXT_EXECLP,
    MPR_NEXT_EXECLE,
    MPR_NEXT_POSIX_SPAWN,
    MPR_NEXT_POSIX_SPAWNP,
    MPR_NEXT_SYSTEM,
    MPR_NEXT_POPEN,
    MPR_NEXT_START_MAIN,
    MPR_NEXT_COUNT,
};

extern void *mpr_next_table[MPR_NEXT_COUNT];

/* Looks it up (dlsym RTLD_NEXT). NULL while another look-up is under way in this thread, and if
 * there is none. */
void *mpr_next_resolve(enum mpr_next which);

/* The C library's own function of that name, found without dlsym. NULL: there is none. */
void *mpr_libc_symbol(const char *name);

/* The first definition of that name in the order of the loader's list, in front of this library;
 * NULL: there is none. */
void *mpr_first_definition(const char *name);

static inline void *mpr_next_of(enum mpr_next which)
{
    void *function = mpr_next_table[which];
    return __builtin_expect(function != NULL, 1) ? function : mpr_next_resolve(which);
}

#endif
