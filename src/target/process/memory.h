/* SPDX-License-Identifier: MIT */
/* The session's beginning and end for own memory; see mprun/probe.h for what is asked of it. */
#ifndef MPRUN_PROCESS_MEMORY_H
#define MPRUN_PROCESS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Before the first session of a process. */
void mpr_memory_own(void);
/* Count what is kept into a recording that has just been attached. */
void mpr_memory_start(void);
/* All that mpr_probe_alloc gave reads as zeros from here on. */
void mpr_memory_stop(void);

/* Zeroed, resident, the process's for good; counted in every session that begins later. What was
 * mapped for it is added to *ret_mapped, which the caller counts in this one, in a hold or with the
 * GIL. NULL when the kernel refuses. Any thread; errno stays. */
void *mpr_kept_alloc(size_t size, int64_t *ret_mapped);

#endif
