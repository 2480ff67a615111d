/* SPDX-License-Identifier: MIT */
/* A reader over bytes in memory, whose end a sanitizer knows. */
#ifndef MPRUN_TESTS_OPENED_MEMORY_H
#define MPRUN_TESTS_OPENED_MEMORY_H

#include <stddef.h>

#include "../../src/recording/reader.h"

/* The bytes are borrowed until mpr_rec_close. */
static inline int open_memory(
    const void *bytes, size_t size, struct mpr_rec_reader **ret_reader, struct mpr_error *err)
{
    return mpr_rec_read(bytes, size, 0, ret_reader, err);
}

#endif
