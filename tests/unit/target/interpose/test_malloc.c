/* SPDX-License-Identifier: MIT */
/* malloc and its family as they stand in front of the C library's: each goes on with its arguments,
 * what it gives is counted once, by the size that was asked for, and errno is what that left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "bound.h"
#include "tracked.h"

#define LEFT 77 /* what errno is before a call, or what a stand-in leaves in it */

/* --- one allocation, however it is asked for --- */

static void *by_malloc(size_t size)
{
    return malloc(size);
}

static void *by_calloc(size_t size)
{
    return calloc(size, 1);
}

static void *by_realloc(size_t size)
{
    return realloc(NULL, size);
}

static void *by_reallocarray(size_t size)
{
    return reallocarray(NULL, 1, size);
}

static void *by_memalign(size_t size)
{
    return memalign(64, size);
}

static void *by_aligned_alloc(size_t size)
{
    return aligned_alloc(64, size);
}

static void *by_posix_memalign(size_t size)
{
    void *block = NULL;
    int status = posix_memalign(&block, 64, size);
    if (status != 0)
        errno = status;
    return block;
}

static void *by_valloc(size_t size)
{
    return valloc(size);
}

static void *by_pvalloc(size_t size)
{
    return pvalloc(size);
}

static const struct {
    const char *name;
    void *(*make)(size_t size);
} makers[] = {
    {"malloc", by_malloc},
    {"calloc", by_calloc},
    {"realloc", by_realloc},
    {"reallocarray", by_reallocarray},
    {"memalign", by_memalign},
    {"aligned_alloc", by_aligned_alloc},
    {"posix_memalign", by_posix_memalign},
    {"valloc", by_valloc},
    {"pvalloc", by_pvalloc},
};

#define MAKERS (sizeof makers / sizeof *makers)

/* By pointers: to a compiler or an analyser much of what is done here is a mistake. */
static void (*volatile release)(void *) = free;
static void *(*volatile resize)(void *, size_t) = realloc;
static void *(*volatile resize_array)(void *, size_t, size_t) = reallocarray;
static void *(*volatile zeroed)(size_t, size_t) = calloc;

/* --- before the heap is tracked, and after --- */

static void test_malloc_counts_nothing_before_the_heap(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAKERS; i++) {
        char *block = makers[i].make(1000);
        assert_non_null(block);
        memset(block, 1, 1000);
        release(block);
    }
    assert_int_equal(tally().allocations, 0);
}

static void test_malloc_counts_the_size_asked_for(void **state)
{
    static const size_t sizes[] = {0, 1, 24, 1000, 5000, 300000};
    (void)state;
    for (size_t i = 0; i < MAKERS; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct tally before = tally();
            errno = LEFT;
            char *block = makers[i].make(sizes[k]);
            int left = errno;
            struct tally made = since(before);
            if (block)
                memset(block, 1, sizes[k]);
            release(block);
            struct tally after = since(before);
            assert_non_null(block);
            assert_int_equal(left, LEFT);
            assert_int_equal(errno, LEFT);
            assert_tally(made, sizes[k], 0, 1);
            assert_tally(after, sizes[k], sizes[k], 1);
        }
    }
}

static void test_malloc_aligned_is_aligned(void **state)
{
    (void)state;
    for (size_t alignment = 16; alignment <= 4096; alignment *= 2) {
        void *blocks[3] = {memalign(alignment, 40), aligned_alloc(alignment, alignment * 3), NULL};
        assert_int_equal(posix_memalign(&blocks[2], alignment, 40), 0);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
            release(blocks[i]);
        }
    }
}

static void test_malloc_free_of_nothing(void **state)
{
    (void)state;
    struct tally before = tally();
    errno = LEFT;
    release(NULL);
    struct tally after = since(before);
    assert_tally(after, 0, 0, 0);
    assert_int_equal(errno, LEFT);
}

/* A block from before the heap was tracked is in no table. */
static void test_malloc_free_of_an_unknown_block(void **state)
{
    (void)state;
    struct mpr_thread *thread = &mpr_thread_block;
    mpr_guard_begin(thread);
    void *block = by_malloc(500);
    mpr_guard_end(thread);
    struct tally before = tally();
    release(block);
    struct tally after = since(before);
    assert_tally(after, 0, 0, 0);
}

static void *volatile inner; /* what was taken within another call */

/* --- the next definition fails --- */

/* Volatile, as others below: by their declarations malloc and free call nothing in here. */
static volatile struct {
    unsigned calls;
    size_t first, second;
    const void *block;
} asked;

static void *refuse(size_t first, size_t second)
{
    asked.calls++;
    asked.first = first;
    asked.second = second;
    errno = LEFT;
    return NULL;
}

static void *refuse_one(size_t size)
{
    return refuse(size, 0);
}

static void *refuse_realloc(void *block, size_t size)
{
    asked.block = block;
    return refuse(size, 0);
}

static int refuse_posix(void **ret, size_t alignment, size_t size)
{
    (void)ret;
    refuse(alignment, size);
    return ENOMEM;
}

static const struct {
    enum mpr_next which;
    void *stand_in;
    void *(*make)(size_t size);
    size_t first, second; /* of 4096 */
    int left;
} refusals[] = {
    {MPR_NEXT_MALLOC, (void *)refuse_one, by_malloc, 4096, 0, LEFT},
    {MPR_NEXT_CALLOC, (void *)refuse, by_calloc, 4096, 1, LEFT},
    {MPR_NEXT_REALLOC, (void *)refuse_realloc, by_realloc, 4096, 0, LEFT},
    {MPR_NEXT_REALLOC, (void *)refuse_realloc, by_reallocarray, 4096, 0, LEFT},
    {MPR_NEXT_MEMALIGN, (void *)refuse, by_memalign, 64, 4096, LEFT},
    {MPR_NEXT_ALIGNED_ALLOC, (void *)refuse, by_aligned_alloc, 64, 4096, LEFT},
    {MPR_NEXT_POSIX_MEMALIGN, (void *)refuse_posix, by_posix_memalign, 64, 4096, ENOMEM},
    {MPR_NEXT_VALLOC, (void *)refuse_one, by_valloc, 4096, 0, LEFT},
    {MPR_NEXT_PVALLOC, (void *)refuse_one, by_pvalloc, 4096, 0, LEFT},
};

static void test_malloc_refused_counts_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        void *next = put_next(refusals[i].which, refusals[i].stand_in);
        asked.calls = 0;
        struct tally before = tally();
        errno = 0;
        void *block = refusals[i].make(4096);
        int left = errno;
        struct tally after = since(before);
        put_next(refusals[i].which, next);
        assert_null(block);
        assert_int_equal(asked.calls, 1);
        assert_int_equal(asked.first, refusals[i].first);
        assert_int_equal(asked.second, refusals[i].second);
        assert_int_equal(left, refusals[i].left);
        assert_tally(after, 0, 0, 0);
    }
}

static void test_malloc_wrong_alignment(void **state)
{
    (void)state;
    char untouched;
    void *block = &untouched;
    volatile size_t alignment = 3;
    struct tally before = tally();
    errno = LEFT;
    int status = posix_memalign(&block, alignment, 100);
    struct tally after = since(before);
    assert_int_equal(status, EINVAL);
    assert_int_equal(errno, LEFT);
    assert_ptr_equal(block, &untouched);
    assert_tally(after, 0, 0, 0);
}

static void test_malloc_too_much(void **state)
{
    (void)state;
    volatile size_t much = SIZE_MAX - 4096;
    for (size_t i = 0; i < MAKERS; i++) {
        struct tally before = tally();
        errno = 0;
        void *block = makers[i].make(much);
        int left = errno;
        struct tally after = since(before);
        assert_null(block);
        assert_int_equal(left, ENOMEM);
        assert_tally(after, 0, 0, 0);
    }
}

/* --- count × size that no size_t holds --- */

static void test_malloc_overflow_of_calloc(void **state)
{
    (void)state;
    struct tally before = tally();
    errno = 0;
    void *block = zeroed(SIZE_MAX / 2, 4);
    int left = errno;
    struct tally after = since(before);
    assert_null(block);
    assert_int_equal(left, ENOMEM);
    assert_tally(after, 0, 0, 0);
    before = tally();
    unsigned char *few = zeroed(100, 30);
    after = since(before);
    assert_tally(after, 3000, 0, 1);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(few[i], 0);
    release(few);
}

static void test_malloc_overflow_of_reallocarray(void **state)
{
    (void)state;
    char *block = by_malloc(10);
    memcpy(block, "123456789", 10);
    void *next = put_next(MPR_NEXT_REALLOC, (void *)refuse_realloc);
    asked.calls = 0;
    struct tally before = tally();
    errno = 0;
    void *result = resize_array(block, SIZE_MAX / 2, 4);
    int left = errno;
    struct tally after = since(before);
    put_next(MPR_NEXT_REALLOC, next);
    assert_null(result);
    assert_int_equal(left, ENOMEM);
    assert_int_equal(asked.calls, 0);
    assert_tally(after, 0, 0, 0);
    before = tally();
    block = resize_array(block, 20, 30);
    after = since(before);
    assert_string_equal(block, "123456789");
    assert_tally(after, 600, 10, 1);
    release(block);
}

/* --- reallocation --- */

static void test_malloc_realloc_is_one_event(void **state)
{
    static const size_t sizes[] = {100, 5000, 200, 400000, 16};
    (void)state;
    char *block = by_malloc(50);
    memcpy(block, "0123456789abcde", 16);
    size_t old = 50;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tally before = tally();
        errno = LEFT;
        block = resize(block, sizes[i]);
        int left = errno;
        struct tally after = since(before);
        assert_string_equal(block, "0123456789abcde");
        assert_int_equal(left, LEFT);
        assert_tally(after, sizes[i], old, 1);
        old = sizes[i];
    }
    struct tally before = tally();
    release(block);
    struct tally after = since(before);
    assert_tally(after, 0, 16, 0);
}

/* What grows did not need both blocks at a time. */
static void test_malloc_realloc_and_the_peak(void **state)
{
    (void)state;
    struct mpr_rec_heap *heap = mpr_probe->heap;
    int64_t before = mpr_heap_total(heap);
    void *block = by_malloc(40 << 20);
    block = resize(block, 60 << 20);
    int64_t peak = heap->peak;
    release(block);
    assert_int_equal(peak - before, 60 << 20);
    assert_int_equal(mpr_heap_total(heap), before);
}

static void test_malloc_failed_realloc_keeps_the_block(void **state)
{
    (void)state;
    void *block = by_malloc(600);
    void *next = put_next(MPR_NEXT_REALLOC, (void *)refuse_realloc);
    struct tally before = tally();
    errno = 0;
    void *result = resize(block, 900);
    int left = errno;
    struct tally failed = since(before);
    put_next(MPR_NEXT_REALLOC, next);
    release(block);
    struct tally after = since(before);
    assert_null(result);
    assert_ptr_equal(asked.block, block);
    assert_int_equal(asked.first, 900);
    assert_int_equal(left, LEFT);
    assert_tally(failed, 0, 0, 0);
    assert_tally(after, 0, 600, 0);
}

/* glibc frees the block then, and gives nothing. */
static void test_malloc_realloc_to_nothing(void **state)
{
    (void)state;
    volatile size_t nothing = 0;
    void *block = by_malloc(600);
    struct tally before = tally();
    void *result = resize(block, nothing);
    struct tally after = since(before);
    assert_null(result);
    assert_tally(after, 0, 600, 0);
}

/* --- calls within calls --- */

static void (*true_free)(void *block);

/* An allocator that takes its memory from another function of the family. */
static void *malloc_by_calloc(size_t size)
{
    inner = calloc(1, size);
    return inner;
}

static void test_malloc_inner_calls_are_not_counted(void **state)
{
    (void)state;
    void *next = put_next(MPR_NEXT_MALLOC, (void *)malloc_by_calloc);
    struct tally before = tally();
    void *block = by_malloc(700);
    struct tally after = since(before);
    put_next(MPR_NEXT_MALLOC, next);
    assert_ptr_equal(block, inner);
    assert_tally(after, 700, 0, 1);
    release(block);
    after = since(before);
    assert_tally(after, 700, 700, 1);
}

static volatile bool known_when_freed;

static void look_and_free(void *block)
{
    const uint32_t *word = mpr_block_word(block);
    known_when_freed = word && *word != 0;
    true_free(block);
}

/* Afterwards it may be another thread's. */
static void test_malloc_forgets_before_it_frees(void **state)
{
    (void)state;
    void *block = by_malloc(700);
    const uint32_t *word = mpr_block_word(block);
    assert_true(word && *word != 0);
    *(void **)&true_free = put_next(MPR_NEXT_FREE, (void *)look_and_free);
    known_when_freed = true;
    release(block);
    put_next(MPR_NEXT_FREE, *(void **)&true_free);
    assert_false(known_when_freed);
}

static void test_malloc_of_mprun_is_not_counted(void **state)
{
    (void)state;
    struct mpr_thread *thread = &mpr_thread_block;
    struct tally before = tally();
    mpr_guard_begin(thread);
    for (size_t i = 0; i < MAKERS; i++)
        release(resize(makers[i].make(100), 200));
    mpr_guard_end(thread);
    struct tally after = since(before);
    assert_tally(after, 0, 0, 0);
}

/* --- the table of what is interposed --- */

static void test_malloc_bound_functions_are_in_front(void **state)
{
    (void)state;
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    assert_non_null(libc);
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++) {
        const struct mpr_bound *bound = &mpr_bound[i];
        void *next = mpr_next_of(bound->next);
        assert_ptr_equal(mpr_bound_find(bound->name), bound);
        assert_ptr_equal(dlsym(RTLD_DEFAULT, bound->name), bound->ours);
        assert_ptr_not_equal(next, bound->ours);
        /* The C library's own is given out as ours. */
        if (next)
            assert_ptr_equal(dlsym(libc, bound->name), bound->ours);
        assert_ptr_equal(dlsym(RTLD_NEXT, bound->name), next);
    }
    assert_null(mpr_bound_find("strlen"));
    dlclose(libc);
}

#define tracked(test) cmocka_unit_test_setup(test, track)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malloc_counts_nothing_before_the_heap),
        tracked(test_malloc_counts_the_size_asked_for),
        tracked(test_malloc_aligned_is_aligned),
        tracked(test_malloc_free_of_nothing),
        tracked(test_malloc_free_of_an_unknown_block),
        tracked(test_malloc_refused_counts_nothing),
        tracked(test_malloc_wrong_alignment),
        tracked(test_malloc_too_much),
        tracked(test_malloc_overflow_of_calloc),
        tracked(test_malloc_overflow_of_reallocarray),
        tracked(test_malloc_realloc_is_one_event),
        tracked(test_malloc_realloc_and_the_peak),
        tracked(test_malloc_failed_realloc_keeps_the_block),
        tracked(test_malloc_realloc_to_nothing),
        tracked(test_malloc_inner_calls_are_not_counted),
        tracked(test_malloc_forgets_before_it_frees),
        tracked(test_malloc_of_mprun_is_not_counted),
        tracked(test_malloc_bound_functions_are_in_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
