/* SPDX-License-Identifier: MIT */
/* The session's beginning and end for own memory; see mprun/probe.h for what is asked of it. */
#ifndef MPRUN_PROCESS_MEMORY_H
#define MPRUN_PROCESS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Before the first session of a process. */
void mpr_memory_own(void);
/* A recording is about to be attached, in which nothing is counted yet. Before others can find it:
 * a thread that has a hold made at this moment counts what is kept, or the one that attaches does.
 */
void mpr_memory_start(void);
/* All that mpr_probe_alloc gave reads as zeros from here on. */
void mpr_memory_stop(void);

/* Zeroed, resident, the process's for good; counted in every session that begins later. NULL when
 * the kernel refuses. Any thread; errno stays. */
void *mpr_kept_alloc(size_t size);
/* Count what was kept since the session began, in it, once: in a hold or with the GIL, which who
 * asks for memory may lack; another session may have begun in between, and counted it. */
void mpr_kept_count(void);

#endif
