/* SPDX-License-Identifier: MIT */
/* Fields of the model by where they are and how large. Pure. */
#ifndef MPRUN_STORE_FIELDS_H
#define MPRUN_STORE_FIELDS_H

#include <stdint.h>
#include <string.h>

#include "schema.h"

static inline void *mpr_field(void *element, size_t offset)
{
    return (char *)element + offset;
}

static inline const void *mpr_field_of(const void *element, size_t offset)
{
    return (const char *)element + offset;
}

/* Unsigned, of 1, 4 or 8 bytes. */
static inline uint64_t mpr_field_number(const void *field, size_t size)
{
    if (size == 1)
        return *(const uint8_t *)field;
    return size == 4 ? *(const uint32_t *)field : *(const uint64_t *)field;
}

static inline void mpr_field_set_number(void *field, size_t size, uint64_t value)
{
    if (size == 1)
        *(uint8_t *)field = (uint8_t)value;
    else if (size == 4)
        *(uint32_t *)field = (uint32_t)value;
    else
        *(uint64_t *)field = value;
}

/* The largest of so many bytes. */
static inline uint64_t mpr_field_most(size_t size)
{
    return size == 1 ? UINT8_MAX : size == 4 ? UINT32_MAX : UINT64_MAX;
}

/* Is its one row the model itself? */
static inline bool mpr_field_is_model(const struct mpr_store_table *table)
{
    return !table->counted && !table->terminated;
}

/* The array that a table is, in its parent. */
static inline void **mpr_field_array(const struct mpr_store_table *table, void *parent)
{
    return mpr_field(parent, table->array);
}

static inline size_t *mpr_field_count(const struct mpr_store_table *table, void *parent)
{
    return mpr_field(parent, table->count);
}

#endif
