/* SPDX-License-Identifier: MIT */
/* The block table, the counters and the maps against naive models: random sequences in one thread,
 * where everything is exact, and in several, where all but the peak is. Blocks are addresses that
 * nobody touches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attached.h"
#include "mprun/count.h"
#include "mprun/heap.h"
#include "mprun/maps.h"

#define PLACES 6
#define SLOTS 200
#define STRIDE ((uint64_t)16 << 30) /* room for the largest block */

/* --- a Python that is none: the GIL is a mutex, its holder's thread state the thread's number ---
 */

static pthread_mutex_t gil = PTHREAD_MUTEX_INITIALIZER;
static unsigned long thread_state[8][1];
static void *holder;
static __thread unsigned long *own_state;
static __thread uint32_t next_place;

static bool fake_gil_held(struct mpr_thread *thread)
{
    bool held = own_state && __atomic_load_n(&holder, __ATOMIC_RELAXED) == (void *)own_state;
    if (held)
        thread->heap.python = own_state;
    return held;
}

static uint32_t place_number[PLACES];

static struct mpr_rec_node *fake_node_here(struct mpr_thread *thread, uint32_t domain, bool held)
{
    (void)held;
    return mpr_node_leaf(thread->heap.context, place_number[next_place % PLACES], 10, domain);
}

static void take_gil(void)
{
    pthread_mutex_lock(&gil);
    __atomic_store_n(&holder, own_state, __ATOMIC_RELAXED);
}

static void give_gil(void)
{
    __atomic_store_n(&holder, NULL, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&gil);
}

static void become_python_thread(unsigned number)
{
    own_state = thread_state[number];
    own_state[0] = (unsigned long)pthread_self();
}

/* --- the model --- */

struct block {
    uintptr_t at; /* 0: free */
    uint64_t size;
    uint32_t place;
    uint32_t domain;
};

struct model {
    struct block block[SLOTS];
    int64_t live[PLACES];
    int64_t total, peak;
    int64_t at_peak[PLACES];
    uint64_t allocated, freed, allocations;
    uintptr_t base;
    unsigned seed;
};

static uint64_t random_size(unsigned *seed)
{
    static const uint64_t largest[] = {1, 17, 513, 4094, 5000, 1 << 20, UINT64_C(3) << 31};
    uint64_t limit = largest[(unsigned)rand_r(seed) % 7];
    uint64_t random = (uint64_t)rand_r(seed) << 31 | (uint64_t)rand_r(seed);
    return random % (limit + 1);
}

static void model_add(struct model *model, const struct block *block)
{
    model->live[block->place] += (int64_t)block->size;
    model->total += (int64_t)block->size;
    model->allocated += block->size;
    model->allocations++;
    if (model->total > model->peak) {
        model->peak = model->total;
        memcpy(model->at_peak, model->live, sizeof model->live);
    }
}

static void model_remove(struct model *model, const struct block *block)
{
    model->live[block->place] -= (int64_t)block->size;
    model->total -= (int64_t)block->size;
    model->freed += block->size;
}

/* Reallocation is one event: the total of before plus and minus, never in between. */
static void model_move(struct model *model, const struct block *old, const struct block *block)
{
    model_remove(model, old);
    model_add(model, block);
}

/* Out of line: GCC 12 with -fsanitize=null tests the address of a thread variable by flags that an
 * lea leaves as they were. */
static __attribute__((noinline)) struct mpr_thread *this_thread(void)
{
    return &mpr_thread_block;
}

static void step(struct model *model, bool held)
{
    struct mpr_thread *thread = this_thread();
    unsigned slot = (unsigned)rand_r(&model->seed) % SLOTS;
    struct block *block = &model->block[slot];
    bool odd = slot % 16 == 7;
    struct block made = {model->base + slot * STRIDE + (odd ? 8 : 0), random_size(&model->seed), 0,
        slot % 3 ? MPR_HEAP_PYTHON : MPR_HEAP_NATIVE};
    if (odd && made.size > 8)
        made.size = 8;
    made.place = next_place = (unsigned)rand_r(&model->seed) % PLACES;
    if (held)
        take_gil();
    assert_true(mpr_heap_counts(thread));
    switch (block->at ? rand_r(&model->seed) % 3 : 3) {
    case 0:
        mpr_heap_gives(thread, (void *)block->at);
        model_remove(model, block);
        block->at = 0;
        break;
    case 1: {
        struct mpr_resize resize = mpr_heap_resize_begin(thread, (void *)block->at);
        assert_int_equal(resize.old.size, block->size);
        assert_false(mpr_heap_counts(thread));
        mpr_heap_resize_end(
            thread, resize, (void *)block->at, (void *)made.at, made.size, made.domain, false);
        model_move(model, block, &made);
        *block = made;
        break;
    }
    case 2: {
        struct mpr_resize resize = mpr_heap_resize_begin(thread, (void *)block->at);
        mpr_heap_resize_end(thread, resize, (void *)block->at, NULL, made.size, made.domain, false);
        break;
    }
    default:
        mpr_heap_got(thread, (void *)made.at, made.size, made.domain);
        model_add(model, &made);
        *block = made;
    }
    if (held)
        give_gil();
}

/* --- sums over what was recorded --- */

static int64_t node_live(const struct mpr_rec_node *node)
{
    return (int64_t)(node->allocated + node->allocated_nogil - node->freed - node->freed_nogil);
}

static int64_t place_sum(uint32_t place, bool at_peak)
{
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    int64_t sum = 0;
    for (uint32_t number = 1; number <= mpr_nodes_count(); number++) {
        const struct mpr_rec_node *node = mpr_node_at(number);
        if (node->site == MPR_NODE_ROW || mpr_node_site(node)->place != place)
            continue;
        bool rebased = node->epoch == heap->epoch && !heap->on_free;
        sum += at_peak && rebased ? node->at_peak : node_live(node);
    }
    return sum;
}

struct counted {
    const struct model *model;
    size_t blocks;
    uint64_t bytes;
    uintptr_t last;
};

static void count_block(uintptr_t at, uint32_t node, uint64_t size, void *data)
{
    struct counted *counted = data;
    (void)node;
    if (at < counted->model->base || at >= counted->model->base + SLOTS * STRIDE)
        return;
    assert_true(at > counted->last || at % 16 == 8);
    counted->last = at;
    counted->blocks++;
    counted->bytes += size;
}

static void check_table(const struct model *model)
{
    struct counted counted = {model, 0, 0, 0};
    size_t blocks = 0;
    mpr_block_each(count_block, &counted);
    for (size_t i = 0; i < SLOTS; i++)
        blocks += model->block[i].at != 0;
    assert_int_equal(counted.blocks, blocks);
    assert_int_equal(counted.bytes, model->total);
}

static void free_all(struct model *model)
{
    take_gil();
    for (size_t i = 0; i < SLOTS; i++) {
        if (!model->block[i].at)
            continue;
        mpr_heap_gives(&mpr_thread_block, (void *)model->block[i].at);
        model_remove(model, &model->block[i]);
        model->block[i].at = 0;
    }
    give_gil();
    check_table(model);
}

static void test_heap_one_thread_is_exact(void **state)
{
    (void)state;
    struct model model = {.base = 0x10000000000, .seed = 7};
    const struct mpr_rec_heap_counts *counts = mpr_thread_block.heap.counts;
    struct mpr_rec_heap_counts before = *counts;
    for (int i = 0; i < 200000; i++)
        step(&model, true);
    check_table(&model);
    assert_int_equal(mpr_heap_total(mpr_probe->heap), model.total);
    assert_int_equal(mpr_probe->heap->peak, model.peak);
    assert_int_equal(counts->allocated - before.allocated, model.allocated);
    assert_int_equal(counts->freed - before.freed, model.freed);
    assert_int_equal(counts->allocations - before.allocations, model.allocations);
    for (uint32_t i = 0; i < PLACES; i++) {
        assert_int_equal(place_sum(place_number[i], false), model.live[i]);
        assert_int_equal(place_sum(place_number[i], true), model.at_peak[i]);
    }
    free_all(&model);
}

/* A thread without the GIL adds to fields of its own; one after the other, it is exact as well. */
static void test_heap_without_the_gil_adds_up(void **state)
{
    (void)state;
    struct model model = {.base = 0x20000000000, .seed = 11};
    for (int i = 0; i < 50000; i++)
        step(&model, i % 3 == 0);
    check_table(&model);
    assert_int_equal(mpr_heap_total(mpr_probe->heap), model.total);
    for (uint32_t i = 0; i < PLACES; i++)
        assert_int_equal(place_sum(place_number[i], false), model.live[i]);
    free_all(&model);
}

#define THREADS 4
#define STEPS 20000

struct worker {
    pthread_t thread;
    unsigned number;
    struct model model;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    if (worker->number % 2)
        become_python_thread(worker->number);
    for (int i = 0; i < STEPS; i++)
        step(&worker->model, worker->number % 2 && i % 4);
    return NULL;
}

static void test_heap_threads_add_up(void **state)
{
    (void)state;
    static struct worker workers[THREADS];
    int64_t live[PLACES] = {0}, total = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){
            .number = i + 1, .model = {.base = 0x30000000000 + i * SLOTS * STRIDE, .seed = i + 1}};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (unsigned i = 0; i < THREADS; i++) {
        check_table(&workers[i].model);
        total += workers[i].model.total;
        for (uint32_t p = 0; p < PLACES; p++)
            live[p] += workers[i].model.live[p];
    }
    assert_int_equal(mpr_heap_total(mpr_probe->heap), total);
    assert_true(mpr_probe->heap->peak >= total);
    for (uint32_t p = 0; p < PLACES; p++)
        assert_int_equal(place_sum(place_number[p], false), live[p]);
    /* Frees by another thread than the one that allocated. */
    for (unsigned i = 0; i < THREADS; i++)
        free_all(&workers[i].model);
    assert_int_equal(mpr_heap_total(mpr_probe->heap), 0);
}

/* Blocks that were freed past the hooks: what comes after takes their places. */
static void test_heap_hidden_frees_are_retired(void **state)
{
    static const uint64_t sizes[] = {0, 16, 4093, 4094, 1 << 20, UINT64_C(5) << 31};
    const uintptr_t base = 0x50000000000;
    struct mpr_thread *thread = &mpr_thread_block;
    (void)state;
    take_gil();
    int64_t before = mpr_heap_total(mpr_probe->heap);
    for (size_t first = 0; first < 6; first++) {
        for (size_t second = 0; second < 6; second++) {
            for (uintptr_t shift = 0; shift <= 48; shift += 16) {
                mpr_heap_got(thread, (void *)base, sizes[first], MPR_HEAP_PYTHON);
                mpr_heap_got(thread, (void *)(base + shift), sizes[second], MPR_HEAP_PYTHON);
                mpr_heap_gives(thread, (void *)(base + shift));
                mpr_heap_gives(thread, (void *)base);
                assert_int_equal(mpr_heap_total(mpr_probe->heap), before);
            }
        }
    }
    mpr_heap_gives(thread, (void *)base); /* nobody's */
    mpr_heap_gives(thread, (void *)(base + 4096 * 4096));
    mpr_heap_gives(thread, NULL);
    mpr_heap_gives(thread, (void *)UINTPTR_MAX);
    give_gil();
    assert_int_equal(mpr_heap_total(mpr_probe->heap), before);
}

/* --- contexts --- */

static void test_heap_a_path_holds_a_row_once(void **state)
{
    (void)state;
    uint32_t a = mpr_node_row(0, place_number[0], 5);
    uint32_t b = mpr_node_row(a, place_number[1], 7);
    assert_true(a != 0 && b != 0 && a != b);
    assert_int_equal(mpr_node_row(0, place_number[0], 5), a);
    assert_int_equal(mpr_node_row(b, place_number[0], 5), b);
    assert_int_equal(mpr_node_row(b, place_number[1], 7), b);
    assert_int_equal(mpr_node_at(b)->parent, a);
    assert_int_not_equal(mpr_node_row(0, place_number[1], 7), b);
}

/* --- maps --- */

#define PAGES 64

static void naive_map(unsigned char *page, unsigned from, unsigned count, unsigned char kind)
{
    memset(page + from, kind, count);
}

/* Against a byte a page: 1 heap, 2 reserved, 0 nothing. */
static void test_heap_maps_agree_with_pages(void **state)
{
    static unsigned char page[PAGES];
    struct mpr_thread *thread = &mpr_thread_block;
    struct mpr_rec_heap *heap = mpr_probe->heap;
    const uintptr_t base = 0x60000000000;
    unsigned seed = 3;
    (void)state;
    take_gil();
    int64_t before = mpr_heap_total(heap), reserved = heap->nonheap_reserved;
    for (int i = 0; i < 20000; i++) {
        unsigned from = (unsigned)rand_r(&seed) % PAGES;
        unsigned count = 1 + (unsigned)rand_r(&seed) % (PAGES - from);
        unsigned to = (unsigned)rand_r(&seed) % (PAGES - count + 1);
        uintptr_t at = base + from * 4096;
        mpr_maps_lock();
        switch (rand_r(&seed) % 4) {
        case 0:
            mpr_maps_mapped(thread, at, count * 4096 - 100, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
            naive_map(page, from, count, 1);
            break;
        case 1:
            mpr_maps_mapped(
                thread, at, count * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1);
            naive_map(page, from, count, 2);
            break;
        case 2:
            mpr_maps_unmapped(thread, at, count * 4096);
            naive_map(page, from, count, 0);
            break;
        default: /* one map, moved over whatever is there and does not overlap it */
            if (memcmp(page + from, page + from + 1, count - 1) != 0 || page[from] == 0 ||
                (to < from + count && from < to + count))
                break;
            unsigned char kind = page[from];
            mpr_maps_moved(thread, at, count * 4096, base + to * 4096, count * 4096, false);
            naive_map(page, from, count, 0);
            naive_map(page, to, count, kind);
        }
        mpr_maps_unlock();
        int64_t heap_bytes = 0, reserved_bytes = 0;
        for (unsigned n = 0; n < PAGES; n++) {
            heap_bytes += page[n] == 1 ? 4096 : 0;
            reserved_bytes += page[n] == 2 ? 4096 : 0;
        }
        assert_int_equal(mpr_heap_total(heap) - before, heap_bytes);
        assert_int_equal(heap->nonheap_reserved - reserved, reserved_bytes);
    }
    mpr_maps_lock();
    mpr_maps_unmapped(thread, base, PAGES * 4096);
    mpr_maps_unlock();
    give_gil();
    assert_int_equal(mpr_heap_total(heap), before);
}

/* A file, memory without one, and memory in a file of the kernel's. */
static void test_heap_maps_apart(void **state)
{
    struct mpr_thread *thread = &mpr_thread_block;
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    const uintptr_t at = (uintptr_t)1 << 45;
    int file = open("/proc/self/exe", O_RDONLY), memory = memfd_create("some", MFD_CLOEXEC);
    int64_t files = heap->nonheap_file, shared = heap->nonheap_shared;
    (void)state;
    mpr_maps_lock();
    mpr_maps_mapped(thread, at, 4096, PROT_READ, MAP_PRIVATE, file);
    mpr_maps_mapped(thread, at + 4096, 4096, PROT_READ, MAP_SHARED, file);
    assert_int_equal(heap->nonheap_file - files, 2 * 4096);
    mpr_maps_mapped(thread, at + 2 * 4096, 4096, PROT_READ, MAP_SHARED, memory);
    mpr_maps_mapped(thread, at + 3 * 4096, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1);
    mpr_maps_mapped(thread, at + 4 * 4096, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    assert_int_equal(heap->nonheap_shared - shared, 2 * 4096);
    static const enum mpr_mapped expected[] = {MPR_MAPPED_FILE, MPR_MAPPED_FILE, MPR_MAPPED_SHARED,
        MPR_MAPPED_SHARED, MPR_MAPPED_NOTHING, MPR_MAPPED_NOTHING};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(mpr_maps_nonheap(at + i * 4096), expected[i]);
    assert_int_equal(mpr_maps_nonheap(at - 1), MPR_MAPPED_NOTHING);
    mpr_maps_unmapped(thread, at, (uint64_t)5 * 4096);
    mpr_maps_unlock();
    assert_int_equal(heap->nonheap_file, files);
    assert_int_equal(heap->nonheap_shared, shared);
    close(file);
    close(memory);
}

static int attach(void **state)
{
    (void)state;
    struct mpr_error err;
    static const struct mpr_heap_runtime runtime = {
        .gil_holder = &holder,
        .gil_held = fake_gil_held,
        .node_here = fake_node_here,
    };
    const struct mpr_heap_config config = {.runtime = &runtime};
    if (attach_recording() < 0 || mpr_heap_start(&config, &err) < 0)
        return -1;
    mpr_probe->program_runs = 1;
    become_python_thread(0);
    for (uint32_t i = 0; i < PLACES; i++) {
        char name[16] = {'f', (char)('0' + i), 0};
        place_number[i] = mpr_node_place("heap.py", name, i + 1, i + 2);
        if (mpr_node_place("heap.py", name, i + 1, i + 2) != place_number[i])
            return -1;
    }
    return mpr_heap_counts(&mpr_thread_block) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_one_thread_is_exact),
        cmocka_unit_test(test_heap_without_the_gil_adds_up),
        cmocka_unit_test(test_heap_threads_add_up),
        cmocka_unit_test(test_heap_hidden_frees_are_retired),
        cmocka_unit_test(test_heap_maps_agree_with_pages),
        cmocka_unit_test(test_heap_a_path_holds_a_row_once),
        cmocka_unit_test(test_heap_maps_apart),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
