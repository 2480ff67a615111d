/* SPDX-License-Identifier: MIT */
/* Bound methods that exist because of tracing. GIL held. */
#ifndef MPRUN_TRACE_BOUND_METHODS_3_11_H
#define MPRUN_TRACE_BOUND_METHODS_3_11_H

/* If the heap is tracked. */
void mpr_bound_start(void);
void mpr_bound_stop(void);

#endif
