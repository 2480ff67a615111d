/* SPDX-License-Identifier: MIT */
/* What the target alone knows of an activation: who its neighbours are, and where. In own memory,
 * the session's; what the supervisor is to find lies in the recording, in its slot. Under the GIL,
 * but that a thread without it may look at what the innermost one of its own stack has inside. */
#ifndef MPRUN_ACTIVATION_H
#define MPRUN_ACTIVATION_H

#include <stdint.h>

#include "mprun/recording.h"

struct mpr_function_rows;
struct mpr_stack;

struct mpr_activation {
    struct mpr_rec_activation *slot;
    struct mpr_function_rows *table;
    struct mpr_rec_row *row;        /* the open one, NULL none */
    struct mpr_activation *outer;   /* enclosing open activation of the same table and thread */
    struct mpr_activation *inner;   /* the one that it encloses */
    struct mpr_activation *sibling; /* innermost activation of the table in another thread */
    struct mpr_activation *next;    /* free list, or hash chain */
    struct mpr_stack *stack;        /* in which it stands, NULL: in none */
    struct mpr_activation *above;   /* what it runs there */
    struct mpr_activation *below;   /* what runs it */
    uint64_t frame;
    uint64_t offset;      /* of the slot in the region */
    uint32_t last_line;   /* of the frame: survives yield */
    uint32_t counts_hits; /* 0 for comprehensions */
    uint32_t context;     /* the heap's context outside of this activation */
    uint32_t inside;      /* and inside of its open row */
};

#endif
