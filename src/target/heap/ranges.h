/* SPDX-License-Identifier: MIT */
/* Ranges of addresses in arrays, ascending and apart. */
#ifndef MPRUN_HEAP_RANGES_H
#define MPRUN_HEAP_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct mpr_range {
    uintptr_t start, end;
};

/* The first that ends behind `at`; count: none does. An item takes `size` bytes and begins as a
 * struct mpr_range does. */
static inline size_t mpr_ranges_find(const void *items, size_t count, size_t size, uintptr_t at)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const uintptr_t *range = (const void *)((const char *)items + middle * size);
        if (range[1] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
