/* SPDX-License-Identifier: MIT */
/* malloc and its family: what they give and take is counted (see mprun/count.h), and frees that may
 * give pages back to the kernel bump the RSS epoch. Each call goes on to the next definition, which
 * stays the program's allocator, with the same arguments; errno is what that left.
 *
 * Cost while the heap is not tracked: of an allocation, two loads and a tail call; of a free, a
 * load, a test of the chunk's header word and a tail call. */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/count.h"
#include "mprun/heap_facts.h"
#include "mprun/next.h"

/* The C library's own, for the moment in which the next ones are looked up. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

#define BIG                                                                                        \
    ((size_t)64 << 10)          /* glibc trims when a free consolidates to this                    \
                                   (FASTBIN_CONSOLIDATION_THRESHOLD) */
#define SMALL ((size_t)1 << 10) /* chunks up to here go to the thread's cache and trim nothing */

#define CHECKER "libc_malloc_debug.so"

/* Flags in the size word in front of a glibc chunk. */
#define CHUNK_MAPPED 2u
#define CHUNK_OTHER_ARENA 4u
#define CHUNK_FLAGS 7u

typedef void *malloc_fn(size_t);
typedef void *calloc_fn(size_t, size_t);
typedef void *realloc_fn(void *, size_t);
typedef void *memalign_fn(size_t, size_t);
typedef int posix_memalign_fn(void **, size_t, size_t);

/* Of the process, not of a session. */
static struct {
    int is_glibc;      /* -1 unknown */
    const char *owner; /* of malloc, if it is not glibc */
} state = {.is_glibc = -1};

/* Is the next free glibc's own, so that chunk headers can be read? libc_malloc_debug.so passes on
 * to that, and ends the program where it is asked for the size of a block that it finds broken. */
static bool is_glibc(void)
{
    if (__builtin_expect(state.is_glibc < 0, 0)) {
        Dl_info free_info, exit_info;
        bool found = dladdr(mpr_next_of(MPR_NEXT_FREE), &free_info) != 0 &&
                     dladdr(dlsym(RTLD_NEXT, "exit"), &exit_info) != 0;
        const char *slash = found ? strrchr(free_info.dli_fname, '/') : NULL;
        const char *name = slash ? slash + 1 : found ? free_info.dli_fname : "";
        state.is_glibc = found && (free_info.dli_fbase == exit_info.dli_fbase ||
                                      strncmp(name, CHECKER, sizeof CHECKER - 1) == 0);
        if (found && !state.is_glibc)
            state.owner = name;
    }
    return state.is_glibc > 0;
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

static struct mpr_malloc_facts ask(void)
{
    struct mpr_malloc_facts facts = {.known = false};
    struct mallinfo2 (*info)(void) = (struct mallinfo2(*)(void))mpr_next_of(MPR_NEXT_MALLINFO2);
    if (is_glibc() && info) {
        struct mallinfo2 now = info();
        facts.known = true;
        facts.held = (int64_t)(now.arena + now.hblkhd);
        facts.used = (int64_t)(now.uordblks + now.hblkhd);
    }
    facts.owner = state.owner;
    return facts;
}

__attribute__((constructor)) static void offer_facts(void)
{
    mpr_heap_set_malloc(ask);
}

/* --- around a call to the next definition --- */

/* The thread whose call is to be counted, or NULL: the heap is not tracked, or this call is a part
 * of another that is counted, or is mprun's. */
static inline struct mpr_thread *counted_thread(void)
{
    if (__builtin_expect(!mpr_probe->heap, 1))
        return NULL;
    struct mpr_thread *thread = &mpr_thread_block;
    return mpr_heap_counts(thread) ? thread : NULL;
}

static inline void begin(struct mpr_thread *thread)
{
    thread->heap.guard = MPR_GUARD_INNER;
}

static inline void *got(struct mpr_thread *thread, void *block, size_t size)
{
    if (__builtin_expect(block != NULL, 1))
        mpr_heap_got(thread, block, size, MPR_HEAP_NATIVE);
    else
        mpr_heap_done(thread);
    return block;
}

MPR_EXPORT void *malloc(size_t size)
{
    malloc_fn *next = (malloc_fn *)mpr_next_of(MPR_NEXT_MALLOC);
    struct mpr_thread *thread = counted_thread();
    if (!next)
        return __libc_malloc(size);
    if (!thread)
        return next(size);
    begin(thread);
    return got(thread, next(size), size);
}

MPR_EXPORT void *calloc(size_t count, size_t size)
{
    calloc_fn *next = (calloc_fn *)mpr_next_of(MPR_NEXT_CALLOC);
    struct mpr_thread *thread = counted_thread();
    if (!next)
        return __libc_calloc(count, size);
    if (!thread)
        return next(count, size);
    begin(thread);
    return got(thread, next(count, size), count * size);
}

static void *aligned(enum mpr_next which, size_t alignment, size_t size)
{
    memalign_fn *next = (memalign_fn *)mpr_next_of(which);
    struct mpr_thread *thread = counted_thread();
    if (!next)
        return __libc_memalign(alignment, size);
    if (!thread)
        return next(alignment, size);
    begin(thread);
    return got(thread, next(alignment, size), size);
}

MPR_EXPORT void *memalign(size_t alignment, size_t size)
{
    return aligned(MPR_NEXT_MEMALIGN, alignment, size);
}

MPR_EXPORT void *aligned_alloc(size_t alignment, size_t size)
{
    return aligned(MPR_NEXT_ALIGNED_ALLOC, alignment, size);
}

MPR_EXPORT int posix_memalign(void **ret, size_t alignment, size_t size)
{
    posix_memalign_fn *next = (posix_memalign_fn *)mpr_next_of(MPR_NEXT_POSIX_MEMALIGN);
    struct mpr_thread *thread = counted_thread();
    if (!next)
        return ENOMEM;
    if (!thread)
        return next(ret, alignment, size);
    begin(thread);
    int status = next(ret, alignment, size);
    got(thread, status == 0 ? *ret : NULL, size);
    return status;
}

static void *pages(enum mpr_next which, size_t size)
{
    malloc_fn *next = (malloc_fn *)mpr_next_of(which);
    struct mpr_thread *thread = counted_thread();
    if (!next) {
        errno = ENOMEM;
        return NULL;
    }
    if (!thread)
        return next(size);
    begin(thread);
    return got(thread, next(size), size);
}

MPR_EXPORT void *valloc(size_t size)
{
    return pages(MPR_NEXT_VALLOC, size);
}

MPR_EXPORT void *pvalloc(size_t size)
{
    return pages(MPR_NEXT_PVALLOC, size);
}

/* --- frees --- */

/* Recorded before it happens: afterwards the block may be another thread's. */
static inline void forget(void *block)
{
    if (mpr_probe->heap)
        mpr_heap_gives(&mpr_thread_block, block);
}

MPR_EXPORT void free(void *block)
{
    void (*next)(void *) = (void (*)(void *))mpr_next_of(MPR_NEXT_FREE);
    if (!next || !block)
        return;
    forget(block);
    bool bump = mpr_probe->armed && may_give_back(block);
    if (__builtin_expect(state.is_glibc == 0, 0)) { /* its own maps are no heap of the program's */
        mpr_thread_block.heap.guard += MPR_GUARD_OWN;
        next(block);
        mpr_thread_block.heap.guard -= MPR_GUARD_OWN;
    } else if (!bump) {
        next(block);
        return;
    } else {
        next(block);
    }
    mpr_probe_bump_epoch();
}

/* C23's; the C library may not have them yet: then nobody calls them but who was linked to another
 * allocator. */
MPR_EXPORT void free_sized(void *block, size_t size);
MPR_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size);

MPR_EXPORT void free_sized(void *block, size_t size)
{
    void (*next)(void *, size_t) = (void (*)(void *, size_t))mpr_next_of(MPR_NEXT_FREE_SIZED);
    if (!next || !block) {
        free(block);
        return;
    }
    forget(block);
    next(block, size);
    mpr_probe_bump_epoch();
}

MPR_EXPORT void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    void (*next)(void *, size_t, size_t) =
        (void (*)(void *, size_t, size_t))mpr_next_of(MPR_NEXT_FREE_ALIGNED_SIZED);
    if (!next || !block) {
        free(block);
        return;
    }
    forget(block);
    next(block, alignment, size);
    mpr_probe_bump_epoch();
}

/* --- reallocation --- */

/* A failure leaves the block where it was, but for size 0: there, glibc has freed it. */
static void *counted_realloc(realloc_fn *next, void *block, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!mpr_probe->heap || (thread->heap.guard & MPR_GUARD_INNER))
        return next(block, size);
    struct mpr_resize resize = mpr_heap_resize_begin(thread, block);
    void *result = next(block, size);
    mpr_heap_resize_end(thread, resize, block, result, size, MPR_HEAP_NATIVE, size == 0);
    return result;
}

MPR_EXPORT void *realloc(void *block, size_t size)
{
    realloc_fn *next = (realloc_fn *)mpr_next_of(MPR_NEXT_REALLOC);
    if (!next)
        return __libc_realloc(block, size);
    bool bump = mpr_probe->armed && block && may_give_back(block);
    void *result = counted_realloc(next, block, size);
    if (__builtin_expect(bump, 0))
        mpr_probe_bump_epoch();
    return result;
}

/* As every C library has it: an overflow, or realloc. */
MPR_EXPORT void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

MPR_EXPORT int malloc_trim(size_t pad)
{
    int (*next)(size_t) = (int (*)(size_t))mpr_next_of(MPR_NEXT_MALLOC_TRIM);
    int result = next ? next(pad) : 0;
    mpr_probe_bump_epoch();
    return result;
}
