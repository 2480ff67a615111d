/* SPDX-License-Identifier: MIT */
/* RSS against the heap, term by term: each is measured by itself, and what they do not explain is
 * left for the reader to see. Once a run, when the program is over. */
#include "reconcile.h"

#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "arenas.h"
#include "mprun/blocks.h"
#include "mprun/count.h"
#include "mprun/heap.h"
#include "mprun/heap_facts.h"
#include "mprun/own.h"
#include "mprun/sys.h"

#define LARGE ((uint64_t)64 << 10) /* a smaller block is taken for touched */

static struct {
    struct mpr_malloc_facts (*ask_malloc)(void); /* NULL: nobody knows */
    struct mpr_malloc_facts at_start;
} state;

void mpr_heap_set_malloc(struct mpr_malloc_facts (*ask)(void))
{
    state.ask_malloc = ask;
}

struct walk {
    uint32_t *order; /* arenas by address */
    uint32_t arena;  /* the first that may hold what comes */
    const struct mpr_smaps *smaps;
    int64_t in_arenas; /* bytes of live blocks */
    int64_t in_malloc;
    int64_t untouched;
    int64_t untouched_heap; /* of them, in malloc's areas */
};

static bool in_arena(struct walk *walk, uintptr_t block)
{
    const struct mpr_arenas *arenas = mpr_arenas_known();
    while (walk->arena < arenas->count) {
        uint32_t i = walk->order[walk->arena];
        if (block < arenas->start[i] + arenas->size[i])
            return block >= arenas->start[i];
        walk->arena++;
    }
    return false;
}

static bool in_area(const struct mpr_smaps *smaps, uintptr_t block)
{
    for (uint32_t i = 0; i < smaps->area_count; i++)
        if (block >= smaps->area[i].start && block < smaps->area[i].end)
            return true;
    return false;
}

static void visit(uintptr_t block, uint32_t node, uint64_t size, void *data)
{
    struct walk *walk = data;
    (void)node;
    if (in_arena(walk, block)) {
        walk->in_arenas += (int64_t)size;
        return;
    }
    walk->in_malloc += (int64_t)size;
    if (size < LARGE)
        return;
    int64_t untouched = mpr_untouched(block, block + size);
    walk->untouched += untouched;
    if (untouched && in_area(walk->smaps, block))
        walk->untouched_heap += untouched;
}

/* Of a loaded object's segments, what no file backs (.bss): the kernel may show it as one mapping
 * with whatever lies behind. */
static int add_zeroed(struct dl_phdr_info *info, size_t size, void *data)
{
    uintptr_t page = (uintptr_t)1 << mpr_probe->page_shift;
    int64_t *bytes = data;
    (void)size;
    if (mpr_path_is_own(info->dlpi_name) || mpr_own_object_holds(info, &mpr_blocks))
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        uintptr_t from = (start + segment->p_filesz + page - 1) & ~(page - 1);
        uintptr_t to = (start + segment->p_memsz + page - 1) & ~(page - 1);
        if (segment->p_type == PT_LOAD && from < to)
            *bytes += (int64_t)(to - from) - mpr_untouched(from, to);
    }
    return 0;
}

static bool before(uint32_t left, uint32_t right)
{
    const struct mpr_arenas *arenas = mpr_arenas_known();
    return arenas->start[left] < arenas->start[right];
}

/* qsort may allocate; heapsort in place. */
static void sift(uint32_t *order, uint32_t root, uint32_t count)
{
    for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && before(order[child], order[child + 1]))
            child++;
        if (!before(order[root], order[child]))
            return;
        uint32_t moved = order[root];
        order[root] = order[child];
        order[child] = moved;
    }
}

static bool order_arenas(struct walk *walk)
{
    uint32_t count = mpr_arenas_known()->count;
    walk->order = mpr_probe_alloc((count + 1) * sizeof *walk->order);
    if (!walk->order)
        return false;
    for (uint32_t i = 0; i < count; i++)
        walk->order[i] = i;
    for (uint32_t i = count / 2; i-- > 0;)
        sift(walk->order, i, count);
    for (uint32_t end = count; end-- > 1;) {
        uint32_t last = walk->order[0];
        walk->order[0] = walk->order[end];
        walk->order[end] = last;
        sift(walk->order, 0, end);
    }
    return true;
}

static int64_t resident_arenas(void)
{
    const struct mpr_arenas *arenas = mpr_arenas_known();
    int64_t bytes = 0;
    for (uint32_t i = 0; i < arenas->count; i++)
        bytes += (int64_t)arenas->size[i] -
                 mpr_untouched(arenas->start[i], arenas->start[i] + arenas->size[i]);
    return bytes;
}

/* With the lock of the maps. */
static bool read_smaps(struct mpr_smaps *ret)
{
    struct mpr_smaps_state parsed = {.mapped = mpr_maps_nonheap, .seen = mpr_resident_learn};
    char text[4096];
    size_t at = 0;
    ssize_t got;
    int fd = mpr_sys_open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while ((got = mpr_sys_pread(fd, text, sizeof text, at)) > 0) {
        mpr_smaps_text(&parsed, text, (size_t)got);
        at += (size_t)got;
    }
    mpr_sys_close(fd);
    mpr_smaps_end(&parsed);
    *ret = parsed.sum;
    return got == 0;
}

/* Those in malloc's areas are counted with them. */
static int64_t untouched_tables(const struct walk *walk)
{
    const struct mpr_arena_tables *tables = mpr_arena_tables_known();
    int64_t bytes = 0;
    for (uint32_t i = 0; i < tables->count; i++)
        if (!in_area(walk->smaps, tables->start[i]))
            bytes += mpr_untouched(tables->start[i], tables->start[i] + tables->size[i]);
    return bytes;
}

/* What malloc holds and has not handed out. Pages of its areas that are not resident and belong to
 * no live block are taken off: free memory that was never touched, or was given back in between. */
static void malloc_slack(
    struct mpr_rec_reconciliation *r, const struct walk *walk, const struct mpr_smaps *smaps)
{
    if (!state.ask_malloc)
        return;
    struct mpr_malloc_facts now = state.ask_malloc();
    if (!now.known)
        return;
    int64_t absent =
        smaps->heap - smaps->heap_resident - walk->untouched_heap + untouched_tables(walk);
    r->malloc_known = 1;
    r->interpreter += state.at_start.used;
    r->slack_malloc = now.held - walk->in_malloc - state.at_start.used - (absent > 0 ? absent : 0);
}

const char *mpr_heap_reconcile_start(void)
{
    state.at_start = state.ask_malloc ? state.ask_malloc() : (struct mpr_malloc_facts){0};
    return state.at_start.owner;
}

int64_t mpr_heap_malloc_at_start(void)
{
    return state.at_start.known ? state.at_start.used : -1;
}

static void measure(struct mpr_rec_reconciliation *r)
{
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    struct mpr_smaps smaps;
    struct walk walk = {.smaps = &smaps};
    if (!order_arenas(&walk))
        return;
    mpr_resident_begin();
    if (!mpr_maps_lock())
        return;
    bool known = read_smaps(&smaps);
    walk.untouched = mpr_maps_untouched();
    mpr_maps_unlock();
    if (!known)
        return;
    mpr_block_each(visit, &walk);
    r->rss = mpr_probe->header->rss.end;
    r->python = mpr_level_now(&heap->level[MPR_HEAP_PYTHON]);
    r->native = mpr_level_now(&heap->level[MPR_HEAP_NATIVE]);
    r->untouched = walk.untouched;
    r->interpreter = smaps.interpreter;
    r->files = smaps.files;
    r->shared = smaps.shared;
    dl_iterate_phdr(add_zeroed, &r->interpreter);
    r->slack_python = resident_arenas() - walk.in_arenas;
    r->arenas = mpr_arenas_known()->count;
    malloc_slack(r, &walk, &smaps);
    r->valid = mpr_resident_known();
}

void mpr_heap_reconcile(void)
{
    struct mpr_thread *thread = &mpr_thread_block;
    int saved = errno;
    mpr_guard_begin(thread); /* a signal's handler would wait for the lock that this thread holds */
    if (mpr_probe->header->rss.end > 0)
        measure(&mpr_probe->heap->reconciliation);
    mpr_guard_end(thread);
    errno = saved;
}
