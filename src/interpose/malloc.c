/* SPDX-License-Identifier: MIT */
/* Frees that may give pages back to the kernel bump the RSS epoch. Allocation needs no hook here:
 * new pages show as page faults. Cost: a load, a test of the chunk's header word, a tail call. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/probe.h"
#include "next.h"

extern void *__libc_realloc(void *block, size_t size);

#define BIG                                                                                        \
    ((size_t)64 << 10)          /* glibc trims when a free consolidates to this                    \
                                   (FASTBIN_CONSOLIDATION_THRESHOLD) */
#define SMALL ((size_t)1 << 10) /* chunks up to here go to the thread's cache and trim nothing */

/* Flags in the size word in front of a glibc chunk. */
#define CHUNK_MAPPED 2u
#define CHUNK_OTHER_ARENA 4u
#define CHUNK_FLAGS 7u

static int glibc_malloc = -1; /* -1 unknown */

/* Is the next free glibc's own, so that chunk headers can be read? */
static bool is_glibc(void)
{
    if (__builtin_expect(glibc_malloc < 0, 0)) {
        Dl_info free_info, exit_info;
        glibc_malloc = dladdr(mpr_next_of(MPR_NEXT_FREE), &free_info) != 0 &&
                       dladdr(dlsym(RTLD_NEXT, "exit"), &exit_info) != 0 &&
                       free_info.dli_fbase == exit_info.dli_fbase;
    }
    return glibc_malloc > 0;
}

/* Outside the main arena a trim moves no program break: there, a middling free counts too. */
static bool may_give_back(void *block)
{
    if (!is_glibc()) {
        size_t (*usable)(void *) = (size_t(*)(void *))mpr_next_of(MPR_NEXT_MALLOC_USABLE_SIZE);
        return usable && usable(block) >= BIG;
    }
    size_t word = ((const size_t *)block)[-1];
    size_t size = word & ~(size_t)CHUNK_FLAGS;
    return size >= BIG || (word & CHUNK_MAPPED) || ((word & CHUNK_OTHER_ARENA) && size > SMALL);
}

MPR_EXPORT void free(void *block)
{
    void (*next)(void *) = (void (*)(void *))mpr_next_of(MPR_NEXT_FREE);
    if (!next || !block)
        return;
    if (__builtin_expect(mpr_probe->armed && may_give_back(block), 0)) {
        next(block);
        mpr_probe_bump_epoch();
        return;
    }
    next(block);
}

MPR_EXPORT void *realloc(void *block, size_t size)
{
    void *(*next)(void *, size_t) = (void *(*)(void *, size_t))mpr_next_of(MPR_NEXT_REALLOC);
    if (!next)
        return __libc_realloc(block, size);
    bool bump = mpr_probe->armed && block && may_give_back(block);
    void *result = next(block, size);
    if (__builtin_expect(bump, 0))
        mpr_probe_bump_epoch();
    return result;
}

MPR_EXPORT int malloc_trim(size_t pad)
{
    int (*next)(size_t) = (int (*)(size_t))mpr_next_of(MPR_NEXT_MALLOC_TRIM);
    int result = next ? next(pad) : 0;
    mpr_probe_bump_epoch();
    return result;
}
