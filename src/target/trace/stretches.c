/* SPDX-License-Identifier: MIT */
/* Lines are noted by blocks, each with its first and its last one: as much memory as the lines lie
 * apart, of which only what has lines is touched. Not the heap's, nor kept. */
#include "stretches.h"

#include <string.h>
#include <sys/mman.h>

#include "mprun/sys.h"

/* Shorter than a gap: there is none within a block. */
#define BLOCK 512u

/* Offsets in the block, + 1; 0: none. */
struct mpr_line_block {
    uint16_t low, high;
};

static void *take(size_t size)
{
    void *memory =
        mpr_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    return memory == MAP_FAILED ? NULL : memory;
}

bool mpr_stretches_begin(struct mpr_stretches *stretches, uint32_t first, uint32_t last)
{
    size_t blocks = (size_t)(last - first) / BLOCK + 1;
    *stretches = (struct mpr_stretches){
        .first = first, .last = last, .block_size = blocks * sizeof *stretches->block};
    stretches->block = take(stretches->block_size);
    if (!stretches->block)
        return false;
    mpr_stretches_add(stretches, first);
    mpr_stretches_add(stretches, last);
    return true;
}

void mpr_stretches_add(struct mpr_stretches *stretches, uint32_t line)
{
    if (line < stretches->first || line > stretches->last)
        return;
    uint32_t at = line - stretches->first;
    struct mpr_line_block *block = &stretches->block[at / BLOCK];
    uint16_t offset = (uint16_t)(at % BLOCK + 1);
    if (block->low == 0 || offset < block->low)
        block->low = offset;
    if (offset > block->high)
        block->high = offset;
}

void mpr_stretches_add_all(struct mpr_stretches *stretches, uint32_t first, uint32_t last,
    const struct mpr_rec_stretch *stretch, uint32_t count)
{
    const struct mpr_rec_stretch all = {first, last - first + 1, 0};
    stretch = count ? stretch : &all;
    for (uint32_t i = 0; i == 0 || i < count; i++) {
        uint64_t end = (uint64_t)stretch[i].line + stretch[i].count;
        for (uint64_t line = stretch[i].line; line < end; line += BLOCK / 2)
            mpr_stretches_add(stretches, (uint32_t)line);
        mpr_stretches_add(stretches, (uint32_t)(end - 1));
    }
}

/* The stretches, into `item` if that is not NULL; how many there are. */
static uint32_t list(const struct mpr_stretches *stretches, struct mpr_rec_stretch *item)
{
    size_t blocks = stretches->block_size / sizeof *stretches->block;
    struct mpr_rec_stretch now = {stretches->first, 1, 0};
    uint32_t count = 1;
    for (size_t i = 0; i < blocks; i++) {
        const struct mpr_line_block *block = &stretches->block[i];
        if (block->low == 0)
            continue;
        uint32_t start = stretches->first + (uint32_t)i * BLOCK;
        uint32_t low = start + block->low - 1, high = start + block->high - 1;
        if (low > now.line + now.count && low - (now.line + now.count) >= MPR_STRETCH_GAP) {
            if (item)
                item[count - 1] = now;
            now = (struct mpr_rec_stretch){low, 0, now.row + now.count};
            count++;
        }
        now.count = high - now.line + 1;
    }
    if (item)
        item[count - 1] = now;
    return count;
}

bool mpr_stretches_finish(struct mpr_stretches *stretches)
{
    uint32_t count = list(stretches, NULL);
    if (count == 1)
        return true;
    stretches->item_size = count * sizeof *stretches->item;
    stretches->item = take(stretches->item_size);
    if (!stretches->item)
        return false;
    stretches->count = list(stretches, stretches->item);
    return true;
}

void mpr_stretches_release(struct mpr_stretches *stretches)
{
    if (stretches->block)
        mpr_sys_munmap(stretches->block, stretches->block_size);
    if (stretches->item)
        mpr_sys_munmap(stretches->item, stretches->item_size);
    memset(stretches, 0, sizeof *stretches);
}
