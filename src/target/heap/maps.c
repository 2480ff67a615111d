/* SPDX-License-Identifier: MIT */
/* Maps: what mmap gave, as intervals in ascending order in an array of own memory, found by
 * bisection. Private anonymous writable ones are heap and have a node; others are only summed up by
 * kind. Cold: each call stands beside a system call. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mprun/heap.h"
#include "mprun/lock.h"

#define FIRST_MAPS 256

enum kind { HEAP, RESERVED, MAPPED_FILE, SHARED };

struct map {
    uintptr_t start;
    uintptr_t end;
    struct mpr_rec_node *node; /* of HEAP */
    uint32_t kind;
    uint32_t counted; /* its end is the end of a block: a map that was cut in two ends once */
};

static struct mpr_lock lock;
static struct map *maps;
static size_t count, capacity;

void mpr_maps_lock(void)
{
    mpr_lock_take(&lock);
}

void mpr_maps_unlock(void)
{
    mpr_lock_give(&lock);
}

static uint64_t whole_pages(uint64_t size)
{
    uint64_t page = (uint64_t)1 << mpr_probe->page_shift;
    return (size + page - 1) & ~(page - 1);
}

/* The first map that ends behind `at`. */
static size_t find(uintptr_t at)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (maps[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool insert(size_t place, const struct map *map)
{
    if (count == capacity) {
        size_t grown = capacity ? capacity * 2 : FIRST_MAPS;
        struct map *moved = mpr_probe_alloc(grown * sizeof *moved);
        if (!moved) {
            mpr_note(MPR_NOTE_HEAP_LOST);
            return false;
        }
        if (count)
            memcpy(moved, maps, count * sizeof *moved);
        maps = moved;
        capacity = grown;
    }
    memmove(&maps[place + 1], &maps[place], (count - place) * sizeof *maps);
    maps[place] = *map;
    count++;
    return true;
}

static void count_apart(uint32_t kind, int64_t bytes)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    int64_t *const sums[] = {
        NULL, &heap->nonheap_reserved, &heap->nonheap_file, &heap->nonheap_shared};
    *sums[kind] += bytes;
}

static void gone(struct mpr_thread *thread, const struct map *map, uint64_t bytes, bool whole)
{
    if (map->kind == HEAP)
        mpr_heap_debit_any(thread, map->node, bytes, whole && map->counted);
    else
        count_apart(map->kind, -(int64_t)bytes);
}

/* Take [start, end) out of whatever is there. */
static void remove_range(struct mpr_thread *thread, uintptr_t start, uintptr_t end)
{
    size_t at = find(start);
    while (at < count && maps[at].start < end) {
        struct map *map = &maps[at];
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
            memmove(map, map + 1, (count - at - 1) * sizeof *maps);
            count--;
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
        count_apart(map.kind, (int64_t)size);
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
    bool known = at < count && maps[at].start <= from && old_size > 0;
    struct map map = known ? maps[at] : (struct map){0};
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
        count_apart(map.kind, (int64_t)(map.end - map.start));
}

enum mpr_mapped mpr_maps_nonheap(uintptr_t at)
{
    const struct map *map = &maps[find(at)];
    if (map == maps + count || map->start > at)
        return MPR_MAPPED_NOTHING;
    return map->kind == MAPPED_FILE ? MPR_MAPPED_FILE
           : map->kind == SHARED    ? MPR_MAPPED_SHARED
                                    : MPR_MAPPED_NOTHING;
}

int64_t mpr_maps_untouched(void)
{
    int64_t bytes = 0;
    for (size_t i = 0, next; i < count; i = next) {
        uintptr_t end = maps[i].end;
        for (next = i + 1; next < count && maps[next].kind == maps[i].kind; next++) {
            if (maps[next].start != end) /* the kernel makes one of neighbours */
                break;
            end = maps[next].end;
        }
        if (maps[i].kind == HEAP)
            bytes += mpr_untouched(maps[i].start, end);
    }
    return bytes;
}
