/* SPDX-License-Identifier: MIT */
/* Two things about files: calls that may close mprun's own descriptor make it suspect (it is
 * checked before it is read again), and reads into fresh memory bump the RSS epoch where their
 * faults are not seen: kernel-mode faults on the user-faults tier, and direct I/O, whose pages the
 * kernel makes present without a fault, everywhere (its buffers are 512-byte aligned). */
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "mprun/next.h"
#include "mprun/probe.h"

#define DIRECT_ALIGNMENT 511u

static inline void after_read(const void *buffer)
{
    if (mpr_probe->gate.reads_matter || ((uintptr_t)buffer & DIRECT_ALIGNMENT) == 0)
        mpr_probe_bump_epoch();
}

static inline void after_close(unsigned first, unsigned last)
{
    struct mpr_probe *probe = mpr_probe;
    if (probe->armed && (unsigned)probe->gate.statm_fd >= first &&
        (unsigned)probe->gate.statm_fd <= last)
        probe->gate.statm_suspect = 1;
}

MPR_EXPORT ssize_t read(int fd, void *buffer, size_t size)
{
    ssize_t (*next)(int, void *, size_t) =
        (ssize_t(*)(int, void *, size_t))mpr_next_of(MPR_NEXT_READ);
    ssize_t result = next(fd, buffer, size);
    after_read(buffer);
    return result;
}

static ssize_t read_at(enum mpr_next which, int fd, void *buffer, size_t size, off_t offset)
{
    ssize_t (*next)(int, void *, size_t, off_t) =
        (ssize_t(*)(int, void *, size_t, off_t))mpr_next_of(which);
    ssize_t result = next(fd, buffer, size, offset);
    after_read(buffer);
    return result;
}

MPR_EXPORT ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    return read_at(MPR_NEXT_PREAD, fd, buffer, size, offset);
}

MPR_EXPORT ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset)
{
    return read_at(MPR_NEXT_PREAD64, fd, buffer, size, offset);
}

MPR_EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
    ssize_t (*next)(int, const struct iovec *, int) =
        (ssize_t(*)(int, const struct iovec *, int))mpr_next_of(MPR_NEXT_READV);
    ssize_t result = next(fd, parts, count);
    after_read(NULL);
    return result;
}

static ssize_t readv_at(
    enum mpr_next which, int fd, const struct iovec *parts, int count, off_t offset)
{
    ssize_t (*next)(int, const struct iovec *, int, off_t) =
        (ssize_t(*)(int, const struct iovec *, int, off_t))mpr_next_of(which);
    ssize_t result = next(fd, parts, count, offset);
    after_read(NULL);
    return result;
}

MPR_EXPORT ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
    return readv_at(MPR_NEXT_PREADV, fd, parts, count, offset);
}

MPR_EXPORT ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return readv_at(MPR_NEXT_PREADV64, fd, parts, count, offset);
}

static ssize_t readv_at_with(
    enum mpr_next which, int fd, const struct iovec *parts, int count, off_t offset, int flags)
{
    ssize_t (*next)(int, const struct iovec *, int, off_t, int) =
        (ssize_t(*)(int, const struct iovec *, int, off_t, int))mpr_next_of(which);
    ssize_t result = next(fd, parts, count, offset, flags);
    after_read(NULL);
    return result;
}

MPR_EXPORT ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t offset, int flags)
{
    return readv_at_with(MPR_NEXT_PREADV2, fd, parts, count, offset, flags);
}

MPR_EXPORT ssize_t preadv64v2(
    int fd, const struct iovec *parts, int count, off64_t offset, int flags)
{
    return readv_at_with(MPR_NEXT_PREADV64V2, fd, parts, count, offset, flags);
}

MPR_EXPORT ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    ssize_t (*next)(int, void *, size_t, int) =
        (ssize_t(*)(int, void *, size_t, int))mpr_next_of(MPR_NEXT_RECV);
    ssize_t result = next(fd, buffer, size, flags);
    after_read(buffer);
    return result;
}

MPR_EXPORT ssize_t recvfrom(int fd, void *restrict buffer, size_t size, int flags,
    __SOCKADDR_ARG address, socklen_t *restrict address_size)
{
    ssize_t (*next)(int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *) = (ssize_t(*)(
        int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *))mpr_next_of(MPR_NEXT_RECVFROM);
    ssize_t result = next(fd, buffer, size, flags, address, address_size);
    after_read(buffer);
    return result;
}

MPR_EXPORT ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    ssize_t (*next)(int, struct msghdr *, int) =
        (ssize_t(*)(int, struct msghdr *, int))mpr_next_of(MPR_NEXT_RECVMSG);
    ssize_t result = next(fd, message, flags);
    after_read(NULL);
    return result;
}

MPR_EXPORT ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    ssize_t (*next)(void *, size_t, unsigned) =
        (ssize_t(*)(void *, size_t, unsigned))mpr_next_of(MPR_NEXT_GETRANDOM);
    ssize_t result = next(buffer, size, flags);
    after_read(buffer);
    return result;
}

MPR_EXPORT size_t fread(void *restrict buffer, size_t size, size_t count, FILE *restrict stream)
{
    size_t (*next)(void *, size_t, size_t, FILE *) =
        (size_t(*)(void *, size_t, size_t, FILE *))mpr_next_of(MPR_NEXT_FREAD);
    size_t result = next(buffer, size, count, stream);
    after_read(buffer);
    return result;
}

MPR_EXPORT int close(int fd)
{
    int (*next)(int) = (int (*)(int))mpr_next_of(MPR_NEXT_CLOSE);
    int result = next(fd);
    after_close((unsigned)fd, (unsigned)fd);
    return result;
}

MPR_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    int (*next)(unsigned, unsigned, int) =
        (int (*)(unsigned, unsigned, int))mpr_next_of(MPR_NEXT_CLOSE_RANGE);
    int result = next(first, last, flags);
    after_close(first, last);
    return result;
}

MPR_EXPORT void closefrom(int first)
{
    void (*next)(int) = (void (*)(int))mpr_next_of(MPR_NEXT_CLOSEFROM);
    next(first);
    after_close(first > 0 ? (unsigned)first : 0, UINT32_MAX);
}

MPR_EXPORT int dup2(int from, int to)
{
    int (*next)(int, int) = (int (*)(int, int))mpr_next_of(MPR_NEXT_DUP2);
    int result = next(from, to);
    after_close((unsigned)to, (unsigned)to);
    return result;
}

MPR_EXPORT int dup3(int from, int to, int flags)
{
    int (*next)(int, int, int) = (int (*)(int, int, int))mpr_next_of(MPR_NEXT_DUP3);
    int result = next(from, to, flags);
    after_close((unsigned)to, (unsigned)to);
    return result;
}
