/* SPDX-License-Identifier: MIT */
/* Maps that the program makes. */
#ifndef MPRUN_MAPS_H
#define MPRUN_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/probe.h"

/* Private anonymous writable memory from mmap is heap. The lock is held around the system call, so
 * that what it changes and what is known of it change together. Any thread. */
bool mpr_maps_lock(void); /* false: the heap is not tracked any more, and the lock not taken */
void mpr_maps_unlock(void);
/* Before the first start in a process, where the lock may be a parent's thread's. */
void mpr_maps_own(void);
/* No map is known; what comes is summed up there. */
void mpr_maps_start(struct mpr_rec_heap *heap);
/* [start, start + size) is mapped now, with the other arguments of mmap, in place of whatever was
 * there. With the lock, as the others. */
void mpr_maps_mapped(
    struct mpr_thread *thread, uintptr_t start, uint64_t size, int protection, int flags, int fd);
void mpr_maps_unmapped(struct mpr_thread *thread, uintptr_t start, uint64_t size);
/* What was at [from, from + old_size) now is at [to, to + new_size); `kept`: and stays mapped
 * there, empty (MREMAP_DONTUNMAP). */
void mpr_maps_moved(struct mpr_thread *thread, uintptr_t from, uint64_t old_size, uintptr_t to,
    uint64_t new_size, bool kept);
/* What the program has mapped at that address, if it is no heap. With the lock. */
enum mpr_mapped { MPR_MAPPED_NOTHING, MPR_MAPPED_FILE, MPR_MAPPED_SHARED };
enum mpr_mapped mpr_maps_nonheap(uintptr_t at);
/* Is what /proc calls a mapping or a descriptor memory that has no file, or one in /dev/shm? */
bool mpr_path_is_memory(const char *path);
/* Bytes of heap maps that are not resident. With the lock. */
int64_t mpr_maps_untouched(void);
/* Bytes of [start, end) that lie in pages which are not resident. */
int64_t mpr_untouched(uintptr_t start, uintptr_t end);

#endif
