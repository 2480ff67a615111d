/* SPDX-License-Identifier: MIT */
/* Bound methods that exist because of tracing. GIL held. */
#ifndef MPRUN_TRACE_BOUND_H
#define MPRUN_TRACE_BOUND_H

/* Call once, if the heap is tracked. */
void mpr_bound_start(void);

#endif
