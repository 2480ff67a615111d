/* SPDX-License-Identifier: MIT */
/* The shadow table: a tree of four levels over the address space whose last level holds a word for
 * each 16 bytes. Its pages are own memory, made when a first block comes near, and the
 * session's. Levels are published with a release store and not replaced while it lasts, so readers
 * take no lock. Cost of a page: 4 KiB for each 16 KiB of addresses that hold blocks. */
#include <errno.h>

#include "mprun/blocks.h"
#include "mprun/lock.h"

struct mpr_blocks_top mpr_blocks;
static struct {
    struct mpr_blocks_top *odd;
    struct mpr_lock lock;
} state;

/* Of own memory: each level is looked at without a hold. */
enum use { TOP = 1, MIDDLE, LOW, LEAF };

/* The next level, made if it is missing. With the lock. */
static void *level(void **place, enum use use, size_t size)
{
    void *found = *place;
    if (!found) {
        found = mpr_probe_alloc_for(use, size);
        __atomic_store_n(place, found, __ATOMIC_RELEASE);
    }
    return found;
}

static struct mpr_blocks_leaf *make_leaf(uintptr_t at)
{
    struct mpr_blocks_leaf *leaf = NULL;
    if (!mpr_lock_take(&state.lock))
        return NULL;
    struct mpr_blocks_top *top =
        at & 8 ? level((void **)&state.odd, TOP, sizeof *state.odd) : &mpr_blocks;
    struct mpr_blocks_middle *middle =
        top ? level((void **)&top->middle[mpr_blocks_top_index(at)], MIDDLE, sizeof *middle) : NULL;
    struct mpr_blocks_low *low =
        middle ? level((void **)&middle->low[mpr_blocks_middle_index(at)], LOW, sizeof *low) : NULL;
    if (low)
        leaf = level((void **)&low->leaf[mpr_blocks_low_index(at)], LEAF, sizeof *leaf);
    mpr_lock_give(&state.lock);
    return leaf;
}

uint32_t *mpr_block_word_odd(uintptr_t at)
{
    const struct mpr_blocks_top *odd = MPR_READ(state.odd);
    return odd ? mpr_blocks_word(odd, at) : NULL;
}

/* The levels below are own memory, which the session's end gives back: nothing points to it then,
 * and who follows a pointer that was there finds zeros, or a level of the next session's. */
void mpr_blocks_clear(void)
{
    for (size_t i = 0; i < sizeof mpr_blocks.middle / sizeof *mpr_blocks.middle; i++)
        __atomic_store_n(&mpr_blocks.middle[i], NULL, __ATOMIC_RELAXED);
    __atomic_store_n(&state.odd, NULL, __ATOMIC_RELAXED);
    mpr_lock_make(&state.lock);
}

static uint32_t *make_word(uintptr_t at)
{
    uint32_t *word = mpr_block_word((const void *)at);
    if (word)
        return word;
    struct mpr_blocks_leaf *leaf = make_leaf(at);
    return leaf ? &leaf->word[mpr_blocks_word_index(at)] : NULL;
}

/* Who is late, from an earlier session, may be reading it. */
static void set(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* A block of more than 16 bytes owns the next granule's word too, one of more than 32 two. */
bool mpr_block_put(const void *block, uint32_t node, uint64_t size)
{
    uintptr_t at = (uintptr_t)block;
    uint32_t *first = make_word(at);
    if (!first)
        return false;
    if (size < MPR_BLOCK_WIDE) {
        set(first, node << MPR_BLOCK_NODE | (uint32_t)size);
        return true;
    }
    bool huge = size >= MPR_BLOCK_MORE;
    uint32_t *second = make_word(at + 16);
    uint32_t *third = huge ? make_word(at + 32) : second;
    if (!second || !third)
        return false;
    if (huge)
        set(third, MPR_BLOCK_MORE | (uint32_t)(size >> 31));
    set(second, MPR_BLOCK_MORE | (uint32_t)size);
    set(first, node << MPR_BLOCK_NODE | (huge ? MPR_BLOCK_HUGE : MPR_BLOCK_WIDE));
    return true;
}

/* What a word behind a block says of its size, and where it stands. */
static uint64_t more(const void *block, size_t words, uint32_t **ret_at)
{
    uint32_t *at = mpr_block_word((const char *)block + 16 * words);
    *ret_at = at;
    return at ? *at & ~MPR_BLOCK_MORE : 0;
}

static uint64_t size_of(const void *block, uint32_t word, bool clear)
{
    uint32_t size = word & MPR_BLOCK_SIZE;
    uint32_t *second, *third = NULL;
    if (size < MPR_BLOCK_WIDE)
        return size;
    uint64_t wide = more(block, 1, &second);
    if (size == MPR_BLOCK_HUGE)
        wide |= more(block, 2, &third) << 31;
    if (clear && second)
        set(second, 0);
    if (clear && third)
        set(third, 0);
    return wide;
}

uint64_t mpr_block_clear_wide(const void *block, uint32_t word)
{
    return size_of(block, word, true);
}

static void each_in_leaf(const struct mpr_blocks_leaf *leaf, uintptr_t start,
    void (*visit)(uintptr_t, uint32_t, uint64_t, void *), void *data)
{
    for (size_t i = 0; i < sizeof leaf->word / sizeof *leaf->word; i++) {
        uintptr_t block = start + i * 16;
        uint32_t word = leaf->word[i];
        if (word != 0 && !(word & MPR_BLOCK_MORE))
            visit(block, word >> MPR_BLOCK_NODE, size_of((const void *)block, word, false), data);
    }
}

static void each_in(const struct mpr_blocks_top *top, uintptr_t odd,
    void (*visit)(uintptr_t, uint32_t, uint64_t, void *), void *data)
{
    for (uintptr_t t = 0; t < 1u << MPR_TOP_BITS; t++) {
        const struct mpr_blocks_middle *middle = top->middle[t];
        for (uintptr_t m = 0; middle && m < 1u << MPR_MIDDLE_BITS; m++) {
            const struct mpr_blocks_low *low = middle->low[m];
            uintptr_t base = (t << MPR_MIDDLE_BITS | m) << (MPR_LOW_BITS + MPR_LEAF_BITS);
            for (uintptr_t l = 0; low && l < 1u << MPR_LOW_BITS; l++)
                if (low->leaf[l])
                    each_in_leaf(low->leaf[l], (base | l << MPR_LEAF_BITS) + odd, visit, data);
        }
    }
}

void mpr_block_each(
    void (*visit)(uintptr_t block, uint32_t node, uint64_t size, void *data), void *data)
{
    each_in(&mpr_blocks, 0, visit, data);
    if (state.odd)
        each_in(state.odd, 8, visit, data);
}
