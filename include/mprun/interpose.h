/* SPDX-License-Identifier: MIT */
/* How mprun comes to stand in front of the C library's functions where it was not preloaded. */
#ifndef MPRUN_INTERPOSE_H
#define MPRUN_INTERPOSE_H

#include "mprun/probe.h"

/* Through the slots by which loaded objects call them, but for mprun's own and the loader's; those
 * of objects that the interpreter loads later, too. `interpreter` is an address in it. Where mprun
 * was preloaded nothing has to be done. GIL held. */
MPR_EXPORT int mpr_interpose_start(const void *interpreter, struct mpr_error *err);

/* The slots of what is loaded still have what was there. Functions of mprun's may be at work, or be
 * called by who has read a slot before: they stay, and go on to the C library's. GIL held; nothing
 * happens without a start. */
MPR_EXPORT void mpr_interpose_stop(void);

#endif
