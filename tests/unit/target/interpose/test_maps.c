/* SPDX-License-Identifier: MIT */
/* Maps as the program asks for them: what is private, anonymous and writable is heap, page by page,
 * whatever piece of it is given back; what fails changes nothing; and what may change RSS without a
 * fault of the caller's bumps the epoch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tracked.h"

#define LEFT 77 /* what errno is before a call, or what a stand-in leaves in it */
#define PAGE ((size_t)4096)
#define BOTH (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)

/* What is mapped, by what it counts as. */
struct levels {
    int64_t heap, reserved, file, shared;
};

static struct levels levels(void)
{
    const struct mpr_rec_heap *heap = mpr_probe->heap;
    return (struct levels){
        mpr_heap_total(heap), heap->nonheap_reserved, heap->nonheap_file, heap->nonheap_shared};
}

static void assert_levels(
    struct levels before, int64_t heap, int64_t reserved, int64_t file, int64_t shared)
{
    struct levels now = levels();
    assert_int_equal(now.heap - before.heap, heap);
    assert_int_equal(now.reserved - before.reserved, reserved);
    assert_int_equal(now.file - before.file, file);
    assert_int_equal(now.shared - before.shared, shared);
}

static char *map_pages(size_t pages)
{
    char *map = mmap(NULL, pages * PAGE, BOTH, PRIVATE, -1, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    return map;
}

static void test_maps_private_writable_memory_is_heap(void **state)
{
    (void)state;
    void *(*const both[])(void *, size_t, int, int, int, off_t) = {mmap, mmap64};
    for (size_t i = 0; i < 2; i++) {
        struct levels before = levels();
        struct tally counted = tally();
        errno = LEFT;
        char *map = both[i](NULL, 3 * PAGE - 100, BOTH, PRIVATE, -1, 0); /* whole pages */
        assert_ptr_not_equal(map, MAP_FAILED);
        assert_int_equal(errno, LEFT);
        assert_tally(since(counted), 3 * PAGE, 0, 1);
        assert_levels(before, 3 * PAGE, 0, 0, 0);
        map[2 * PAGE] = 1;
        assert_int_equal(munmap(map, 3 * PAGE), 0);
        assert_int_equal(errno, LEFT);
        assert_tally(since(counted), 3 * PAGE, 3 * PAGE, 1);
        assert_levels(before, 0, 0, 0, 0);
    }
}

static void test_maps_others_are_no_heap(void **state)
{
    (void)state;
    char name[] = "/tmp/mprun-maps-XXXXXX";
    int file = mkstemp(name), memory = memfd_create("maps", MFD_CLOEXEC);
    assert_true(file >= 0 && memory >= 0 && unlink(name) == 0);
    assert_int_equal(ftruncate(file, PAGE), 0);
    assert_int_equal(ftruncate(memory, PAGE), 0);
    const struct {
        int protection, flags, fd;
        struct levels size;
    } kinds[] = {
        {PROT_NONE, PRIVATE, -1, {.reserved = PAGE}},
        {PROT_READ, PRIVATE, -1, {.reserved = PAGE}},
        {BOTH, MAP_SHARED | MAP_ANONYMOUS, -1, {.shared = PAGE}},
        {BOTH, MAP_SHARED, memory, {.shared = PAGE}},
        {PROT_READ, MAP_SHARED, file, {.file = PAGE}},
        {BOTH, MAP_PRIVATE, file, {.file = PAGE}},
    };
    struct tally counted = tally();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct levels before = levels(), size = kinds[i].size;
        void *map = mmap(NULL, PAGE, kinds[i].protection, kinds[i].flags, kinds[i].fd, 0);
        assert_ptr_not_equal(map, MAP_FAILED);
        assert_levels(before, 0, size.reserved, size.file, size.shared);
        assert_int_equal(munmap(map, PAGE), 0);
        assert_levels(before, 0, 0, 0, 0);
    }
    assert_tally(since(counted), 0, 0, 0);
    close(file);
    close(memory);
}

/* --- pieces --- */

static void test_maps_pieces_leave_one_by_one(void **state)
{
    (void)state;
    struct levels before = levels();
    char *map = map_pages(10);
    const struct {
        size_t from, pages;
        int64_t left;
    } pieces[] = {
        {4, 2, 8}, /* two maps are left */
        {4, 2, 8}, /* of which nothing is there */
        {0, 1, 7},
        {9, 1, 6},
        {3, 4, 4}, /* a page of each, and the hole between them */
        {0, 10, 0},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        assert_int_equal(munmap(map + pieces[i].from * PAGE, pieces[i].pages * PAGE), 0);
        assert_levels(before, pieces[i].left * (int64_t)PAGE, 0, 0, 0);
    }
}

static void test_maps_fixed_replaces(void **state)
{
    (void)state;
    struct levels before = levels();
    char *map = map_pages(6);
    struct tally counted = tally();
    assert_ptr_equal(
        mmap(map + 2 * PAGE, 3 * PAGE, PROT_NONE, PRIVATE | MAP_FIXED, -1, 0), map + 2 * PAGE);
    assert_levels(before, 3 * PAGE, 3 * PAGE, 0, 0);
    assert_ptr_equal(mmap(map + 4 * PAGE, PAGE, BOTH, PRIVATE | MAP_FIXED, -1, 0), map + 4 * PAGE);
    assert_levels(before, 4 * PAGE, 2 * PAGE, 0, 0);
    assert_tally(since(counted), PAGE, 3 * PAGE, 1);
    assert_int_equal(munmap(map, 6 * PAGE), 0);
    assert_levels(before, 0, 0, 0, 0);
}

/* --- mremap --- */

static void test_maps_grow_and_shrink(void **state)
{
    (void)state;
    struct levels before = levels();
    char *map = map_pages(4);
    map[0] = 5;
    struct tally counted = tally();
    map = mremap(map, 4 * PAGE, 9 * PAGE, MREMAP_MAYMOVE);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_int_equal(map[0], 5);
    assert_levels(before, 9 * PAGE, 0, 0, 0);
    assert_tally(since(counted), 9 * PAGE, 4 * PAGE, 1);
    assert_ptr_equal(mremap(map, 9 * PAGE, 2 * PAGE, 0), map);
    assert_levels(before, 2 * PAGE, 0, 0, 0);
    assert_int_equal(munmap(map, 2 * PAGE), 0);
    assert_levels(before, 0, 0, 0, 0);
}

static void test_maps_move(void **state)
{
    (void)state;
    struct levels before = levels();
    char *from = map_pages(4), *to = map_pages(6);
    from[PAGE] = 7;
    /* Two pages out of the middle, over two pages of another map. */
    assert_ptr_equal(
        mremap(from + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 3 * PAGE),
        to + 3 * PAGE);
    assert_int_equal(to[3 * PAGE], 7);
    assert_levels(before, 8 * PAGE, 0, 0, 0);
    assert_int_equal(munmap(from, 4 * PAGE), 0);
    assert_levels(before, 6 * PAGE, 0, 0, 0);
    assert_int_equal(munmap(to, 6 * PAGE), 0);
    assert_levels(before, 0, 0, 0, 0);
}

/* MREMAP_DONTUNMAP: the old place stays, empty. */
static void test_maps_move_and_stay(void **state)
{
    (void)state;
    struct levels before = levels();
    char *from = map_pages(2);
    from[0] = 9;
    char *to = mremap(from, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */, NULL);
    assert_ptr_not_equal(to, MAP_FAILED);
    assert_int_equal(to[0], 9);
    assert_int_equal(from[0], 0);
    assert_levels(before, 4 * PAGE, 0, 0, 0);
    assert_int_equal(munmap(to, 2 * PAGE), 0);
    assert_levels(before, 2 * PAGE, 0, 0, 0);
    assert_int_equal(munmap(from, 2 * PAGE), 0);
    assert_levels(before, 0, 0, 0, 0);
}

/* --- what fails --- */

static void *refuse_map(void *start, size_t size, int protection, int flags, int fd, off_t offset)
{
    (void)start, (void)protection, (void)flags, (void)fd, (void)offset;
    errno = size == 5 * PAGE ? LEFT : EFAULT;
    return MAP_FAILED;
}

static void test_maps_refused_change_nothing(void **state)
{
    (void)state;
    struct levels before = levels();
    struct tally counted = tally();
    void *next = put_next(MPR_NEXT_MMAP, (void *)refuse_map);
    errno = 0;
    void *map = mmap(NULL, 5 * PAGE, BOTH, PRIVATE, -1, 0);
    int left = errno;
    put_next(MPR_NEXT_MMAP, next);
    assert_ptr_equal(map, MAP_FAILED);
    assert_int_equal(left, LEFT);
    map = mmap(NULL, 0, BOTH, PRIVATE, -1, 0);
    assert_true(map == MAP_FAILED && errno == EINVAL);
    assert_levels(before, 0, 0, 0, 0);
    assert_tally(since(counted), 0, 0, 0);
}

static void test_maps_wrong_calls_change_nothing(void **state)
{
    (void)state;
    char *map = map_pages(3);
    struct levels before = levels();
    struct tally counted = tally();
    errno = 0;
    assert_int_equal(munmap(map + 1, PAGE), -1);
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_ptr_equal(mremap(map + 1, PAGE, 2 * PAGE, MREMAP_MAYMOVE), MAP_FAILED);
    assert_int_equal(errno, EINVAL);
    errno = 0;
    assert_ptr_equal(mremap(map, 3 * PAGE, (size_t)1 << 60, MREMAP_MAYMOVE), MAP_FAILED);
    assert_int_not_equal(errno, 0);
    assert_levels(before, 0, 0, 0, 0);
    assert_tally(since(counted), 0, 0, 0);
    assert_int_equal(munmap(map, 3 * PAGE), 0);
}

/* --- the epoch of RSS --- */

static uint64_t epoch_before;

static bool bumped(void)
{
    bool moved = mpr_probe->gate.epoch != epoch_before;
    epoch_before = mpr_probe->gate.epoch;
    return moved;
}

static void test_maps_bump_the_epoch(void **state)
{
    (void)state;
    bumped();
    char *map = map_pages(4);
    assert_false(bumped()); /* nothing has been touched */
    assert_int_equal(madvise(map, PAGE, MADV_DONTNEED), 0);
    assert_true(bumped());
    assert_int_equal(madvise(map + 1, PAGE, MADV_DONTNEED), -1);
    assert_int_equal(errno, EINVAL);
    bumped();
    assert_int_equal(mlock(map, PAGE), 0);
    assert_true(bumped());
    assert_int_equal(mlock2(map, PAGE, 0), 0);
    assert_true(bumped());
    assert_int_equal(mlockall(0), -1);
    assert_int_equal(errno, EINVAL);
    assert_true(bumped());
    assert_int_equal(munmap(map, 4 * PAGE), 0);
    assert_true(bumped());
    map = mmap(NULL, PAGE, BOTH, PRIVATE | MAP_POPULATE, -1, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_true(bumped());
    assert_int_equal(munmap(map, PAGE), 0);
}

/* --- a system call that takes longer than the session --- */

static pthread_barrier_t inside, closed;

static void *map_slowly(void *start, size_t size, int protection, int flags, int fd, off_t offset)
{
    pthread_barrier_wait(&inside);
    pthread_barrier_wait(&closed);
    return (void *)syscall(SYS_mmap, start, size, protection, flags, fd, offset);
}

static void *map_in_a_thread(void *unused)
{
    (void)unused;
    return map_pages(1);
}

/* Somebody else is waited for in vain, so that the heap's end does not wait for the lock; the
 * session's finds that all have ended. The last test: it ends the session of all. */
static void test_maps_outlive_their_session(void **state)
{
    (void)state;
    pthread_t thread;
    pthread_barrier_init(&inside, NULL, 2);
    pthread_barrier_init(&closed, NULL, 2);
    void *next = put_next(MPR_NEXT_MMAP, (void *)map_slowly);
    assert_int_equal(pthread_create(&thread, NULL, map_in_a_thread, NULL), 0);
    pthread_barrier_wait(&inside);
    put_next(MPR_NEXT_MMAP, next);
    assert_true(mpr_hold_begin(&mpr_thread_block));
    mpr_heap_stop();
    mpr_hold_end(&mpr_thread_block);
    mpr_probe_detach();
    pthread_barrier_wait(&closed);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps_private_writable_memory_is_heap),
        cmocka_unit_test(test_maps_others_are_no_heap),
        cmocka_unit_test(test_maps_pieces_leave_one_by_one),
        cmocka_unit_test(test_maps_fixed_replaces),
        cmocka_unit_test(test_maps_grow_and_shrink),
        cmocka_unit_test(test_maps_move),
        cmocka_unit_test(test_maps_move_and_stay),
        cmocka_unit_test(test_maps_refused_change_nothing),
        cmocka_unit_test(test_maps_wrong_calls_change_nothing),
        cmocka_unit_test(test_maps_bump_the_epoch),
        cmocka_unit_test(test_maps_outlive_their_session),
    };
    return cmocka_run_group_tests(tests, track, NULL);
}
