/* SPDX-License-Identifier: MIT */
/* A reader, and what it begins with: also for tests, whose recordings lie in plain memory. */
#ifndef MPRUN_RECORDING_READER_PRIVATE_H
#define MPRUN_RECORDING_READER_PRIVATE_H

#include <stdint.h>

#include "mprun/recording_reader.h"

struct mpr_rec_reader {
    const char *base;
    uint64_t size;
    uint64_t file_size; /* 0: base is the caller's, and nothing to unmap */
};

/* Of what stands at base, if it begins like a recording. */
int mpr_rec_read(const char *base, uint64_t size, uint64_t file_size,
    struct mpr_rec_reader **ret_reader, struct mpr_error *err);

#endif
