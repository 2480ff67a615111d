/* SPDX-License-Identifier: MIT */
/* The allocators of the MEM and OBJ domains (under a GIL, which may be another interpreter's), RAW,
 * and arenas. Each hook forwards to the allocator that was there, whatever PYTHONMALLOC and -X dev
 * made it, and counts what comes back by the line that runs. No locked instruction under the GIL,
 * and no call but the allocator's once a line is in the cache. */
#include "nodes.h"

#include "mprun/python_heap.h"
#include "mprun/runtime.h"

static PyMemAllocatorEx next_raw, next_mem, next_obj;
static PyObjectArenaAllocator next_arena;

/* Is this allocation one to count? Then the inner calls that it makes are not. */
static inline bool begin(struct mpr_thread *thread)
{
    if (__builtin_expect(!mpr_probe->heap || !mpr_heap_counts(thread), 0))
        return false;
    thread->guard = MPR_GUARD_INNER;
    return true;
}

/* Under another interpreter's GIL. */
MPR_COLD static void got_elsewhere(struct mpr_thread *thread, void *block, size_t size)
{
    mpr_heap_got(thread, block, size, MPR_HEAP_PYTHON);
}

MPR_HOT void *got(struct mpr_thread *thread, void *block, size_t size)
{
    const PyThreadState *ts = mpr_gil_holder();
    thread->guard = 0;
    if (__builtin_expect(!block, 0))
        return NULL;
    if (__builtin_expect(mpr_gil_is_foreign(ts), 0))
        got_elsewhere(thread, block, size);
    else
        mpr_heap_add(thread, mpr_probe->heap, mpr_node_of(thread, ts, MPR_HEAP_PYTHON), block, size,
            MPR_HEAP_PYTHON);
    return block;
}

static void *locked_malloc(void *context, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return next->malloc(next->ctx, size);
    return got(thread, next->malloc(next->ctx, size), size);
}

static void *locked_calloc(void *context, size_t count, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return next->calloc(next->ctx, count, size);
    return got(thread, next->calloc(next->ctx, count, size), count * size);
}

static void locked_free(void *context, void *block)
{
    const PyMemAllocatorEx *next = context;
    if (__builtin_expect(mpr_probe->heap && !mpr_gils_are_many(), 1))
        mpr_heap_remove(&mpr_thread_block, mpr_probe->heap, block);
    else if (mpr_probe->heap && block)
        mpr_heap_gives(&mpr_thread_block, block);
    next->free(next->ctx, block);
}

static void *any_realloc(void *context, void *block, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    if (!mpr_probe->heap || (thread->guard & MPR_GUARD_INNER))
        return next->realloc(next->ctx, block, size);
    struct mpr_resize resize = mpr_heap_resize_begin(thread, block);
    void *result = next->realloc(next->ctx, block, size);
    mpr_heap_resize_end(thread, resize, block, result, size, MPR_HEAP_PYTHON, false);
    return result;
}

static void *locked_realloc(void *context, void *block, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    if (!block || !mpr_probe->heap || thread->guard || mpr_gils_are_many())
        return any_realloc(context, block, size);
    struct mpr_taken old = mpr_heap_take_out(block);
    thread->guard = MPR_GUARD_INNER;
    void *result = next->realloc(next->ctx, block, size);
    thread->guard = 0;
    if (__builtin_expect(!result, 0)) {
        mpr_heap_restore(block, old);
        return NULL;
    }
    mpr_heap_move(thread, mpr_probe->heap, old,
        mpr_node_of(thread, mpr_gil_holder(), MPR_HEAP_PYTHON), result, size, MPR_HEAP_PYTHON);
    return result;
}

/* RAW: the GIL may be held or not. */
static void *raw_malloc(void *context, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return next->malloc(next->ctx, size);
    void *block = next->malloc(next->ctx, size);
    thread->guard = 0;
    if (block)
        mpr_heap_got(thread, block, size, MPR_HEAP_PYTHON);
    return block;
}

static void *raw_calloc(void *context, size_t count, size_t size)
{
    const PyMemAllocatorEx *next = context;
    struct mpr_thread *thread = &mpr_thread_block;
    bool counted = begin(thread);
    void *block = next->calloc(next->ctx, count, size);
    if (counted) {
        thread->guard = 0;
        if (block)
            mpr_heap_got(thread, block, count * size, MPR_HEAP_PYTHON);
    } else if (block && (thread->guard & MPR_GUARD_INNER)) {
        mpr_arena_table_comes(block, count * size); /* inside another allocation: pymalloc's own */
    }
    return block;
}

static void raw_free(void *context, void *block)
{
    const PyMemAllocatorEx *next = context;
    if (mpr_probe->heap && block)
        mpr_heap_gives(&mpr_thread_block, block);
    next->free(next->ctx, block);
}

/* --- arenas: what pymalloc cuts its blocks from --- */

static void *arena_alloc(void *context, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->guard;
    (void)context;
    thread->guard |= MPR_GUARD_INNER;
    void *arena = next_arena.alloc(next_arena.ctx, size);
    thread->guard = guard;
    if (arena)
        mpr_arena_comes(arena, size);
    return arena;
}

static void arena_free(void *context, void *arena, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->guard;
    (void)context;
    mpr_arena_goes(arena);
    thread->guard |= MPR_GUARD_INNER;
    next_arena.free(next_arena.ctx, arena, size);
    thread->guard = guard;
}

void *mpr_python_take(size_t size)
{
    return next_mem.malloc ? next_mem.malloc(next_mem.ctx, size) : PyMem_Malloc(size);
}

static void hook(PyMemAllocatorDomain domain, PyMemAllocatorEx *next, PyMemAllocatorEx hooks)
{
    PyMem_GetAllocator(domain, next);
    hooks.ctx = next;
    PyMem_SetAllocator(domain, &hooks);
}

/* An interpreter that brings a malloc of its own (linked with an allocator) never calls ours. */
static void compare_malloc(void)
{
    uint64_t before = mpr_thread_block.counts->allocations;
    PyMem_RawFree(PyMem_RawMalloc(1));
    if (mpr_thread_block.counts->allocations == before)
        mpr_note(MPR_NOTE_MALLOC_UNSEEN);
}

void mpr_python_hook_allocators(void)
{
    static const PyMemAllocatorEx raw = {NULL, raw_malloc, raw_calloc, any_realloc, raw_free};
    static const PyMemAllocatorEx locked = {
        NULL, locked_malloc, locked_calloc, locked_realloc, locked_free};
    PyObjectArenaAllocator arena = {NULL, arena_alloc, arena_free};
    compare_malloc();
    hook(PYMEM_DOMAIN_RAW, &next_raw, raw);
    hook(PYMEM_DOMAIN_MEM, &next_mem, locked);
    hook(PYMEM_DOMAIN_OBJ, &next_obj, locked);
    PyObject_GetArenaAllocator(&next_arena);
    PyObject_SetArenaAllocator(&arena);
}
