/* SPDX-License-Identifier: MIT */
/* Frames that have been left and are being cleared.
 *
 * The last thing that CPython does to a frame is to take it off the thread's data stack
 * (_PyThreadState_PopFrame), in 3.11 behind the evaluator, from 3.12 on behind the last event. So
 * as long as the stack reaches over it, and no other frame lies there, what is freed is what it
 * held. The frame of a generator lies in the generator: it counts as long as its caller, by then
 * the running frame, is at the instruction that resumed it.
 *
 * Where a finalizer runs meanwhile, its frames lie between; its calls may be watched themselves.
 *
 * Cost: some twenty stores at a call's end; a free while a frame is left, a call and some twenty
 * loads, until the first that is not the frame's. */
#include "leaving.h"

#include <string.h>

#include "mprun/heap.h"

#define WALK_MAX 256 /* frames of a finalizer; past that the frame is no longer watched */

struct mpr_leaving {
    struct mpr_leaving *outer; /* in whose clearing it ran; in the pool, the next */
    struct mpr_function_rows *table;
    /* Where the frame was: numbers to compare with, since it may be gone. */
    const _PyInterpreterFrame *frame;
    const _PyInterpreterFrame *caller;
    const void *at;
    const void *caller_at;
    const void *chunk; /* of the data stack, and its end then; NULL: it is not there */
    PyObject **top;
    uint64_t freed; /* of the thread, when its last row closed */
    uint64_t allocated;
    int64_t released; /* since, as far as it has been added up */
};

static struct {
    struct mpr_leaving *pool;
    unsigned watched;
    bool paused, withheld;
} state;

static bool on_stack(const PyThreadState *ts, const struct mpr_leaving *leaving)
{
    const _PyStackChunk *chunk = ts->datastack_chunk;
    if (chunk == leaving->chunk)
        return ts->datastack_top >= leaving->top;
    while (chunk && chunk != leaving->chunk)
        chunk = chunk->previous;
    return chunk != NULL;
}

static bool in_its_place(const struct mpr_leaving *leaving, const _PyInterpreterFrame *frame)
{
    return leaving->chunk && (uintptr_t)frame >= (uintptr_t)leaving->frame &&
           (uintptr_t)frame < (uintptr_t)leaving->top;
}

/* From the running frame to the one that called it. */
static bool is_there(const struct mpr_leaving *leaving, const PyThreadState *ts)
{
    const _PyInterpreterFrame *frame = mpr_frame_current(ts), *inner = NULL;
    for (int walked = 0; frame != leaving->caller; frame = mpr_frame_caller(frame)) {
        if (!frame || walked++ == WALK_MAX)
            return false;
        if (frame == leaving->frame) /* other tools are told of its end */
            return mpr_frame_at(frame) == leaving->at;
        if (in_its_place(leaving, frame))
            return false;
        inner = frame;
    }
    if (frame && mpr_frame_at(frame) != leaving->caller_at)
        return false;
    if (leaving->chunk)
        return on_stack(ts, leaving);
    return frame && (!inner || mpr_frame_from_c(inner));
}

static void forget_innermost(struct mpr_stack *stack)
{
    struct mpr_leaving *leaving = stack->leaving;
    stack->leaving = leaving->outer;
    leaving->outer = state.pool;
    state.pool = leaving;
    if (--state.watched == 0 && mpr_probe->heap)
        __atomic_fetch_and(&mpr_probe->heap->on_free, ~MPR_ON_FREE_LEAVING, __ATOMIC_RELAXED);
}

/* Those that are gone, and all that were left while they were cleared. */
static void forget_gone(struct mpr_stack *stack, const PyThreadState *ts)
{
    while (stack->leaving && !is_there(stack->leaving, ts))
        forget_innermost(stack);
}

static void add_up(
    struct mpr_leaving *leaving, const struct mpr_rec_heap_counts *counts, uint64_t size)
{
    int64_t released = (int64_t)(counts->freed + size - leaving->freed) -
                       (int64_t)(counts->allocated - leaving->allocated);
    leaving->table->fn->freed_on_return += released - leaving->released;
    leaving->released = released;
}

/* As mpr_heap_set_leaving has it. */
static void frees(struct mpr_thread *thread, uint64_t size)
{
    const PyThreadState *ts = state.paused || state.withheld ? NULL : mpr_gil_holder();
    if (!ts)
        return;
    forget_gone(thread->stack, ts);
    for (struct mpr_leaving *each = thread->stack->leaving; each; each = each->outer)
        add_up(each, thread->heap.counts, size);
}

static void watch(
    struct mpr_function_rows *table, struct mpr_thread *thread, const _PyInterpreterFrame *frame)
{
    const PyThreadState *ts = mpr_gil_holder();
    const _PyInterpreterFrame *caller = mpr_frame_caller(frame);
    bool resumable = mpr_frame_resumable(frame);
    if (resumable && !(caller && mpr_frame_resumes(caller)))
        return;
    struct mpr_leaving *leaving = state.pool ? state.pool : mpr_probe_alloc(sizeof *leaving);
    if (!leaving)
        return;
    if (state.pool)
        state.pool = state.pool->outer;
    *leaving = (struct mpr_leaving){
        .outer = thread->stack->leaving,
        .table = table,
        .frame = frame,
        .caller = caller,
        .at = mpr_frame_at(frame),
        .caller_at = caller ? mpr_frame_at(caller) : NULL,
        .chunk = resumable ? NULL : ts->datastack_chunk,
        .top = resumable ? NULL : ts->datastack_top,
        .freed = thread->heap.counts->freed,
        .allocated = thread->heap.counts->allocated,
    };
    thread->stack->leaving = leaving;
    if (state.watched++ == 0)
        __atomic_fetch_or(&mpr_probe->heap->on_free, MPR_ON_FREE_LEAVING, __ATOMIC_RELAXED);
}

/* The same frame cannot be left twice: what is known of one at that place is of an older one. */
static void forget_older(struct mpr_stack *stack, const _PyInterpreterFrame *frame)
{
    while (stack->leaving && stack->leaving->frame == frame)
        forget_innermost(stack);
}

void mpr_leaving_end(struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now,
    const _PyInterpreterFrame *frame)
{
    struct mpr_function_rows *table = act->outer ? NULL : act->table;
    mpr_activation_end(act, thread, now);
    if (!mpr_probe->heap || thread->stack == &mpr_no_stack || state.withheld)
        return;
    if (thread->stack->leaving) {
        forget_older(thread->stack, frame);
        forget_gone(thread->stack, mpr_gil_holder());
    }
    if (table)
        watch(table, thread, frame);
}

void mpr_leaving_forget(struct mpr_stack *stack)
{
    while (stack->leaving)
        forget_innermost(stack);
}

void mpr_leaving_pause(bool pause)
{
    state.paused = pause;
}

void mpr_leaving_withhold(bool withhold)
{
    state.withheld = withhold;
}

void mpr_leaving_start(void)
{
    mpr_heap_set_leaving(frees);
}

void mpr_leaving_stop(void)
{
    mpr_heap_set_leaving(NULL);
    memset(&state, 0, sizeof state);
}
