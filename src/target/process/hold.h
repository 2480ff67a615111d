/* SPDX-License-Identifier: MIT */
/* Holds as the session's beginning sees them; see mprun/probe.h. */
#ifndef MPRUN_PROCESS_HOLD_H
#define MPRUN_PROCESS_HOLD_H

struct mpr_thread;

/* Before the first session of a process. */
void mpr_holds_own(void);
/* Before the first wait. */
void mpr_holds_start(void);
/* In a child, whose only thread this is; after mpr_holds_own. */
void mpr_holds_forked(struct mpr_thread *thread);

#endif
