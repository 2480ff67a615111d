/* SPDX-License-Identifier: MIT */
/* Hand-over of arguments, see python_3_11.h: the call sites of each code object that calls, found
 * once, by the code object's serial. GIL held. */
#ifndef MPRUN_TRACE_CALL_ARGS_3_11_H
#define MPRUN_TRACE_CALL_ARGS_3_11_H

#include <stdint.h>

#include "select.h"

#define MPR_SERIALS_PER_BLOCK 1024u
#define MPR_SERIAL_BLOCKS 4096u

/* With serials for code objects. */
extern const struct mpr_select_ops mpr_call_args_ops;

/* Call sites by serial; NULL where they were not asked for yet. */
extern struct mpr_call_site **mpr_sites[MPR_SERIAL_BLOCKS];

/* Forget them all. */
void mpr_sites_stop(void);

/* Find them. NULL if there is no memory, and in a child. */
const struct mpr_call_site *mpr_sites_find(const PyCodeObject *code, uint32_t serial);

static inline const struct mpr_call_site *mpr_callsites_of(
    const PyCodeObject *code, uint32_t serial)
{
    struct mpr_call_site **block = mpr_sites[serial / MPR_SERIALS_PER_BLOCK];
    const struct mpr_call_site *sites = block ? block[serial % MPR_SERIALS_PER_BLOCK] : NULL;
    return __builtin_expect(sites != NULL, 1) ? sites : mpr_sites_find(code, serial);
}

#endif
