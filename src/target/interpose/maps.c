/* SPDX-License-Identifier: MIT */
/* Maps that the program asks for are counted (see mprun/maps.h), and calls that change RSS without
 * a fault of the calling thread bump the RSS epoch. */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mprun/count.h"
#include "mprun/maps.h"
#include "mprun/next.h"

typedef void *mmap_fn(void *, size_t, int, int, int, off_t);

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#define MMAP_CHANGES_RSS (MAP_POPULATE | MAP_LOCKED | MAP_FIXED)

/* What an allocator maps for itself is counted by the block; what mprun maps is not counted. With
 * the lock of the maps if the call is to be counted: the thread, else NULL. */
static struct mpr_thread *begin(void)
{
    if (!mpr_probe->heap || !mpr_heap_counts(&mpr_thread_block))
        return NULL;
    mpr_guard_begin(&mpr_thread_block); /* a signal's handler may come here, too */
    if (mpr_maps_lock())
        return &mpr_thread_block;
    mpr_guard_end(&mpr_thread_block);
    return NULL;
}

static void end(struct mpr_thread *thread)
{
    if (!thread)
        return;
    mpr_maps_unlock();
    mpr_guard_end(thread);
}

/* Is there something to count, after the system call? That may have taken long, without a hold: the
 * session may have closed meanwhile, and be gone if somebody else was waited for in vain. None
 * begins before the lock is given. Then a hold is to be ended. */
static bool counted(struct mpr_thread *thread)
{
    if (!thread || !mpr_hold_begin(thread))
        return false;
    if (MPR_READ(mpr_probe->heap))
        return true;
    mpr_hold_end(thread);
    return false;
}

static void *map(
    enum mpr_next which, void *start, size_t size, int protection, int flags, int fd, off_t offset)
{
    mmap_fn *next = (mmap_fn *)mpr_next_of(which);
    struct mpr_thread *thread = begin();
    void *result = next ? next(start, size, protection, flags, fd, offset)
                        : (void *)syscall(SYS_mmap, start, size, protection, flags, fd, offset);
    if (result != MAP_FAILED && counted(thread)) {
        mpr_maps_mapped(thread, (uintptr_t)result, size, protection, flags, fd);
        mpr_hold_end(thread);
    }
    end(thread);
    if (flags & MMAP_CHANGES_RSS)
        mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT void *mmap(void *start, size_t size, int protection, int flags, int fd, off_t offset)
{
    return map(MPR_NEXT_MMAP, start, size, protection, flags, fd, offset);
}

MPR_EXPORT void *mmap64(void *start, size_t size, int protection, int flags, int fd, off64_t offset)
{
    return map(MPR_NEXT_MMAP64, start, size, protection, flags, fd, offset);
}

MPR_EXPORT int munmap(void *start, size_t size)
{
    int (*next)(void *, size_t) = (int (*)(void *, size_t))mpr_next_of(MPR_NEXT_MUNMAP);
    struct mpr_thread *thread = begin();
    int result = next ? next(start, size) : (int)syscall(SYS_munmap, start, size);
    if (result == 0 && counted(thread)) {
        mpr_maps_unmapped(thread, (uintptr_t)start, size);
        mpr_hold_end(thread);
    }
    end(thread);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT void *mremap(void *start, size_t old_size, size_t new_size, int flags, ...)
{
    void *(*next)(void *, size_t, size_t, int, void *) =
        (void *(*)(void *, size_t, size_t, int, void *))mpr_next_of(MPR_NEXT_MREMAP);
    void *target = NULL;
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) { /* then there is a fifth argument */
        va_list more;
        va_start(more, flags);
        target = va_arg(more, void *);
        va_end(more);
    }
    struct mpr_thread *thread = begin();
    void *result = next ? next(start, old_size, new_size, flags, target)
                        : (void *)syscall(SYS_mremap, start, old_size, new_size, flags, target);
    if (result != MAP_FAILED && counted(thread)) {
        mpr_maps_moved(thread, (uintptr_t)start, old_size, (uintptr_t)result, new_size,
            (flags & MREMAP_DONTUNMAP) != 0);
        mpr_hold_end(thread);
    }
    end(thread);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int madvise(void *start, size_t size, int advice)
{
    int (*next)(void *, size_t, int) = (int (*)(void *, size_t, int))mpr_next_of(MPR_NEXT_MADVISE);
    int result = next ? next(start, size, advice) : (int)syscall(SYS_madvise, start, size, advice);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int mlock(const void *start, size_t size)
{
    int (*next)(const void *, size_t) = (int (*)(const void *, size_t))mpr_next_of(MPR_NEXT_MLOCK);
    int result = next ? next(start, size) : (int)syscall(SYS_mlock, start, size);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int mlock2(const void *start, size_t size, unsigned flags)
{
    int (*next)(const void *, size_t, unsigned) =
        (int (*)(const void *, size_t, unsigned))mpr_next_of(MPR_NEXT_MLOCK2);
    int result = next ? next(start, size, flags) : (int)syscall(SYS_mlock2, start, size, flags);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int mlockall(int flags)
{
    int (*next)(int) = (int (*)(int))mpr_next_of(MPR_NEXT_MLOCKALL);
    int result = next ? next(flags) : (int)syscall(SYS_mlockall, flags);
    mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int shmdt(const void *start)
{
    int (*next)(const void *) = (int (*)(const void *))mpr_next_of(MPR_NEXT_SHMDT);
    int result = next ? next(start) : (int)syscall(SYS_shmdt, start);
    mpr_probe_bump_epoch();
    return result;
}
