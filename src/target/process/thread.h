/* SPDX-License-Identifier: MIT */
/* Threads as the session's end sees them. */
#ifndef MPRUN_PROCESS_THREAD_H
#define MPRUN_PROCESS_THREAD_H

#include "mprun/probe.h"

/* Before the first session of a process. */
void mpr_threads_own(void);
/* The C library is to tell of threads' ends; once a process. */
int mpr_threads_start(struct mpr_error *err);
/* The session's records and stacks are nobody's any more. Nobody holds it. */
void mpr_threads_stop(void);
/* In a child, whose only thread this is: what its block has of the parent's session is not its own.
 */
void mpr_threads_forked(struct mpr_thread *thread);

/* stack.c: no stack of the session's is there any more. */
void mpr_stacks_stop(void);

#endif
