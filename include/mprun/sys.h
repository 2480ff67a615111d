/* SPDX-License-Identifier: MIT */
/* System calls for mprun's own memory, descriptors and clocks. In the target the C library's
 * functions of these names are interposed by mprun itself, and would count what is done here as the
 * program's; and on both sides they may be replaced by others (faketime, fakechroot), who answer
 * for a program. Results and errno are those of the functions. */
#ifndef MPRUN_SYS_H
#define MPRUN_SYS_H

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
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

static inline int mpr_sys_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0);
}

static inline int mpr_sys_fstat(int fd, struct stat *ret_info)
{
    return (int)syscall(SYS_fstat, fd, ret_info);
}

static inline int mpr_sys_getrusage(int who, struct rusage *ret_usage)
{
    return (int)syscall(SYS_getrusage, who, ret_usage);
}

/* A sandbox may refuse it; the C library's asks the kernel's shared page. */
static inline int mpr_sys_clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    int status = (int)syscall(SYS_clock_gettime, clock, ret_now);
    return status == 0 ? 0 : clock_gettime(clock, ret_now);
}

static inline int mpr_sys_close(int fd)
{
    return (int)syscall(SYS_close, fd);
}

#endif
