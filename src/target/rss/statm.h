/* SPDX-License-Identifier: MIT */
/* The descriptor of statm, as the gate sees it. */
#ifndef MPRUN_RSS_STATM_H
#define MPRUN_RSS_STATM_H

/* Close it, if the number is that of our file still. The next read opens another one. */
void mpr_statm_close(void);

#endif
