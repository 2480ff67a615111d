/* SPDX-License-Identifier: MIT */
/* What is known of pymalloc's arenas, for the reconciliation. */
#ifndef MPRUN_HEAP_ARENAS_H
#define MPRUN_HEAP_ARENAS_H

#include <stdint.h>

struct mpr_arenas {
    uintptr_t *start; /* in no order */
    uint64_t *size;
    uint32_t count;
    uint32_t capacity;
};

#define MPR_ARENA_TABLES 64

struct mpr_arena_tables {
    uintptr_t start[MPR_ARENA_TABLES];
    uint64_t size[MPR_ARENA_TABLES];
    uint32_t count;
};

/* A session begins, and none is known. */
void mpr_arenas_start(void);
/* As they are under the GIL. */
const struct mpr_arenas *mpr_arenas_known(void);
const struct mpr_arena_tables *mpr_arena_tables_known(void);

#endif
