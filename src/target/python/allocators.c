/* SPDX-License-Identifier: MIT */
/* The allocators of the MEM and OBJ domains (under a GIL, which may be another interpreter's), RAW,
 * and arenas. Each hook forwards to the allocator that was there, whatever PYTHONMALLOC and -X dev
 * made it, and counts what comes back by the line that runs. No locked instruction under the GIL,
 * and no call but the allocator's once a line is in the cache. */
#include "nodes.h"

#include <string.h>

#include "mprun/lock.h"
#include "mprun/python_heap.h"

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

#define TABLE_LEAST ((uint64_t)64 << 10)

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

/* Tables and arenas: each interpreter with a GIL of its own has some. */
static struct mpr_lock arena_lock;

/* Inside another allocation: a table of pymalloc's own. */
static void note_table(const void *block, uint64_t size)
{
    struct mpr_arena_tables *tables = &mpr_arena_tables;
    if (!mpr_probe->heap || size < TABLE_LEAST)
        return;
    mpr_lock_take(&arena_lock);
    if (tables->count < MPR_ARENA_TABLES) {
        tables->start[tables->count] = (uintptr_t)block;
        tables->size[tables->count++] = size;
    }
    mpr_lock_give(&arena_lock);
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
        note_table(block, count * size);
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

/* --- arenas: what pymalloc cuts its blocks from; known for the reconciliation, never heap --- */

#define ARENA_LEAST ((size_t)256 << 10) /* the allocator also serves the frames' stack, in less */

static struct {
    uintptr_t *start;
    uint64_t *size;
    uint32_t capacity;
} arenas;

/* With the lock. What is outgrown stays behind, for who reads it. */
static void install(uintptr_t *start, uint64_t *size, uint32_t capacity)
{
    if (mpr_arenas.count) {
        memcpy(start, arenas.start, mpr_arenas.count * sizeof *start);
        memcpy(size, arenas.size, mpr_arenas.count * sizeof *size);
    }
    arenas.start = start;
    arenas.size = size;
    arenas.capacity = capacity;
    mpr_arenas = (struct mpr_arenas){start, size, mpr_arenas.count};
}

/* Room for one more, the lock held then. The holder of the lock allocates nothing. */
static bool lock_with_room(void)
{
    for (;;) {
        mpr_lock_take(&arena_lock);
        uint32_t capacity = arenas.capacity, grown = capacity ? capacity * 2 : 64;
        if (mpr_arenas.count < capacity)
            return true;
        mpr_lock_give(&arena_lock);
        uintptr_t *start = mpr_probe_alloc(grown * sizeof *start);
        uint64_t *size = mpr_probe_alloc(grown * sizeof *size);
        if (!start || !size)
            return false;
        mpr_lock_take(&arena_lock);
        if (arenas.capacity == capacity)
            install(start, size, grown);
        mpr_lock_give(&arena_lock);
    }
}

static void note_arena(const void *arena, size_t size)
{
    if (!mpr_probe->heap || size < ARENA_LEAST || !lock_with_room())
        return;
    arenas.start[mpr_arenas.count] = (uintptr_t)arena;
    arenas.size[mpr_arenas.count++] = size;
    mpr_lock_give(&arena_lock);
}

static void forget_arena(const void *arena, size_t size)
{
    if (!mpr_probe->heap || size < ARENA_LEAST)
        return;
    mpr_lock_take(&arena_lock);
    for (uint32_t i = 0; i < mpr_arenas.count; i++) {
        if (arenas.start[i] != (uintptr_t)arena)
            continue;
        arenas.start[i] = arenas.start[--mpr_arenas.count];
        arenas.size[i] = arenas.size[mpr_arenas.count];
        break;
    }
    mpr_lock_give(&arena_lock);
}

static void *arena_alloc(void *context, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->guard;
    (void)context;
    thread->guard |= MPR_GUARD_INNER;
    void *arena = next_arena.alloc(next_arena.ctx, size);
    thread->guard = guard;
    if (arena)
        note_arena(arena, size);
    return arena;
}

static void arena_free(void *context, void *arena, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->guard;
    (void)context;
    forget_arena(arena, size);
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

void mpr_python_hook_allocators(void)
{
    static const PyMemAllocatorEx raw = {NULL, raw_malloc, raw_calloc, any_realloc, raw_free};
    static const PyMemAllocatorEx locked = {
        NULL, locked_malloc, locked_calloc, locked_realloc, locked_free};
    PyObjectArenaAllocator arena = {NULL, arena_alloc, arena_free};
    hook(PYMEM_DOMAIN_RAW, &next_raw, raw);
    hook(PYMEM_DOMAIN_MEM, &next_mem, locked);
    hook(PYMEM_DOMAIN_OBJ, &next_obj, locked);
    PyObject_GetArenaAllocator(&next_arena);
    PyObject_SetArenaAllocator(&arena);
}
