/* SPDX-License-Identifier: MIT */
/* Maps: what mmap gave, as intervals in ascending order in an array of own memory, found by
 * bisection. Private anonymous writable ones are heap and have a node; others are only summed up by
 * kind. Cold: each call stands beside a system call. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mprun/count.h"
#include "mprun/lock.h"
#include "mprun/maps.h"
#include "ranges.h"

#define FIRST_MAPS 256

enum kind { HEAP, RESERVED, MAPPED_FILE, SHARED };

struct map {
    uintptr_t start;
    uintptr_t end;
    struct mpr_rec_node *node; /* of HEAP */
    uint32_t kind;
    uint32_t counted; /* its end is the end of a block: a map that was cut in two ends once */
};

static struct {
    struct mpr_lock lock;
    struct mpr_rec_heap *heap; /* NULL: not tracked */
    struct map *maps;
    size_t count, capacity;
} state;

/* Who has waited for the lock may find that the session is over. */
bool mpr_maps_lock(void)
{
    if (!mpr_lock_take(&state.lock))
        return false;
    if (MPR_READ(mpr_probe->heap) && state.heap)
        return true;
    mpr_lock_give(&state.lock);
    return false;
}

void mpr_maps_unlock(void)
{
    mpr_lock_give(&state.lock);
}

void mpr_maps_own(void)
{
    mpr_lock_make(&state.lock);
}

void mpr_maps_start(struct mpr_rec_heap *heap)
{
    if (!mpr_lock_take(&state.lock))
        return;
    state.heap = heap;
    state.maps = NULL;
    state.count = 0;
    state.capacity = 0;
    mpr_lock_give(&state.lock);
}

static uint64_t whole_pages(uint64_t size)
{
    uint64_t page = (uint64_t)1 << mpr_probe->page_shift;
    return (size + page - 1) & ~(page - 1);
}

/* The first map that ends behind `at`. */
static size_t find(uintptr_t at)
{
    return mpr_ranges_find(state.maps, state.count, sizeof *state.maps, at);
}

static bool insert(size_t place, const struct map *map)
{
    if (state.count == state.capacity) {
        size_t grown = state.capacity ? state.capacity * 2 : FIRST_MAPS;
        struct map *moved = mpr_probe_alloc(grown * sizeof *moved);
        if (!moved) {
            mpr_note(MPR_NOTE_HEAP_LOST);
            return false;
        }
        if (state.count)
            memcpy(moved, state.maps, state.count * sizeof *moved);
        state.maps = moved;
        state.capacity = grown;
    }
    memmove(&state.maps[place + 1], &state.maps[place], (state.count - place) * sizeof *state.maps);
    state.maps[place] = *map;
    state.count++;
    return true;
}

static void count_nonheap(uint32_t kind, int64_t bytes)
{
    struct mpr_rec_heap *heap = state.heap;
    int64_t *const sums[] = {
        NULL, &heap->nonheap_reserved, &heap->nonheap_file, &heap->nonheap_shared};
    *sums[kind] += bytes;
}

static void gone(struct mpr_thread *thread, const struct map *map, uint64_t bytes, bool whole)
{
    if (map->kind == HEAP)
        mpr_heap_debit_any(thread, map->node, bytes, whole && map->counted);
    else
        count_nonheap(map->kind, -(int64_t)bytes);
}

/* Take [start, end) out of whatever is there. */
static void remove_range(struct mpr_thread *thread, uintptr_t start, uintptr_t end)
{
    size_t at = find(start);
    while (at < state.count && state.maps[at].start < end) {
        struct map *map = &state.maps[at];
        uintptr_t from = map->start > start ? map->start : start;
        uintptr_t to = map->end < end ? map->end : end;
        bool left = map->start < from, right = to < map->end;
        struct map rest = *map;
        gone(thread, map, to - from, !left && !right);
        if (left && right) {
            map->end = from;
            rest.start = to;
            rest.counted = 0;
            insert(at + 1, &rest);
            return;
        }
        if (left) {
            map->end = from;
            at++;
        } else if (right) {
            map->start = to;
            return;
        } else {
            memmove(map, map + 1, (state.count - at - 1) * sizeof *state.maps);
            state.count--;
        }
    }
}

bool mpr_path_is_memory(const char *path)
{
    static const char *const starts[] = {"/memfd:", "/dev/shm/", "/dev/zero", "/SYSV"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(path, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool is_memory(int fd)
{
    char link[32], path[32] = "";
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    (void)!readlink(link, path, sizeof path - 1); /* cut: its start decides */
    errno = saved;
    return mpr_path_is_memory(path);
}

static uint32_t kind_of(int protection, int flags, int fd)
{
    bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
    if (flags & MAP_ANONYMOUS)
        return shared ? SHARED : protection & PROT_WRITE ? HEAP : RESERVED;
    return shared && is_memory(fd) ? SHARED : MAPPED_FILE;
}

void mpr_maps_mapped(
    struct mpr_thread *thread, uintptr_t start, uint64_t size, int protection, int flags, int fd)
{
    size = whole_pages(size);
    struct map map = {start, start + size, NULL, kind_of(protection, flags, fd), 1};
    if (map.kind == HEAP)
        map.node = mpr_heap_node_any(thread, MPR_HEAP_MMAP);
    /* MAP_FIXED replaces; and what is still known to be there without it went unseen. */
    remove_range(thread, map.start, map.end);
    if (!insert(find(map.start), &map))
        return;
    if (map.kind == HEAP)
        mpr_heap_credit_any(thread, map.node, size);
    else
        count_nonheap(map.kind, (int64_t)size);
}

void mpr_maps_unmapped(struct mpr_thread *thread, uintptr_t start, uint64_t size)
{
    remove_range(thread, start, start + whole_pages(size));
}

/* A moved map is a new block of whoever moves it, of the kind that it was. A range over several
 * takes the first one's. */
void mpr_maps_moved(struct mpr_thread *thread, uintptr_t from, uint64_t old_size, uintptr_t to,
    uint64_t new_size, bool kept)
{
    size_t at = find(from);
    bool known = at < state.count && state.maps[at].start <= from && old_size > 0;
    struct map map = known ? state.maps[at] : (struct map){0};
    if (known && !kept)
        mpr_maps_unmapped(thread, from, old_size);
    mpr_maps_unmapped(thread, to, new_size);
    if (!known)
        return; /* an old size of 0 makes a second view of shared pages */
    map.start = to;
    map.end = to + whole_pages(new_size);
    map.counted = 1;
    if (map.kind == HEAP)
        map.node = mpr_heap_node_any(thread, MPR_HEAP_MMAP);
    if (!insert(find(map.start), &map))
        return;
    if (map.kind == HEAP)
        mpr_heap_credit_any(thread, map.node, map.end - map.start);
    else
        count_nonheap(map.kind, (int64_t)(map.end - map.start));
}

enum mpr_mapped mpr_maps_nonheap(uintptr_t at)
{
    const struct map *map = &state.maps[find(at)];
    if (map == state.maps + state.count || map->start > at)
        return MPR_MAPPED_NOTHING;
    return map->kind == MAPPED_FILE ? MPR_MAPPED_FILE
           : map->kind == SHARED    ? MPR_MAPPED_SHARED
                                    : MPR_MAPPED_NOTHING;
}

int64_t mpr_maps_untouched(void)
{
    int64_t bytes = 0;
    for (size_t i = 0, next; i < state.count; i = next) {
        uintptr_t end = state.maps[i].end;
        for (next = i + 1; next < state.count && state.maps[next].kind == state.maps[i].kind;
             next++) {
            if (state.maps[next].start != end) /* the kernel makes one of neighbours */
                break;
            end = state.maps[next].end;
        }
        if (state.maps[i].kind == HEAP)
            bytes += mpr_untouched(state.maps[i].start, end);
    }
    return bytes;
}
