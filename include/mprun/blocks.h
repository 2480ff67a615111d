/* SPDX-License-Identifier: MIT */
/* Which blocks there are: a shadow table, one 32-bit word for each 16 bytes of address space that
 * holds blocks: the number of the block's node and its size. No header in front of a block, no
 * lock, no hash. A block's word is written by who got it from the allocator and cleared by who
 * gives it back, before that: the allocator orders the two. */
#ifndef MPRUN_BLOCKS_H
#define MPRUN_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/hot.h"
#include "mprun/probe.h"

/* A word: node << MPR_BLOCK_NODE | size; 0: no block. A larger size stands in the words of the next
 * granules, which the block covers too, 31 bits in each, marked as such. */
#define MPR_BLOCK_NODE 12
#define MPR_BLOCK_SIZE ((1u << MPR_BLOCK_NODE) - 1)
#define MPR_BLOCK_WIDE (MPR_BLOCK_SIZE - 1) /* the next word holds the size */
#define MPR_BLOCK_HUGE MPR_BLOCK_SIZE       /* the next two do */
#define MPR_BLOCK_MORE (1u << 31)           /* mark of a word that holds a size */

#define MPR_LEAF_BITS 14 /* a page of words: 16 KiB of addresses */
#define MPR_LOW_BITS 9
#define MPR_MIDDLE_BITS 12
#define MPR_TOP_BITS 12 /* 2^47 in all */

struct mpr_blocks_leaf {
    uint32_t word[1u << (MPR_LEAF_BITS - 4)];
};

struct mpr_blocks_low {
    struct mpr_blocks_leaf *leaf[1u << MPR_LOW_BITS];
};

struct mpr_blocks_middle {
    struct mpr_blocks_low *low[1u << MPR_MIDDLE_BITS];
};

struct mpr_blocks_top {
    struct mpr_blocks_middle *middle[1u << MPR_TOP_BITS];
};

/* Where an address stands in each level. */
MPR_HOT size_t mpr_blocks_top_index(uintptr_t at)
{
    return at >> (MPR_LEAF_BITS + MPR_LOW_BITS + MPR_MIDDLE_BITS) & ((1u << MPR_TOP_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_middle_index(uintptr_t at)
{
    return at >> (MPR_LEAF_BITS + MPR_LOW_BITS) & ((1u << MPR_MIDDLE_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_low_index(uintptr_t at)
{
    return at >> MPR_LEAF_BITS & ((1u << MPR_LOW_BITS) - 1);
}

MPR_HOT size_t mpr_blocks_word_index(uintptr_t at)
{
    return at >> 4 & ((1u << (MPR_LEAF_BITS - 4)) - 1);
}

/* NULL: no leaf there. */
MPR_HOT uint32_t *mpr_blocks_word(const struct mpr_blocks_top *top, uintptr_t at)
{
    const struct mpr_blocks_middle *middle = MPR_READ(top->middle[mpr_blocks_top_index(at)]);
    if (__builtin_expect(!middle, 0))
        return NULL;
    const struct mpr_blocks_low *low = MPR_READ(middle->low[mpr_blocks_middle_index(at)]);
    if (__builtin_expect(!low, 0))
        return NULL;
    struct mpr_blocks_leaf *leaf = MPR_READ(low->leaf[mpr_blocks_low_index(at)]);
    return __builtin_expect(!leaf, 0) ? NULL : &leaf->word[mpr_blocks_word_index(at)];
}

/* Of blocks at multiples of 16, which glibc and pymalloc give. */
extern MPR_EXPORT struct mpr_blocks_top mpr_blocks;
/* Of those 8 past one: small blocks of other allocators. */
MPR_EXPORT MPR_COLD uint32_t *mpr_block_word_odd(uintptr_t address);

/* The word of that address; NULL if there never was a block near it. */
MPR_HOT uint32_t *mpr_block_word(const void *block)
{
    uintptr_t at = (uintptr_t)block;
    if (__builtin_expect((at & 8) != 0, 0))
        return mpr_block_word_odd(at);
    return mpr_blocks_word(&mpr_blocks, at);
}

/* Enter a block; false if there is no memory for the table. The word was 0. */
MPR_EXPORT bool mpr_block_put(const void *block, uint32_t node, uint64_t size);
/* Forget the sizes in the words behind the block's own, `word`; returns its size. */
MPR_EXPORT uint64_t mpr_block_clear_wide(const void *block, uint32_t word);
/* No block is there any more; who is in the middle of a look-up finds none. Not while another
 * thread enters one. */
void mpr_blocks_clear(void);
/* Call for each block in ascending order of addresses (multiples of 16 first, then the odd ones).
 */
void mpr_block_each(
    void (*visit)(uintptr_t block, uint32_t node, uint64_t size, void *data), void *data);

#endif
