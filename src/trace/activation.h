/* SPDX-License-Identifier: MIT */
/* The law of rows: which interval is charged to which line, and what an inner activation has
 * already charged. Knows nothing of Python: frames are numbers. All calls under the GIL.
 *
 * A row opens at its line event and closes at the next event of another line of the same frame, or
 * when the frame returns, raises or yields. A closing row gets its interval minus what inner
 * activations of the same table have charged meanwhile, and reports its whole interval to the
 * activation around it. So the rows of a table add up to the net change over the running intervals
 * of its outermost activations. */
#ifndef MPRUN_TRACE_ACTIVATION_H
#define MPRUN_TRACE_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/probe.h"
#include "mprun/recording.h"

/* The last answer to which node a row has within a context (own memory). */
struct mpr_row_context {
    uint32_t outside; /* the context around, + 1; 0: none yet */
    uint32_t inside;
};

/* A function's rows, as the target holds them. Lives for ever, in own memory. */
struct mpr_table {
    struct mpr_rec_function *fn;
    struct mpr_rec_row *rows;
    uint64_t offset;                 /* of fn in the recording */
    struct mpr_rec_activation *tops; /* innermost open activation of each thread, by sibling */
    struct mpr_table *next;          /* hash chain */
    uint64_t hash;
    uint32_t place;                   /* for the heap; 0 until asked for */
    struct mpr_row_context *contexts; /* of each row; NULL until the heap is tracked in one */
};

/* The activation of a frame, open or suspended; NULL if it has none. */
struct mpr_rec_activation *mpr_activation_find(uint64_t frame);

/* A frame of the table starts. `own`: it runs the function's own code, not a comprehension's in it;
 * only then calls and hits are counted. NULL if the recording is full. */
struct mpr_rec_activation *mpr_activation_begin(
    struct mpr_table *table, uint64_t frame, bool own, struct mpr_thread *thread);

/* The table's rows lie elsewhere now: point to them. */
void mpr_activation_rebase(struct mpr_rec_activation *act);

/* A suspended frame runs on: its row opens again with fresh baselines. */
void mpr_activation_resume(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* A line event; the caller has seen that line != act->last_line. */
void mpr_activation_line(struct mpr_rec_activation *act, struct mpr_thread *thread, uint32_t line,
    struct mpr_sample now);

/* The frame yields or awaits. */
void mpr_activation_suspend(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now);

/* The frame is left for good. */
void mpr_activation_end(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now);

#endif
