/* SPDX-License-Identifier: MIT */
/* Serials and the call sites that hang on them, in own memory that is used again when code dies.
 * Cold: once for each code object that makes a call. */
#include "call_args_3_11.h"

#include <string.h>

#include "mprun/probe.h"

#define SMALLEST 16u
#define SIZES 12 /* powers of two from SMALLEST: 16 bytes to 32 KiB */

struct freed {
    struct freed *next;
};

struct mpr_call_site **mpr_sites[MPR_SERIAL_BLOCKS];

static struct {
    struct freed *freed[SIZES];
    uint32_t last;
    /* Serials that were given back, as a list through their places in the table. */
    uint32_t free;
    uint32_t *next_free[MPR_SERIAL_BLOCKS];
    /* Whose they are, borrowed; NULL: they were given back. */
    PyCodeObject **code[MPR_SERIAL_BLOCKS];
} serials;

static unsigned size_class(size_t size)
{
    unsigned class = 0;
    while (class < SIZES && (size_t)SMALLEST << class < size)
        class ++;
    return class;
}

static void *take_bytes(unsigned class)
{
    struct freed *found = serials.freed[class];
    if (!found)
        return mpr_probe_alloc((size_t)SMALLEST << class);
    serials.freed[class] = found->next;
    return found;
}

static bool make_block(uint32_t number)
{
    struct mpr_call_site **sites = mpr_probe_alloc(MPR_SERIALS_PER_BLOCK * sizeof *sites);
    uint32_t *next = mpr_probe_alloc(MPR_SERIALS_PER_BLOCK * sizeof *next);
    PyCodeObject **code = mpr_probe_alloc(MPR_SERIALS_PER_BLOCK * sizeof(PyCodeObject *));
    if (!sites || !next || !code)
        return false;
    mpr_sites[number] = sites;
    serials.code[number] = code;
    serials.next_free[number] = next;
    return true;
}

static uint32_t next_serial(void)
{
    uint32_t serial = serials.free;
    if (serial != 0) {
        serials.free =
            serials.next_free[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK];
        return serial;
    }
    uint32_t number = (serials.last + 1) / MPR_SERIALS_PER_BLOCK;
    if (number >= MPR_SERIAL_BLOCKS || (!mpr_sites[number] && !make_block(number)))
        return 0;
    return ++serials.last;
}

static uint32_t take_serial(PyCodeObject *code)
{
    uint32_t serial = next_serial();
    if (serial)
        serials.code[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] = code;
    return serial;
}

/* The entry in front of what is kept tells its size class. */
static void give_serial_back(uint32_t serial)
{
    struct mpr_call_site **place =
        &mpr_sites[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK];
    if (*place) {
        struct mpr_call_site *kept = *place - 1;
        unsigned class = kept->depth;
        struct freed *entry = (void *)kept;
        entry->next = serials.freed[class];
        serials.freed[class] = entry;
        *place = NULL;
    }
    serials.code[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] = NULL;
    serials.next_free[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] =
        serials.free;
    serials.free = serial;
}

const struct mpr_call_site *mpr_sites_find(const PyCodeObject *code, uint32_t serial)
{
    unsigned class = size_class((mpr_code_site_count(code) + 1) * sizeof(struct mpr_call_site));
    if (!mpr_probe->armed || class >= SIZES)
        return NULL;
    struct mpr_call_site *kept = take_bytes(class);
    if (!kept)
        return NULL;
    kept->depth = (uint8_t) class;
    mpr_code_call_sites(code, kept + 1);
    mpr_sites[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK] = kept + 1;
    return kept + 1;
}

static void each_judged(void (*visit)(PyCodeObject *code))
{
    for (uint32_t serial = 1; serial <= serials.last; serial++) {
        PyCodeObject *code =
            serials.code[serial / MPR_SERIALS_PER_BLOCK][serial % MPR_SERIALS_PER_BLOCK];
        if (code)
            visit(code);
    }
}

void mpr_sites_stop(void)
{
    memset(&serials, 0, sizeof serials);
    memset(mpr_sites, 0, sizeof mpr_sites);
}

const struct mpr_select_ops mpr_call_args_ops = {
    .each_judged = each_judged,
    .take_serial = take_serial,
    .give_serial_back = give_serial_back,
};
