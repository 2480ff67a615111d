/* SPDX-License-Identifier: MIT */
/* mprun's own pages in the target: made resident before they are used, so that they can be counted
 * and taken out of RSS. Never malloc, never a fault that a measured line would be charged with. */
#ifndef MPRUN_OWN_H
#define MPRUN_OWN_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>

/* Make [start, start + size) resident and writable (page-aligned, mapped writable).
 * MADV_POPULATE_WRITE (Linux 5.14) where there is one, else a write to each page. */
void mpr_own_populate(void *start, size_t size);

/* A private anonymous mapping, named for smaps, without huge pages, resident as a whole; NULL if
 * the kernel refuses. size is rounded up to pages; *ret_bytes (may be NULL) is what it took. */
void *mpr_own_map(size_t size, size_t *ret_bytes);

/* Make all pages of the loaded object that holds `address` resident; bytes that are so, each
 * counted once. 0 if the object is not found. */
size_t mpr_own_populate_object(const void *address);

/* Is the address in one of the object's segments? */
bool mpr_own_object_holds(const struct dl_phdr_info *info, const void *address);

#endif
