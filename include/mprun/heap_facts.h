/* SPDX-License-Identifier: MIT */
/* What only others know that the heap tells of: the allocators' hooks of arenas, interpose of
 * malloc.
 */
#ifndef MPRUN_HEAP_FACTS_H
#define MPRUN_HEAP_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/probe.h"

/* For the reconciliation. Any thread; nothing while the heap is not tracked.
 *
 * An arena of pymalloc's is there, or is about to go. */
MPR_EXPORT void mpr_arena_comes(const void *arena, uint64_t size);
MPR_EXPORT void mpr_arena_goes(const void *arena);
/* A table that pymalloc takes from malloc to find its arenas by: zeroed and mostly untouched. Small
 * ones do not matter. */
MPR_EXPORT void mpr_arena_table_comes(const void *table, uint64_t size);
/* Bytes that malloc has from the kernel, and of them handed out; unknown for other allocators. */
struct mpr_malloc_facts {
    bool known;
    int64_t held;
    int64_t used;
    const char *owner; /* file name of whose malloc it is; NULL: the C library's */
};
/* Whom to ask. Once, at load. */
void mpr_heap_set_malloc(struct mpr_malloc_facts (*ask)(void));

#endif
