/* SPDX-License-Identifier: MIT */
/* Activations, their slots, and the hash table of their frames. No allocation but when slots or
 * buckets run out. */
#include "slots.h"

#include <string.h>

#include "mprun/probe.h"

#define SLOTS_PER_BLOCK 64
#define FIRST_BUCKETS 256

static struct {
    struct mpr_activation *free;
    struct mpr_activation *reserve; /* for a block that finds room in the recording */
    struct mpr_activation **bucket;
    size_t bucket_count; /* a power of two */
    size_t used;
} pool;

static size_t bucket_of(uint64_t frame)
{
    return (size_t)((frame >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (pool.bucket_count - 1);
}

struct mpr_activation *mpr_slots_find(uint64_t frame)
{
    if (!pool.bucket)
        return NULL;
    struct mpr_activation *act = pool.bucket[bucket_of(frame)];
    while (act && act->frame != frame)
        act = act->next;
    return act;
}

/* The old buckets stay behind: doubling bounds the waste by what is in use. */
static bool grow_buckets(void)
{
    size_t old_count = pool.bucket_count;
    struct mpr_activation **old = pool.bucket;
    size_t count = old_count ? old_count * 2 : FIRST_BUCKETS;
    struct mpr_activation **bucket = mpr_probe_alloc(count * sizeof *bucket);
    if (!bucket)
        return old != NULL;
    pool.bucket = bucket;
    pool.bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        for (struct mpr_activation *act = old[i], *next; act; act = next) {
            next = act->next;
            struct mpr_activation **head = &bucket[bucket_of(act->frame)];
            act->next = *head;
            *head = act;
        }
    }
    return true;
}

static bool grow_slots(void)
{
    struct mpr_rec_slots *block;
    size_t size = sizeof *block + SLOTS_PER_BLOCK * sizeof block->slot[0];
    struct mpr_activation *act = pool.reserve;
    if (!act)
        act = pool.reserve = mpr_probe_alloc(SLOTS_PER_BLOCK * sizeof *act);
    block = act ? mpr_rec_append(mpr_probe->writer, MPR_KIND_SLOTS, size) : NULL;
    if (!block)
        return false;
    pool.reserve = NULL;
    block->count = SLOTS_PER_BLOCK;
    for (size_t i = SLOTS_PER_BLOCK; i-- > 0;) {
        act[i].slot = &block->slot[i];
        act[i].offset = mpr_rec_last_offset(mpr_probe->writer) +
                        (uint64_t)((char *)&block->slot[i] - (char *)block);
        act[i].next = pool.free;
        pool.free = &act[i];
    }
    mpr_rec_publish(mpr_probe->writer);
    return true;
}

struct mpr_activation *mpr_slots_take(uint64_t frame)
{
    if (!pool.free && !grow_slots())
        return NULL;
    if (pool.used >= pool.bucket_count && !grow_buckets())
        return NULL;
    struct mpr_activation *act = pool.free;
    pool.free = act->next;
    pool.used++;
    act->frame = frame;
    struct mpr_activation **head = &pool.bucket[bucket_of(frame)];
    act->next = *head;
    *head = act;
    return act;
}

void mpr_slots_give_back(struct mpr_activation *act)
{
    struct mpr_activation **at = &pool.bucket[bucket_of(act->frame)];
    while (*at && *at != act)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = act->next;
    act->slot->state = MPR_ACT_FREE;
    act->frame = 0;
    act->next = pool.free;
    pool.free = act;
    pool.used--;
}

void mpr_slots_each(void (*visit)(struct mpr_activation *act, void *data), void *data)
{
    for (size_t i = 0; i < pool.bucket_count; i++) {
        for (struct mpr_activation *act = pool.bucket[i], *next; act; act = next) {
            next = act->next;
            visit(act, data);
        }
    }
}

void mpr_slots_stop(void)
{
    memset(&pool, 0, sizeof pool);
}
