/* SPDX-License-Identifier: MIT */
/* The allocators of the MEM and OBJ domains (under a GIL, which may be another interpreter's), RAW,
 * and arenas. Each hook forwards to the allocator that was there, whatever PYTHONMALLOC and -X dev
 * made it, and counts what comes back by the line that runs. No locked instruction under the GIL,
 * and no call but the allocator's once a line is in the cache.
 *
 * CPython copies an allocator field by field, and who uses RAW may not hold the GIL. So each hook
 * has the context of what it hooks: any mix of the two is valid, when they come and when they go.
 */
#include "nodes.h"

#include "mprun/heap_facts.h"
#include "mprun/python_heap.h"
#include "mprun/runtime.h"

enum { RAW = PYMEM_DOMAIN_RAW, MEM = PYMEM_DOMAIN_MEM, OBJ = PYMEM_DOMAIN_OBJ, DOMAINS };

/* What was there stays known after the session: a hook may run at its end. `behind`: ours is not
 * the first, so another hook may still go on to it. */
static struct {
    struct {
        PyMemAllocatorEx next;
        bool behind;
    } domain[DOMAINS];
    struct {
        PyObjectArenaAllocator next;
        bool behind;
    } arena;
    bool hooked; /* by the session that is open */
} state;

/* Is this allocation one to count? Then the inner calls that it makes are not. */
static inline bool begin(struct mpr_thread *thread)
{
    if (__builtin_expect(!mpr_probe->heap || !mpr_heap_counts(thread), 0))
        return false;
    thread->heap.guard = MPR_GUARD_INNER;
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
    if (__builtin_expect(block && mpr_gil_is_foreign(ts), 0))
        got_elsewhere(thread, block, size);
    else if (__builtin_expect(block != NULL, 1))
        mpr_heap_add(thread, mpr_heap_counted, mpr_node_of(thread, ts, MPR_HEAP_PYTHON), block,
            size, MPR_HEAP_PYTHON);
    mpr_heap_done(thread);
    return block;
}

MPR_HOT void *locked_malloc(const PyMemAllocatorEx *next, void *context, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return next->malloc(context, size);
    return got(thread, next->malloc(context, size), size);
}

MPR_HOT void *locked_calloc(const PyMemAllocatorEx *next, void *context, size_t count, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return next->calloc(context, count, size);
    return got(thread, next->calloc(context, count, size), count * size);
}

MPR_HOT void locked_free(const PyMemAllocatorEx *next, void *context, void *block)
{
    struct mpr_rec_heap *heap = MPR_READ(mpr_probe->heap);
    if (__builtin_expect(heap && !mpr_gils_are_many(), 1))
        mpr_heap_remove(&mpr_thread_block, heap, block);
    else if (heap && block)
        mpr_heap_gives(&mpr_thread_block, block);
    next->free(context, block);
}

static void *any_realloc(const PyMemAllocatorEx *next, void *context, void *block, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!mpr_probe->heap || (thread->heap.guard & MPR_GUARD_INNER))
        return next->realloc(context, block, size);
    struct mpr_resize resize = mpr_heap_resize_begin(thread, block);
    void *result = next->realloc(context, block, size);
    mpr_heap_resize_end(thread, resize, block, result, size, MPR_HEAP_PYTHON, false);
    return result;
}

MPR_HOT void *locked_realloc(const PyMemAllocatorEx *next, void *context, void *block, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!block || !mpr_probe->heap || thread->heap.guard || mpr_gils_are_many())
        return any_realloc(next, context, block, size);
    struct mpr_taken old = mpr_heap_take_out(block);
    thread->heap.guard = MPR_GUARD_INNER;
    void *result = next->realloc(context, block, size);
    if (__builtin_expect(result != NULL, 1))
        mpr_heap_move(thread, mpr_heap_counted, old,
            mpr_node_of(thread, mpr_gil_holder(), MPR_HEAP_PYTHON), result, size, MPR_HEAP_PYTHON);
    else
        mpr_heap_restore(block, old);
    mpr_heap_done(thread);
    return result;
}

/* RAW: the GIL may be held or not. */
static inline void *raw_got(struct mpr_thread *thread, void *block, size_t size)
{
    if (block)
        mpr_heap_got(thread, block, size, MPR_HEAP_PYTHON);
    else
        mpr_heap_done(thread);
    return block;
}

static void *raw_malloc(void *context, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!begin(thread))
        return state.domain[RAW].next.malloc(context, size);
    return raw_got(thread, state.domain[RAW].next.malloc(context, size), size);
}

static void *raw_calloc(void *context, size_t count, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    bool counted = begin(thread);
    void *block = state.domain[RAW].next.calloc(context, count, size);
    if (counted)
        return raw_got(thread, block, count * size);
    if (block && (thread->heap.guard & MPR_GUARD_INNER))
        mpr_arena_table_comes(block, count * size); /* inside another allocation: pymalloc's own */
    return block;
}

static void raw_free(void *context, void *block)
{
    if (mpr_probe->heap && block)
        mpr_heap_gives(&mpr_thread_block, block);
    state.domain[RAW].next.free(context, block);
}

static void *raw_realloc(void *context, void *block, size_t size)
{
    return any_realloc(&state.domain[RAW].next, context, block, size);
}

/* --- MEM and OBJ --- */

static void *mem_malloc(void *context, size_t size)
{
    return locked_malloc(&state.domain[MEM].next, context, size);
}

static void *mem_calloc(void *context, size_t count, size_t size)
{
    return locked_calloc(&state.domain[MEM].next, context, count, size);
}

static void *mem_realloc(void *context, void *block, size_t size)
{
    return locked_realloc(&state.domain[MEM].next, context, block, size);
}

static void mem_free(void *context, void *block)
{
    locked_free(&state.domain[MEM].next, context, block);
}

static void *obj_malloc(void *context, size_t size)
{
    return locked_malloc(&state.domain[OBJ].next, context, size);
}

static void *obj_calloc(void *context, size_t count, size_t size)
{
    return locked_calloc(&state.domain[OBJ].next, context, count, size);
}

static void *obj_realloc(void *context, void *block, size_t size)
{
    return locked_realloc(&state.domain[OBJ].next, context, block, size);
}

static void obj_free(void *context, void *block)
{
    locked_free(&state.domain[OBJ].next, context, block);
}

/* --- arenas: what pymalloc cuts its blocks from --- */

static void *arena_alloc(void *context, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->heap.guard;
    (void)context;
    thread->heap.guard |= MPR_GUARD_INNER;
    void *arena = state.arena.next.alloc(state.arena.next.ctx, size);
    thread->heap.guard = guard;
    if (arena)
        mpr_arena_comes(arena, size);
    return arena;
}

static void arena_free(void *context, void *arena, size_t size)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint32_t guard = thread->heap.guard;
    (void)context;
    mpr_arena_goes(arena);
    thread->heap.guard |= MPR_GUARD_INNER;
    state.arena.next.free(state.arena.next.ctx, arena, size);
    thread->heap.guard = guard;
}

void *mpr_python_take(size_t size)
{
    const PyMemAllocatorEx *next = &state.domain[MEM].next;
    return state.hooked ? next->malloc(next->ctx, size) : PyMem_Malloc(size);
}

/* Without a context. */
static const PyMemAllocatorEx ours[DOMAINS] = {
    [RAW] = {NULL, raw_malloc, raw_calloc, raw_realloc, raw_free},
    [MEM] = {NULL, mem_malloc, mem_calloc, mem_realloc, mem_free},
    [OBJ] = {NULL, obj_malloc, obj_calloc, obj_realloc, obj_free},
};

static void hook(PyMemAllocatorDomain domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domain, &now);
    if (now.malloc == ours[domain].malloc || state.domain[domain].behind)
        return;
    state.domain[domain].next = now;
    now = ours[domain];
    now.ctx = state.domain[domain].next.ctx;
    PyMem_SetAllocator(domain, &now);
}

static void unhook(PyMemAllocatorDomain domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domain, &now);
    state.domain[domain].behind = now.malloc != ours[domain].malloc;
    if (!state.domain[domain].behind)
        PyMem_SetAllocator(domain, &state.domain[domain].next);
}

static void hook_arenas(void)
{
    PyObjectArenaAllocator now;
    PyObject_GetArenaAllocator(&now);
    if (now.alloc == arena_alloc || state.arena.behind)
        return;
    state.arena.next = now;
    now.alloc = arena_alloc;
    now.free = arena_free;
    PyObject_SetArenaAllocator(&now);
}

static void unhook_arenas(void)
{
    PyObjectArenaAllocator now;
    PyObject_GetArenaAllocator(&now);
    state.arena.behind = now.alloc != arena_alloc;
    if (!state.arena.behind)
        PyObject_SetArenaAllocator(&state.arena.next);
}

/* An interpreter that brings a malloc of its own (linked with an allocator) never calls ours. */
static void compare_malloc(void)
{
    uint64_t before = mpr_thread_block.heap.counts->allocations;
    PyMem_RawFree(PyMem_RawMalloc(1));
    if (mpr_thread_block.heap.counts->allocations == before)
        mpr_note(MPR_NOTE_MALLOC_UNSEEN);
}

void mpr_python_hook_allocators(void)
{
    compare_malloc();
    for (int domain = 0; domain < DOMAINS; domain++)
        hook(domain);
    hook_arenas();
    state.hooked = true;
}

void mpr_python_unhook_allocators(void)
{
    if (!state.hooked)
        return;
    state.hooked = false;
    for (int domain = 0; domain < DOMAINS; domain++)
        unhook(domain);
    unhook_arenas();
}
