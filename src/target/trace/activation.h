/* SPDX-License-Identifier: MIT */
/* Activations: which rows a frame has open, when they open and close, and what they are charged.
 * Knows nothing of Python: frames are numbers. All calls under the GIL.
 *
 * A row opens at its line event and closes at the next event of another line of the same frame, or
 * when the frame returns, raises or yields; what it is charged then is in mprun/law.h.
 *
 * The machine. A frame's activation is free (there is none), open (it stands in the stack of the
 * thread that runs it; the innermost one is that of the running frame) or suspended. The
 * interpreter does not announce all that happens to a frame: tools that raise, signal handlers,
 * throw() and jumps of a debugger let frames go on, and be left, without an event. So every event
 * has a meaning in every state:
 *
 *   event           free     open                               suspended
 *   start           begins   its frame is gone: dropped;        as open
 *                            begins
 *   resume, throw   begins   its suspension was not seen:       row opens again
 *                            row opens again, uncharged
 *   line            nothing  settled; row closes, next opens    row opens again, then as open
 *   yield           nothing  settled; row closes, suspended     row opens again, then as open
 *   return, unwind  nothing  settled; row closes, ends          row opens again, then as open
 *   withdraw        nothing  dropped                            dropped
 *   frame freed     nothing  dropped                            dropped
 *   thread gone     nothing  dropped                            nothing: another may run it on
 *   session ends    nothing  row closes, suspended              nothing
 *   stack left      nothing  row closes, suspended, keeps       nothing
 *                            its place in the stack
 *   stack entered   nothing  nothing                            if it kept its place there, row
 *                                                               opens again
 *
 * Settled: what stands above it in its thread's stack has been left unseen, and is suspended
 * uncharged; if another thread has it open, it has moved, and its row opens again. A row that opens
 * again has baselines of that moment: what happened in between is nobody's. Dropped: ended
 * uncharged. */
#ifndef MPRUN_TRACE_ACTIVATION_H
#define MPRUN_TRACE_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/activation.h"
#include "mprun/probe.h"
#include "mprun/recording.h"

/* The last answer to which node a row has within a context (own memory). */
struct mpr_row_context {
    uint32_t outside; /* the context around, + 1; 0: none yet */
    uint32_t inside;
};

/* A function's rows, as the target holds them. In own memory, the session's. */
struct mpr_function_rows {
    struct mpr_rec_function *fn;
    struct mpr_rec_row *rows;
    uint64_t offset; /* of fn in the recording */
    struct mpr_activation
        *innermost_by_thread;       /* innermost open activation of each thread, by sibling */
    struct mpr_function_rows *next; /* hash chain */
    uint64_t hash;
    uint32_t place;                   /* for the heap; 0 until asked for */
    bool off_path;                    /* the import system's: its rows are in no path of the heap */
    struct mpr_row_context *contexts; /* of each row; NULL until the heap is tracked in one */
};

/* A frame of the table starts; what is known of a frame at its address is dropped. `own`: it runs
 * the function's own code, not a comprehension's in it; only then calls and hits are counted. NULL
 * if the recording is full. */
struct mpr_activation *mpr_activation_start(
    struct mpr_function_rows *table, uint64_t frame, bool own, struct mpr_thread *thread);

/* The thread runs the frame on, whatever was known of it: its row opens again. False if there is
 * no room: then it is free. */
bool mpr_activation_resume(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* The thread runs the frame: make it the innermost open activation, if it is not. As resume. */
bool mpr_activation_settle(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* The next three are for the innermost open activation of the thread.
 *
 * A line event; the caller has seen that line != act->last_line. */
void mpr_activation_line(
    struct mpr_activation *act, struct mpr_thread *thread, uint32_t line, struct mpr_sample now);

/* The frame yields or awaits. */
void mpr_activation_suspend(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* The frame is left for good. */
void mpr_activation_end(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* The frame is gone, or is not to be watched any longer. Any state; uncharged. */
void mpr_activation_drop(struct mpr_activation *act, struct mpr_thread *thread);

/* The session ends, and the thread goes on: its open rows close, outermost last. Of its block only
 * what it counts is read, while it may be counting; `self` is the caller's. */
void mpr_activations_close(
    const struct mpr_thread *thread, struct mpr_thread *self, struct mpr_sample now);

/* Drop them all: no event will come any more. */
void mpr_activations_drop(struct mpr_thread *thread);

/* Drop the activations of all tables that are withdrawn. */
void mpr_activations_withdraw(struct mpr_thread *thread);

/* RSS cannot be read: no open row of the thread's stack has one any more; if the gap is `over`,
 * none that is open anywhere. */
void mpr_activations_rss_gap(struct mpr_thread *thread, bool over);

/* The table's rows lie elsewhere now: point to them. */
void mpr_activation_rebase(struct mpr_activation *act);

/* The thread leaves its stack for another one: the open rows close, outermost last. Until it enters
 * that other one it has none. */
void mpr_stack_leave(struct mpr_thread *thread, struct mpr_sample now);

/* … which it enters, and those that were open there when it was left run on. */
void mpr_stack_enter(struct mpr_stack *stack, struct mpr_thread *thread, struct mpr_sample now);

/* Nobody will run on what stands in the stack: its thread or its greenlet has ended. `thread` is
 * the caller's. */
void mpr_stack_gone(struct mpr_stack *stack, struct mpr_thread *thread);

#endif
