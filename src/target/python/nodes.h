/* SPDX-License-Identifier: MIT */
/* From the running frame to the node of an allocation, through a cache. GIL
 * held.
 *
 * Cost of a look-up that hits: seven loads and three compares, no call. No frame object, no Python
 * call. */
#ifndef MPRUN_PYTHON_NODES_H
#define MPRUN_PYTHON_NODES_H

#include "mprun/python.h"

#include "mprun/count.h"
#include "mprun/nodes.h"

#define MPR_CACHE_BITS 11

/* By code unit; `key` is what is around and domain, 0 where nothing is known: an interpreter's own
 * frame may stand at no instruction. Cleared when the code dies. */
struct mpr_cached_node {
    const void *at;
    uint64_t key;
    struct mpr_rec_node *node;
};

extern struct mpr_cached_node mpr_node_cache[1u << MPR_CACHE_BITS];

static inline struct mpr_cached_node *mpr_cached_at(const void *at)
{
    uint32_t hash = (uint32_t)((uintptr_t)at >> 1) * 2654435761u;
    return &mpr_node_cache[hash >> (32 - MPR_CACHE_BITS)];
}

static inline uint64_t mpr_cache_key(const struct mpr_thread *thread, uint32_t domain)
{
    return (thread->heap.around << 2 | domain) + 1;
}

/* Not in the cache. */
MPR_COLD struct mpr_rec_node *mpr_node_find_and_cache(
    struct mpr_thread *thread, _PyInterpreterFrame *frame, uint32_t domain);

/* Memory from the allocator of the MEM domain that is below all hooks, for PyMem_Free to give back.
 */
void *mpr_python_take(size_t size);

/* `ts` holds the GIL. */
MPR_HOT struct mpr_rec_node *mpr_node_of(
    struct mpr_thread *thread, const PyThreadState *ts, uint32_t domain)
{
    if (__builtin_expect(!mpr_probe->program_runs, 0))
        return mpr_node_special(MPR_PLACE_STARTUP, domain);
    _PyInterpreterFrame *frame = __builtin_expect(ts != NULL, 1) ? mpr_frame_current(ts) : NULL;
    if (__builtin_expect(!frame, 0))
        return mpr_node_special(MPR_PLACE_INTERPRETER, domain);
    const void *at = mpr_frame_at(frame);
    const struct mpr_cached_node *entry = mpr_cached_at(at);
    if (MPR_EVENTS_BRING_INTS)
        thread->heap.last_at = at;
    if (__builtin_expect(entry->at == at && entry->key == mpr_cache_key(thread, domain), 1))
        return entry->node;
    return mpr_node_find_and_cache(thread, frame, domain);
}

#endif
