/* SPDX-License-Identifier: MIT */
/* Counting as the heap's start and stop see it. */
#ifndef MPRUN_HEAP_COUNT_H
#define MPRUN_HEAP_COUNT_H

#include "mprun/heap.h"

/* Before the heap is tracked. `runtime` may be NULL: then this thread is taken to hold the GIL. */
void mpr_count_start(struct mpr_rec_heap *heap, const struct mpr_heap_runtime *runtime);
void mpr_count_stop(void);

#endif
