/* SPDX-License-Identifier: MIT */
/* The stacks of greenlets that wait, of one thread, by the greenlet's address. Knows nothing of
 * Python: greenlets are addresses. GIL held. */
#ifndef MPRUN_TRACE_GREENLETS_H
#define MPRUN_TRACE_GREENLETS_H

#include <stdbool.h>
#include <stdint.h>

#include "mprun/probe.h"

/* Zeroed: nobody waits. Own memory, which stays with it. */
struct mpr_greenlets {
    struct mpr_stack **bucket;
    uint32_t bucket_count; /* a power of two */
    uint32_t count;
};

/* The thread runs `target` in the place of `origin`, which waits from now on, or has `ended`: what
 * is open in the one's stack is suspended, what was open in the other's goes on. Reads RSS if there
 * is anything of either. */
void mpr_greenlets_switch(struct mpr_greenlets *waiting, const void *origin, bool ended,
    const void *target, struct mpr_thread *thread);

/* Their thread has ended: nobody will go on. */
void mpr_greenlets_gone(struct mpr_greenlets *waiting);

#endif
