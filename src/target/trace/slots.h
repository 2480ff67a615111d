/* SPDX-License-Identifier: MIT */
/* Activations, each with its slot in the recording, where the supervisor finds those that were open
 * when the target ended; here they are found by the address of their frame. Knows nothing of what
 * an activation means. GIL held. */
#ifndef MPRUN_TRACE_SLOTS_H
#define MPRUN_TRACE_SLOTS_H

#include <stdint.h>

#include "mprun/activation.h"

/* The activation of that frame; NULL if it has none. */
struct mpr_activation *mpr_slots_find(uint64_t frame);

/* One for a frame that has none. Its fields are what its last user left, but for `frame`, `slot`
 * and `offset`. NULL if the recording is full. */
struct mpr_activation *mpr_slots_take(uint64_t frame);

/* It is nobody's any more, and says so to the supervisor. */
void mpr_slots_give_back(struct mpr_activation *act);

/* Call `visit` for each in use; it may give that one back, and no other. */
void mpr_slots_each(void (*visit)(struct mpr_activation *act, void *data), void *data);

/* They are in a recording that goes. */
void mpr_slots_stop(void);

#endif
