/* SPDX-License-Identifier: MIT */
/* The slots of activations: they lie in the recording, where the supervisor finds those that were
 * open when the target ended, and are found here by the address of their frame. Knows nothing of
 * what an activation means. GIL held. */
#ifndef MPRUN_TRACE_SLOTS_H
#define MPRUN_TRACE_SLOTS_H

#include <stdint.h>

#include "mprun/recording.h"

/* The slot of that frame; NULL if it has none. */
struct mpr_rec_activation *mpr_slots_find(uint64_t frame);

/* A slot for a frame that has none. Its fields are what its last user left, but for `frame` and
 * `offset`. NULL if the recording is full. */
struct mpr_rec_activation *mpr_slots_take(uint64_t frame);

/* It is nobody's any more, and says so to the supervisor. */
void mpr_slots_give_back(struct mpr_rec_activation *act);

/* Call `visit` for each slot in use; it may give that one back, and no other. */
void mpr_slots_each(void (*visit)(struct mpr_rec_activation *act, void *data), void *data);

/* They are in a recording that goes. */
void mpr_slots_stop(void);

#endif
