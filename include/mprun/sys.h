/* SPDX-License-Identifier: MIT */
/* System calls for mprun's own memory and descriptors in the target. The C library's functions of
 * these names are interposed by mprun itself, and would count what is done here as the program's.
 * Results and errno are those of the functions. */
#ifndef MPRUN_SYS_H
#define MPRUN_SYS_H

#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* At an address of the kernel's choice, from the file's start. */
static inline void *mpr_sys_mmap(size_t size, int protection, int flags, int fd)
{
    return (void *)syscall(SYS_mmap, NULL, size, protection, flags, fd, 0L);
}

static inline int mpr_sys_munmap(void *start, size_t size)
{
    return (int)syscall(SYS_munmap, start, size);
}

static inline int mpr_sys_madvise(void *start, size_t size, int advice)
{
    return (int)syscall(SYS_madvise, start, size, advice);
}

static inline ssize_t mpr_sys_pread(int fd, void *bytes, size_t size, size_t at)
{
    return (ssize_t)syscall(SYS_pread64, fd, bytes, size, at);
}

static inline int mpr_sys_close(int fd)
{
    return (int)syscall(SYS_close, fd);
}

#endif
