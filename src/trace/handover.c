/* SPDX-License-Identifier: MIT */
/* Serials and the depths that hang on them, in own memory that is used again when code dies. Cold:
 * once for each code object that makes a call. */
#define Py_BUILD_CORE_MODULE 1
#include "handover.h"

#include "mprun/probe.h"

#define SMALLEST 16u
#define SIZES 12 /* powers of two from SMALLEST: 16 bytes to 32 KiB */

struct freed {
    struct freed *next;
};

uint8_t **mpr_depths[MPR_SERIAL_BLOCKS];

static struct freed *freed[SIZES];
static uint32_t last_serial;

/* Serials that were given back, as a list through their places in the table. */
static uint32_t free_serials;
static uint32_t *next_free[MPR_SERIAL_BLOCKS];

static unsigned size_class(size_t size)
{
    unsigned class = 0;
    while (class < SIZES && (size_t)SMALLEST << class < size)
        class ++;
    return class;
}

static uint8_t *take_bytes(unsigned class)
{
    struct freed *found = freed[class];
    if (!found)
        return mpr_probe_alloc((size_t)SMALLEST << class);
    freed[class] = found->next;
    return (uint8_t *)found;
}

static bool make_block(uint32_t number)
{
    uint8_t **depths = mpr_probe_alloc(MPR_SERIALS_PER_BLOCK * sizeof *depths);
    uint32_t *next = mpr_probe_alloc(MPR_SERIALS_PER_BLOCK * sizeof *next);
    if (!depths || !next)
        return false;
    mpr_depths[number] = depths;
    next_free[number] = next;
    return true;
}

uint32_t mpr_serial_take(void)
{
    uint32_t serial = free_serials;
    if (serial != 0) {
        free_serials = next_free[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK];
        return serial;
    }
    uint32_t number = (last_serial + 1) / MPR_SERIALS_PER_BLOCK;
    if (number >= MPR_SERIAL_BLOCKS || (!mpr_depths[number] && !make_block(number)))
        return 0;
    return ++last_serial;
}

/* The first byte of what is kept tells its size class. */
void mpr_serial_give_back(uint32_t serial)
{
    uint8_t **place = &mpr_depths[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK];
    if (*place) {
        uint8_t *bytes = *place - 1;
        unsigned class = *bytes;
        ((struct freed *)(void *)bytes)->next = freed[class];
        freed[class] = (struct freed *)(void *)bytes;
        *place = NULL;
    }
    next_free[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] = free_serials;
    free_serials = serial;
}

const uint8_t *mpr_depths_find(const PyCodeObject *code, uint32_t serial)
{
    unsigned class = size_class(mpr_code_call_depths_size(code) + 1);
    uint8_t *bytes = class < SIZES ? take_bytes(class) : NULL;
    if (!bytes)
        return NULL;
    *bytes = (uint8_t) class;
    mpr_code_call_depths(code, bytes + 1);
    mpr_depths[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] = bytes + 1;
    return bytes + 1;
}
