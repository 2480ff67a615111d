/* SPDX-License-Identifier: MIT */
/* Arenas: what pymalloc cuts its blocks from; known for the reconciliation, never heap. Each
 * interpreter with a GIL of its own has some. Cold. */
#include "arenas.h"

#include <string.h>

#include "mprun/heap_facts.h"
#include "mprun/hot.h"
#include "mprun/lock.h"

#define FIRST_ARENAS 64u
/* The arenas' allocator also serves the frames' stack, in less. */
#define ARENA_LEAST ((uint64_t)256 << 10)
#define TABLE_LEAST ((uint64_t)64 << 10)

static struct {
    struct mpr_lock lock;
    struct mpr_arenas arenas;
    struct mpr_arena_tables tables;
} state;

void mpr_arenas_start(void)
{
    memset(&state, 0, sizeof state);
    mpr_lock_make(&state.lock);
}

const struct mpr_arenas *mpr_arenas_known(void)
{
    return &state.arenas;
}

const struct mpr_arena_tables *mpr_arena_tables_known(void)
{
    return &state.tables;
}

/* With the lock. What is outgrown stays behind, for who reads it. */
static bool room(struct mpr_arenas *arenas)
{
    uint32_t grown = arenas->capacity ? arenas->capacity * 2 : FIRST_ARENAS;
    if (arenas->count < arenas->capacity)
        return true;
    uintptr_t *start = mpr_probe_alloc(grown * sizeof *start);
    uint64_t *size = mpr_probe_alloc(grown * sizeof *size);
    if (!start || !size)
        return false;
    if (arenas->count) {
        memcpy(start, arenas->start, arenas->count * sizeof *start);
        memcpy(size, arenas->size, arenas->count * sizeof *size);
    }
    arenas->start = start;
    arenas->size = size;
    arenas->capacity = grown;
    return true;
}

/* The GIL may be another interpreter's. False: nothing is tracked. */
static bool begin(void)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!MPR_READ(mpr_probe->heap) || !mpr_hold_begin(thread))
        return false;
    if (MPR_READ(mpr_probe->heap) && mpr_lock_take(&state.lock))
        return true;
    mpr_hold_end(thread);
    return false;
}

static void end(void)
{
    mpr_lock_give(&state.lock);
    mpr_hold_end(&mpr_thread_block);
}

void mpr_arena_comes(const void *arena, uint64_t size)
{
    struct mpr_arenas *arenas = &state.arenas;
    if (size < ARENA_LEAST || !begin())
        return;
    if (room(arenas)) {
        arenas->start[arenas->count] = (uintptr_t)arena;
        arenas->size[arenas->count++] = size;
    }
    end();
}

void mpr_arena_goes(const void *arena)
{
    struct mpr_arenas *arenas = &state.arenas;
    if (!begin())
        return;
    for (uint32_t i = 0; i < arenas->count; i++) {
        if (arenas->start[i] != (uintptr_t)arena)
            continue;
        arenas->start[i] = arenas->start[--arenas->count];
        arenas->size[i] = arenas->size[arenas->count];
        break;
    }
    end();
}

void mpr_arena_table_comes(const void *table, uint64_t size)
{
    struct mpr_arena_tables *tables = &state.tables;
    if (size < TABLE_LEAST || !begin())
        return;
    if (tables->count < MPR_ARENA_TABLES) {
        tables->start[tables->count] = (uintptr_t)table;
        tables->size[tables->count++] = size;
    }
    end();
}
