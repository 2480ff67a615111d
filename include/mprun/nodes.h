/* SPDX-License-Identifier: MIT */
/* The call tree: places (code), and nodes, which are paths of open rows that end in a row or in a
 * source line that allocates. Made once, found by key, never removed while the session lasts. Any
 * thread, but who does not hold the GIL asks in a hold (mpr_hold_begin). */
#ifndef MPRUN_NODES_H
#define MPRUN_NODES_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/hot.h"
#include "mprun/probe.h"
#include "mprun/recording.h"

#define MPR_NODES_BLOCK 256u
#define MPR_NODES_BLOCKS 2047u /* less than 2^19 nodes: a word has 19 bits for them */

/* By number; number 0 is none. */
extern MPR_EXPORT struct mpr_rec_node *mpr_node_blocks[MPR_NODES_BLOCKS];

static inline struct mpr_rec_node *mpr_node_at(uint32_t number)
{
    return &mpr_node_blocks[number / MPR_NODES_BLOCK][number % MPR_NODES_BLOCK];
}

/* The site of a leaf. */
static inline struct mpr_rec_site *mpr_node_site(const struct mpr_rec_node *node)
{
    return (struct mpr_rec_site *)((uintptr_t)node + (uintptr_t)node->to_site);
}

static inline struct mpr_rec_level *mpr_site_level(
    struct mpr_rec_heap *heap, const struct mpr_rec_site *site)
{
    return (struct mpr_rec_level *)(void *)((char *)heap + site->level);
}

/* The leaf for an allocation: a source line, or a special place, within a context. Any thread.
 * Never NULL once the heap is tracked: what finds no room folds into its context. */
MPR_EXPORT struct mpr_rec_node *mpr_node_leaf(
    uint32_t context, uint32_t place, uint32_t line, uint32_t domain);
/* The leaf of a special place, in no context. */
MPR_EXPORT MPR_COLD struct mpr_rec_node *mpr_node_special(
    enum mpr_special_place place, uint32_t domain);
/* The number of that code, made when it is new; 0 if there is no room. Borrowed text. Any thread.
 */
MPR_EXPORT uint32_t mpr_node_place(
    const char *file, const char *qualname, uint32_t first_line, uint32_t last_line);
/* Where the standard library is, "" unknown: whose code a place is goes with it. Before the first
 * place. */
MPR_EXPORT void mpr_node_stdlib(const char *folder);
/* The context inside a row of `place`: its node's number. `context` itself if the row is in the
 * path already, and where the tree is full. GIL held. */
MPR_EXPORT uint32_t mpr_node_row(uint32_t context, uint32_t place, uint32_t line);
/* The context inside the sections of `scope`, a path of them alone, the outermost one first; of
 * very many the innermost ones. GIL held, or in a hold. */
MPR_EXPORT uint32_t mpr_node_within(uint32_t context, uint32_t scope);

/* What the thread allocates belongs to its innermost open row, and to the sections that run. */
static inline uint32_t mpr_node_around(const struct mpr_thread *thread)
{
    return thread->heap.scope ? mpr_node_within(thread->heap.context, thread->heap.scope)
                              : thread->heap.context;
}

/* The record of a place by its number; NULL: a special one, or none. Borrowed. */
MPR_EXPORT const struct mpr_rec_place *mpr_node_place_record(uint32_t number);

/* What a node holds now; of a row nothing. */
struct mpr_held {
    int64_t bytes;
    uint64_t blocks;
};

static inline void mpr_node_held(const struct mpr_rec_node *node, struct mpr_held *ret)
{
    ret->bytes = (int64_t)(MPR_READ(node->allocated) + MPR_READ(node->allocated_nogil) -
                           MPR_READ(node->freed) - MPR_READ(node->freed_nogil));
    ret->blocks = MPR_READ(node->allocations) + MPR_READ(node->allocations_nogil) -
                  MPR_READ(node->frees) - MPR_READ(node->frees_nogil);
}

/* An empty tree with the nodes that must always be there. */
bool mpr_nodes_start(void);
/* How many there are; numbers 1 … count. */
MPR_EXPORT uint32_t mpr_nodes_count(void);

#endif
