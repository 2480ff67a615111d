/* SPDX-License-Identifier: MIT */
/* What mpr_trace_nothing_decorated remembers. GIL held. */
#ifndef MPRUN_TRACE_UNDECORATED_H
#define MPRUN_TRACE_UNDECORATED_H

/* Forget what was told. */
void mpr_undecorated_stop(void);

#endif
