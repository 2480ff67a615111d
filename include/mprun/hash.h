/* SPDX-License-Identifier: MIT */
/* FNV-1a over 64 bits, for tables in memory: keys are a program's own names, and nobody gains by
 * choosing them. Start with MPR_HASH_START. Inline: the target looks up with it under load; a
 * multiply a byte. */
#ifndef MPRUN_HASH_H
#define MPRUN_HASH_H

#include <stddef.h>
#include <stdint.h>

#define MPR_HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t mpr_hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * UINT64_C(0x100000001b3);
}

static inline uint64_t mpr_hash_bytes(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = mpr_hash_byte(hash, (unsigned char)bytes[i]);
    return hash;
}

/* A string and its end: "a", "bc" is not "ab", "c". */
static inline uint64_t mpr_hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = mpr_hash_byte(hash, (unsigned char)*text);
    return mpr_hash_byte(hash, 0xff); /* in no UTF-8 */
}

/* For a table whose size is a power of two: the high bits are the better ones. */
static inline uint64_t mpr_hash_fold(uint64_t hash)
{
    return hash ^ hash >> 32;
}

#endif
