/* SPDX-License-Identifier: MIT */
/* Bound methods that exist because of tracing. GIL held. */
#ifndef MPRUN_TRACE_BOUND_METHODS_3_11_H
#define MPRUN_TRACE_BOUND_METHODS_3_11_H

/* Call once, if the heap is tracked. */
void mpr_bound_start(void);

#endif
