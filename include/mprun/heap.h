/* SPDX-License-Identifier: MIT */
/* Exact heap: which block was asked for where, and what a free takes from whom. This is its start
 * and its end, and what trace asks of it; blocks.h, nodes.h, count.h and maps.h are what the hooks
 * use. */
#ifndef MPRUN_HEAP_H
#define MPRUN_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/probe.h"

/* What the heap uses of the Python at work. Borrowed for good: a thread may be looking into it when
 * the session is over. */
struct mpr_heap_runtime {
    /* The thread state that holds the GIL, NULL where each thread has its own answer; and where in
     * it the thread's identity lies (pthread_self). */
    void *const *gil_holder;
    size_t thread_id_offset;
    /* Does this thread hold the GIL of the main interpreter? True: mpr_thread.heap.python is its
     * state from then on. Any thread. */
    bool (*gil_held)(struct mpr_thread *thread);
    /* The node of an allocation of this thread; never NULL. Any thread; without the GIL within a
     * hold. Not before the program runs. */
    struct mpr_rec_node *(*node_here)(struct mpr_thread *thread, uint32_t domain, bool gil);
    /* What was found for contexts is to be found anew. Under the GIL; NULL: nothing is kept. */
    void (*contexts_changed)(void);
};

struct mpr_heap_config {
    /* NULL: there is no Python yet. Then the thread that starts the heap counts as the holder of
     * the GIL, since it is the one that will initialise Python, until mpr_heap_set_runtime. */
    const struct mpr_heap_runtime *runtime;
};

/* Track from now on, from zero. After mpr_probe_attach; the GIL is held, or there is no Python yet.
 * After a failure nothing is left to stop. */
MPR_EXPORT int mpr_heap_start(const struct mpr_heap_config *config, struct mpr_error *err);
/* Python is ready. Once a session, if the start was without. GIL held. */
MPR_EXPORT void mpr_heap_set_runtime(const struct mpr_heap_runtime *runtime);
/* Track no more, and forget all blocks. Hooks that are at work are waited for. Before
 * mpr_probe_detach; GIL held; nothing happens without a start. */
MPR_EXPORT void mpr_heap_stop(void);

/* `frees` is told by whom, whose stack has frames that are left (mpr_stack.leaving), and how many
 * bytes are about to be freed. It is called with the GIL. NULL: nobody asks any more. GIL held. */
MPR_EXPORT void mpr_heap_set_leaving(void (*frees)(struct mpr_thread *thread, uint64_t size));

/* What trace asks. GIL held in all calls, and the heap is tracked.
 *
 * A block that CPython took only because it is traced: as if it had never been. Its bytes; 0 if it
 * was in no row. */
MPR_EXPORT uint64_t mpr_heap_exclude(struct mpr_thread *thread, const void *block);
/* … and that the bare program would have taken, too, as it turns out now. */
MPR_EXPORT void mpr_heap_include(struct mpr_thread *thread, const void *block, size_t size);
/* A stack has changed under its thread. Nothing while the heap is not tracked. */
MPR_EXPORT void mpr_heap_contexts_changed(void);
/* Keep every node's live bytes; `stage` (enum mpr_heap_snapshot) goes into the recording. */
MPR_EXPORT void mpr_heap_snapshot(uint32_t stage);
/* Measure how RSS comes about, after header.rss.end. Reads smaps once, asks mincore about large
 * blocks and arenas; allocates nothing. */
MPR_EXPORT void mpr_heap_reconcile(void);

#endif
