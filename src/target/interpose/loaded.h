/* SPDX-License-Identifier: MIT */
/* The slots that the loader has filled in loaded objects: what leads from one to the functions of
 * others. A walk of the loader's list holds the loader's lock; malloc does not take that, and
 * nothing here allocates. */
#ifndef MPRUN_INTERPOSE_LOADED_H
#define MPRUN_INTERPOSE_LOADED_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As far as its relocations go. Addresses are absolute. */
struct mpr_loaded {
    uintptr_t base, start, end;
    uintptr_t relro_start, relro_end; /* pages that the loader has made read-only (RELRO) */
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Rela) * relocations[2];
    size_t count[2];
};

/* From the lowest to the highest address of some functions. */
struct mpr_functions {
    uintptr_t low, high;
};

#define MPR_ANY_FUNCTION ((struct mpr_functions){0, UINTPTR_MAX})

/* False: no more of them. */
typedef bool mpr_loaded_fn(const struct mpr_loaded *object, void *data);

/* `unbound`: the object calls another one's function of that name, and has not done so yet: the
 * slot leads back into the object, from where the loader is asked. */
typedef void mpr_slot_fn(
    const struct mpr_loaded *object, void **slot, const char *name, bool unbound, void *data);

/* Every object that has symbols, in the loader's order. */
void mpr_loaded_each(mpr_loaded_fn *visit, void *data);

bool mpr_loaded_holds(const struct mpr_loaded *object, const void *address);

/* An object's slots (JUMP_SLOT, GLOB_DAT, R_X86_64_64) that lead to one of the functions, or are
 * unbound. */
void mpr_loaded_slots(const struct mpr_loaded *object, struct mpr_functions functions,
    mpr_slot_fn *visit, void *data);

/* What protects a slot is put back. False: it could not be written. */
bool mpr_loaded_fill(const struct mpr_loaded *object, void **slot, void *value);

#endif
