/* SPDX-License-Identifier: MIT */
/* The table of what is interposed, and dlsym with dlvsym: a handle leads past this library, to the
 * C library's own (ctypes.CDLL("libc.so.6").free). Where that is what ours passes on to, ours is
 * given out. */
#include "bound.h"

#include <dlfcn.h>
#include <malloc.h>
#include <pthread.h>
#include <pty.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pass_on.h"

extern void free_sized(void *block, size_t size);
extern void free_aligned_sized(void *block, size_t alignment, size_t size);

const struct mpr_bound mpr_bound[] = {
    {"malloc", MPR_NEXT_MALLOC, (void *)malloc},
    {"calloc", MPR_NEXT_CALLOC, (void *)calloc},
    {"realloc", MPR_NEXT_REALLOC, (void *)realloc},
    {"reallocarray", MPR_NEXT_REALLOCARRAY, (void *)reallocarray},
    {"free", MPR_NEXT_FREE, (void *)free},
    {"memalign", MPR_NEXT_MEMALIGN, (void *)memalign},
    {"posix_memalign", MPR_NEXT_POSIX_MEMALIGN, (void *)posix_memalign},
    {"aligned_alloc", MPR_NEXT_ALIGNED_ALLOC, (void *)aligned_alloc},
    {"valloc", MPR_NEXT_VALLOC, (void *)valloc},
    {"pvalloc", MPR_NEXT_PVALLOC, (void *)pvalloc},
    {"free_sized", MPR_NEXT_FREE_SIZED, (void *)free_sized},
    {"free_aligned_sized", MPR_NEXT_FREE_ALIGNED_SIZED, (void *)free_aligned_sized},
    {"malloc_trim", MPR_NEXT_MALLOC_TRIM, (void *)malloc_trim},
    {"mmap", MPR_NEXT_MMAP, (void *)mmap},
    {"mmap64", MPR_NEXT_MMAP64, (void *)mmap64},
    {"munmap", MPR_NEXT_MUNMAP, (void *)munmap},
    {"mremap", MPR_NEXT_MREMAP, (void *)mremap},
    {"madvise", MPR_NEXT_MADVISE, (void *)madvise},
    {"mlock", MPR_NEXT_MLOCK, (void *)mlock},
    {"mlock2", MPR_NEXT_MLOCK2, (void *)mlock2},
    {"mlockall", MPR_NEXT_MLOCKALL, (void *)mlockall},
    {"shmdt", MPR_NEXT_SHMDT, (void *)shmdt},
    {"read", MPR_NEXT_READ, (void *)read},
    {"pread", MPR_NEXT_PREAD, (void *)pread},
    {"pread64", MPR_NEXT_PREAD64, (void *)pread64},
    {"readv", MPR_NEXT_READV, (void *)readv},
    {"preadv", MPR_NEXT_PREADV, (void *)preadv},
    {"preadv64", MPR_NEXT_PREADV64, (void *)preadv64},
    {"preadv2", MPR_NEXT_PREADV2, (void *)preadv2},
    {"preadv64v2", MPR_NEXT_PREADV64V2, (void *)preadv64v2},
    {"recv", MPR_NEXT_RECV, (void *)recv},
    {"recvfrom", MPR_NEXT_RECVFROM, (void *)recvfrom},
    {"recvmsg", MPR_NEXT_RECVMSG, (void *)recvmsg},
    {"getrandom", MPR_NEXT_GETRANDOM, (void *)getrandom},
    {"fread", MPR_NEXT_FREAD, (void *)fread},
    {"close", MPR_NEXT_CLOSE, (void *)close},
    {"close_range", MPR_NEXT_CLOSE_RANGE, (void *)close_range},
    {"closefrom", MPR_NEXT_CLOSEFROM, (void *)closefrom},
    {"dup2", MPR_NEXT_DUP2, (void *)dup2},
    {"dup3", MPR_NEXT_DUP3, (void *)dup3},
    {"pthread_create", MPR_NEXT_PTHREAD_CREATE, (void *)pthread_create},
    {"fork", MPR_NEXT_FORK, (void *)fork},
    {"forkpty", MPR_NEXT_FORKPTY, (void *)forkpty},
    {"dlopen", MPR_NEXT_DLOPEN, (void *)dlopen},
    {"dlsym", MPR_NEXT_DLSYM, (void *)dlsym},
    {"dlvsym", MPR_NEXT_DLVSYM, (void *)dlvsym},
    {"execve", MPR_NEXT_EXECVE, (void *)execve},
    {"execv", MPR_NEXT_EXECV, (void *)execv},
    {"execvp", MPR_NEXT_EXECVP, (void *)execvp},
    {"execvpe", MPR_NEXT_EXECVPE, (void *)execvpe},
    {"fexecve", MPR_NEXT_FEXECVE, (void *)fexecve},
    {"execveat", MPR_NEXT_EXECVEAT, (void *)execveat},
    {"execl", MPR_NEXT_EXECL, (void *)execl},
    {"execlp", MPR_NEXT_EXECLP, (void *)execlp},
    {"execle", MPR_NEXT_EXECLE, (void *)execle},
    {"posix_spawn", MPR_NEXT_POSIX_SPAWN, (void *)posix_spawn},
    {"posix_spawnp", MPR_NEXT_POSIX_SPAWNP, (void *)posix_spawnp},
    {"system", MPR_NEXT_SYSTEM, (void *)system},
    {"popen", MPR_NEXT_POPEN, (void *)popen},
};

_Static_assert(
    sizeof mpr_bound / sizeof *mpr_bound == MPR_BOUND_COUNT, "a row too many or too few");

const struct mpr_bound *mpr_bound_find(const char *name)
{
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++)
        if (strcmp(name, mpr_bound[i].name) == 0)
            return &mpr_bound[i];
    return NULL;
}

/* RTLD_NEXT is left alone: another allocator in front asks so for the one behind itself, which
 * never is ours. */
static const struct mpr_bound *bound_by_handle(void *handle, const char *name)
{
    return handle != RTLD_NEXT && handle != RTLD_DEFAULT ? mpr_bound_find(name) : NULL;
}

/* An allocator of the object's own stays what it is. */
static struct mpr_passed give(const struct mpr_bound *bound, void *found)
{
    void *next = mpr_next_of(bound->next);
    return (struct mpr_passed){NULL, found && found == next ? bound->ours : found};
}

struct mpr_passed mpr_decide_dlsym(void *handle, const char *name);
struct mpr_passed mpr_decide_dlvsym(void *handle, const char *name, const char *version);

__attribute__((used)) struct mpr_passed mpr_decide_dlsym(void *handle, const char *name)
{
    void *next = mpr_next_of(MPR_NEXT_DLSYM);
    const struct mpr_bound *bound = bound_by_handle(handle, name);
    if (!bound)
        return (struct mpr_passed){next, NULL};
    return give(bound, ((void *(*)(void *, const char *))next)(handle, name));
}

__attribute__((used)) struct mpr_passed mpr_decide_dlvsym(
    void *handle, const char *name, const char *version)
{
    void *next = mpr_next_of(MPR_NEXT_DLVSYM);
    const struct mpr_bound *bound = bound_by_handle(handle, name);
    if (!bound)
        return (struct mpr_passed){next, NULL};
    return give(
        bound, ((void *(*)(void *, const char *, const char *))next)(handle, name, version));
}

MPR_PASS_ON(dlsym, mpr_decide_dlsym);
MPR_PASS_ON(dlvsym, mpr_decide_dlvsym);
