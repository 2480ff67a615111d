/* SPDX-License-Identifier: MIT */
/* mprun's own memory in the target. What a session takes is given back at its end as a whole: the
 * pages go, the address space stays and serves the next session, so that who reads it late, without
 * the GIL, reads zeros, or what that session has in it. What is kept lives as long as the process.
 * Cold. */
#include "memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "mprun/lock.h"
#include "mprun/own.h"
#include "mprun/probe.h"
#include "mprun/sys.h"

#define STEP ((size_t)64 << 10)
#define KEPT_STEP ((size_t)4 << 10)
#define CHUNKS 254 /* a directory fits into a page */

struct chunk {
    char *start;
    size_t size;
};

/* Of chunks in the order in which they were made; kept. */
struct directory {
    struct directory *next;
    size_t count;
    struct chunk chunk[CHUNKS];
};

/* A piece of memory that is handed out from its start on. */
struct piece {
    char *at;
    size_t left;
};

/* The chunks of one use; 0: any. */
struct pool {
    struct piece piece; /* the session's */
    struct directory *first, *last;
    struct directory *next_in; /* the first chunk that the session has not been given */
    size_t next;
};

static struct {
    struct mpr_lock lock;
    struct piece kept;
    int64_t kept_bytes, kept_counted; /* the latter in the recording that is attached */
    struct pool pool[MPR_MEMORY_USES];
} state;

static size_t rounded(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static void *cut(struct piece *piece, size_t size)
{
    void *result = piece->at;
    piece->at += size;
    piece->left -= size;
    return result;
}

/* All that follow take the lock to be held. */
static void *keep(size_t size)
{
    size_t bytes;
    if (size > state.kept.left) {
        char *start = mpr_own_map(size > KEPT_STEP ? size : KEPT_STEP, &bytes);
        if (!start)
            return NULL;
        state.kept = (struct piece){start, bytes};
        state.kept_bytes += (int64_t)bytes;
    }
    return cut(&state.kept, size);
}

/* Not while there is nothing to count it in: who opens a session then counts all. */
static void count_kept(void)
{
    if (!MPR_READ(mpr_probe->header))
        return;
    mpr_probe_count_own(state.kept_bytes - state.kept_counted);
    state.kept_counted = state.kept_bytes;
}

static bool directory_has_room(struct pool *pool)
{
    if (pool->last && pool->last->count < CHUNKS)
        return true;
    struct directory *made = keep(sizeof *made);
    count_kept();
    if (!made)
        return false;
    if (pool->last)
        pool->last->next = made;
    else
        pool->first = made;
    pool->last = made;
    return true;
}

/* One that an earlier session had, if it is large enough; smaller ones are passed over, until the
 * session ends. */
static bool reuse(struct pool *pool, size_t size, struct chunk *ret_chunk)
{
    while (pool->next_in) {
        struct directory *directory = pool->next_in;
        if (pool->next == directory->count) {
            if (!directory->next)
                return false;
            pool->next_in = directory->next;
            pool->next = 0;
            continue;
        }
        *ret_chunk = directory->chunk[pool->next++];
        if (ret_chunk->size < size)
            continue;
        mpr_own_populate(ret_chunk->start, ret_chunk->size);
        return true;
    }
    return false;
}

static bool make(struct pool *pool, size_t size, struct chunk *ret_chunk)
{
    if (!directory_has_room(pool))
        return false;
    ret_chunk->start = mpr_own_map(size > STEP ? size : STEP, &ret_chunk->size);
    if (!ret_chunk->start)
        return false;
    pool->last->chunk[pool->last->count++] = *ret_chunk;
    pool->next_in = pool->last;
    pool->next = pool->last->count;
    return true;
}

static bool refill(struct pool *pool, size_t size)
{
    struct chunk chunk;
    if (!reuse(pool, size, &chunk) && !make(pool, size, &chunk))
        return false;
    mpr_probe_count_own((int64_t)chunk.size);
    pool->piece = (struct piece){chunk.start, chunk.size};
    return true;
}

void *mpr_probe_alloc_for(unsigned use, size_t size)
{
    struct pool *pool = &state.pool[use];
    void *result = NULL;
    int saved = errno;
    size = rounded(size);
    if (!mpr_lock_take(&state.lock))
        return NULL;
    if (size <= pool->piece.left || refill(pool, size))
        result = cut(&pool->piece, size);
    mpr_lock_give(&state.lock);
    errno = saved;
    return result;
}

void *mpr_probe_alloc(size_t size)
{
    return mpr_probe_alloc_for(0, size);
}

void *mpr_kept_alloc(size_t size)
{
    int saved = errno;
    if (!mpr_lock_take(&state.lock))
        return NULL;
    void *result = keep(rounded(size));
    mpr_lock_give(&state.lock);
    errno = saved;
    return result;
}

void mpr_kept_count(void)
{
    if (!mpr_lock_take(&state.lock))
        return;
    count_kept();
    mpr_lock_give(&state.lock);
}

void *mpr_probe_keep(size_t size)
{
    void *result = mpr_kept_alloc(size);
    mpr_kept_count();
    return result;
}

void mpr_memory_start(void)
{
    if (!mpr_lock_take(&state.lock))
        return;
    state.kept_counted = 0;
    mpr_lock_give(&state.lock);
}

/* Locked pages (mlockall) are not given back: then they are zeros all the same. */
static void empty(const struct chunk *chunk)
{
    if (mpr_sys_madvise(chunk->start, chunk->size, MADV_DONTNEED) != 0)
        memset(chunk->start, 0, chunk->size);
}

static void empty_all(struct pool *pool)
{
    for (struct directory *directory = pool->first; directory; directory = directory->next)
        for (size_t i = 0; i < directory->count; i++)
            empty(&directory->chunk[i]);
    pool->piece = (struct piece){NULL, 0};
    pool->next_in = pool->first;
    pool->next = 0;
}

void mpr_memory_stop(void)
{
    if (!mpr_lock_take(&state.lock))
        return;
    for (size_t use = 0; use < MPR_MEMORY_USES; use++)
        empty_all(&state.pool[use]);
    mpr_lock_give(&state.lock);
}

void mpr_memory_own(void)
{
    mpr_lock_make(&state.lock);
}
