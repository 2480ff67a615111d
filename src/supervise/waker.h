/* SPDX-License-Identifier: MIT */
/* A process that stands by while mprun is stopped together with the target. Whoever continues the
 * target alone (cpulimit), or kills it, does not know of mprun, and a stopped process can wait for
 * nothing: the waker continues it. */
#ifndef MPRUN_WAKER_H
#define MPRUN_WAKER_H

#include <stdbool.h>
#include <sys/types.h>

/* Is it stopped by a signal? false also where /proc does not say. */
bool mpr_is_stopped(pid_t pid);

/* Started while the target is stopped. 0: there is none, and nobody would wake mprun. */
pid_t mpr_waker_open(pid_t target);
void mpr_waker_close(pid_t waker);

#endif
