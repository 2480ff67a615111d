/* SPDX-License-Identifier: MIT */
/* Hand-over of arguments, see python_3_11.h: the stack depths of each code object that calls, found
 * once, by the code object's serial. GIL held. */
#ifndef MPRUN_TRACE_HANDOVER_H
#define MPRUN_TRACE_HANDOVER_H

#include <stdint.h>

#include "mprun/python.h"

#define MPR_SERIALS_PER_BLOCK 1024u
#define MPR_SERIAL_BLOCKS 4096u

/* A serial for a code object; given back when that dies. Never 0; 0 if there are too many. */
uint32_t mpr_serial_take(void);
void mpr_serial_give_back(uint32_t serial);

/* Depths by serial; NULL where they were not asked for yet. */
extern uint8_t **mpr_depths[MPR_SERIAL_BLOCKS];

/* Find them. NULL if there is no memory. */
const uint8_t *mpr_depths_find(const PyCodeObject *code, uint32_t serial);

static inline const uint8_t *mpr_depths_of(const PyCodeObject *code, uint32_t serial)
{
    uint8_t **block = mpr_depths[serial / MPR_SERIALS_PER_BLOCK];
    const uint8_t *depths = block ? block[serial % MPR_SERIALS_PER_BLOCK] : NULL;
    return __builtin_expect(depths != NULL, 1) ? depths : mpr_depths_find(code, serial);
}

#endif
