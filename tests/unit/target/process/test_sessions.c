/* SPDX-License-Identifier: MIT */
/* Sessions that open and close in one process, each with a recording of its own, while a thread
 * without the GIL allocates and frees all the time. What was there before is there afterwards, and
 * each session counts from zero. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/count.h"
#include "mprun/heap.h"
#include "mprun/heap_facts.h"
#include "mprun/maps.h"
#include "mprun/proc.h"
#include "mprun/recording_reader.h"
#include "mprun/rss.h"

#define ROUNDS 100
#define BLOCKS 300
#define APART ((uint64_t)1 << 21) /* of the blocks' addresses, which nobody touches */
#define FIRST ((uintptr_t)1 << 44)
#define SIZE 5000u

/* --- a Python that is none: this test's main thread holds the GIL, and nobody else ever does ---
 */

static struct mpr_thread *holder;
static uint32_t place;

static bool is_holder(struct mpr_thread *thread)
{
    return thread == holder;
}

/* What was found is kept by the thread until it is told that it is old, as Python's is. */
static unsigned changes;
static __thread struct mpr_rec_node *found;
static __thread unsigned found_at;

static void contexts_changed(void)
{
    __atomic_add_fetch(&changes, 1, __ATOMIC_RELAXED);
}

static struct mpr_rec_node *node_here(struct mpr_thread *thread, uint32_t domain, bool gil)
{
    unsigned now = MPR_READ(changes);
    (void)gil;
    if (!found || found_at != now)
        found = mpr_node_leaf(thread->heap.context, MPR_READ(place), 1, domain);
    found_at = now;
    return found;
}

static const struct mpr_heap_runtime runtime = {
    .gil_held = is_holder, .node_here = node_here, .contexts_changed = contexts_changed};

/* As the hooks of malloc do. */
static void allocate(uintptr_t block)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (MPR_READ(mpr_probe->heap) && mpr_heap_counts(thread))
        mpr_heap_got(thread, (void *)block, SIZE, MPR_HEAP_NATIVE);
}

static void release(uintptr_t block)
{
    if (MPR_READ(mpr_probe->heap))
        mpr_heap_gives(&mpr_thread_block, (void *)block);
}

static void move(uintptr_t block)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (!MPR_READ(mpr_probe->heap))
        return;
    struct mpr_resize resize = mpr_heap_resize_begin(thread, (void *)block);
    mpr_heap_resize_end(thread, resize, (void *)block, (void *)block, SIZE, MPR_HEAP_NATIVE, false);
}

static bool enough;

static void *allocate_without_the_gil(void *unused)
{
    (void)unused;
    uintptr_t first = FIRST + BLOCKS * APART;
    while (!__atomic_load_n(&enough, __ATOMIC_RELAXED)) {
        for (uintptr_t i = 0; i < 16; i++)
            allocate(first + i * APART);
        for (uintptr_t i = 0; i < 16; i++)
            move(first + i * APART);
        for (uintptr_t i = 0; i < 16; i++)
            release(first + i * APART);
    }
    return NULL;
}

/* --- one session --- */

static void note_threads(struct mpr_thread *thread, void *data)
{
    (void)thread;
    ++*(int *)data;
}

/* What a thread of the program does that runs selected code and ends in the session. */
static void *run_selected_code(void *unused)
{
    struct mpr_thread *thread = &mpr_thread_block;
    (void)unused;
    mpr_thread_enter(thread);
    mpr_thread_start(thread);
    return NULL;
}

static void start_this_thread(void)
{
    struct mpr_thread *thread = &mpr_thread_block;
    assert_null(thread->record);
    assert_int_equal(thread->heap.context, 0);
    assert_ptr_equal(thread->stack, &mpr_no_stack);
    assert_int_equal(thread->ready, 0);
    assert_null(thread->gate.fault_head);
    if (thread->trace.stack_low == (char *)UINTPTR_MAX)
        mpr_thread_enter(thread);
    mpr_thread_start(thread);
    assert_non_null(thread->record);
    assert_ptr_equal(thread->heap.counts, &thread->record->heap);
    assert_ptr_not_equal(thread->stack, &mpr_no_stack);
}

static void open_session(int fd, enum mpr_rss_tier tier)
{
    const struct mpr_rss_config rss = {.tier = tier};
    const struct mpr_heap_config heap = {.runtime = &runtime};
    assert_int_equal(mpr_probe_attach(fd, NULL), 0);
    assert_int_equal(mpr_rss_start(&rss, NULL), 0);
    __atomic_store_n(&place, 0, __ATOMIC_RELAXED);
    assert_int_equal(mpr_heap_start(&heap, NULL), 0);
    __atomic_store_n(&place, mpr_node_place("sessions.py", "f", 1, 1), __ATOMIC_RELAXED);
    __atomic_store_n(&mpr_probe->program_runs, 1, __ATOMIC_RELAXED);
    mpr_probe->armed = 1;
}

static void close_session(void)
{
    mpr_heap_stop();
    mpr_rss_stop();
    mpr_probe_detach();
    assert_null(mpr_probe->heap);
    assert_null(mpr_probe->header);
    assert_int_equal(mpr_probe->armed, 0);
}

/* Under the GIL, so exact whatever the other thread does. */
static void count_some(const struct mpr_rec_header *header)
{
    const struct mpr_rec_level *native = &header->heap.level[MPR_HEAP_NATIVE];
    struct mpr_thread *thread = &mpr_thread_block;
    assert_int_equal(place, 1);
    assert_int_equal(native->gil, 0);
    for (uintptr_t i = 0; i < BLOCKS; i++)
        allocate(FIRST + i * APART);
    assert_int_equal(native->gil, BLOCKS * SIZE);
    assert_int_equal(mpr_node_leaf(0, 1, 1, MPR_HEAP_NATIVE)->allocations, BLOCKS);
    for (uintptr_t i = 1; i < BLOCKS; i++)
        release(FIRST + i * APART);
    assert_int_equal(native->gil, SIZE); /* the first one outlives its session */
    assert_in_range(mpr_rss_sample(thread).rss, 1, INT64_MAX);
    assert_true(mpr_maps_lock());
    mpr_maps_mapped(thread, FIRST - APART, 4096, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    mpr_maps_unlock();
    mpr_arena_comes((void *)FIRST, 1 << 20);
    assert_int_equal(native->gil, SIZE + 4096);
}

static void run_session(enum mpr_rss_tier tier, int64_t *ret_own)
{
    int fd, threads = 0;
    pthread_t thread;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, tier, &fd, NULL), 0);
    struct mpr_rec_header *header;
    open_session(fd, tier);
    header = mpr_probe->header;
    close(fd);
    start_this_thread();
    count_some(header);
    assert_int_equal(pthread_create(&thread, NULL, run_selected_code, NULL), 0);
    pthread_join(thread, NULL);
    mpr_thread_each(note_threads, &threads);
    assert_int_equal(threads, 1);
    *ret_own = __atomic_load_n(&header->rss.own, __ATOMIC_RELAXED);
    close_session();
    assert_false(mpr_maps_lock());
    allocate(FIRST);
    release(FIRST); /* of the last session, or of nobody */
}

/* --- the process --- */

static int count_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static int count_maps(void)
{
    int count = 0, c;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while ((c = fgetc(maps)) != EOF)
        count += c == '\n';
    fclose(maps);
    return count;
}

static int64_t resident(void)
{
    char text[64] = "";
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    (void)!fread(text, 1, sizeof text - 1, statm);
    fclose(statm);
    uint64_t pages = 0;
    (void)mpr_proc_parse_statm(text, strlen(text), &pages);
    return (int64_t)pages * (int64_t)sysconf(_SC_PAGESIZE);
}

static void run_rounds(enum mpr_rss_tier tier)
{
    int64_t own, first_own;
    run_session(tier, &first_own);
    run_session(tier, &first_own);
    int descriptors = count_descriptors(), maps = count_maps();
    int64_t rss = resident();
    for (int i = 0; i < ROUNDS; i++) {
        run_session(tier, &own);
        assert_in_range(own, first_own - (256 << 10), first_own + (256 << 10));
    }
    assert_int_equal(count_descriptors(), descriptors);
#ifndef __SANITIZE_THREAD__ /* which maps and keeps what it likes */
    assert_in_range(count_maps(), maps - 8, maps + 8);
    assert_in_range(resident(), 0, rss + (1 << 20));
#else
    (void)maps, (void)rss;
#endif
}

static void test_sessions_leave_the_process_as_it_was(void **state)
{
    (void)state;
    int descriptors = count_descriptors();
    run_rounds(MPR_RSS_AUTO);
    run_rounds(MPR_RSS_RUSAGE);
    assert_int_equal(count_descriptors(), descriptors);
}

static void test_sessions_are_one_at_a_time(void **state)
{
    (void)state;
    int fd;
    struct mpr_error err;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
    assert_int_equal(mpr_probe->session, 0);
    open_session(fd, MPR_RSS_OFF);
    uint32_t first = mpr_probe->session;
    assert_true(first > ROUNDS);
    assert_int_equal(mpr_probe_attach(fd, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "is open"));
    close_session();
    close_session(); /* of nothing */
    open_session(fd, MPR_RSS_OFF);
    assert_int_equal(mpr_probe->session, first + 1);
    close_session();
    close(fd);
}

/* A thread that jumped out of a hook may be using the session for ever: nothing is taken from it,
 * and no other session begins, until it is back. */
static void test_sessions_wait_for_who_uses_them(void **state)
{
    (void)state;
    int fd;
    struct mpr_error err;
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &fd, NULL), 0);
    open_session(fd, MPR_RSS_AUTO);
    start_this_thread();
    struct mpr_rec_header *header = mpr_probe->header;
    const void *ring = mpr_thread_block.gate.ring;
    unsigned char resident;
    assert_true(mpr_hold_begin(&mpr_thread_block));
    close_session();
    /* A ring is no part of what it may use, and closed. */
    assert_null(mpr_thread_block.gate.ring);
    assert_true(!ring || mincore((void *)ring, 1, &resident) == -1);
    assert_int_equal(header->magic, MPR_REC_MAGIC);
    assert_int_equal(mpr_probe_attach(fd, &err), MPR_ERR_UNSUPPORTED);
    mpr_hold_end(&mpr_thread_block);
    open_session(fd, MPR_RSS_OFF);
    close_session();
    close(fd);
}

/* A child opens one of its own, whatever its parent and the parent's threads were at. */
static void test_sessions_open_in_a_child(void **state)
{
    (void)state;
    int fd, status = -1;
    int64_t own;
#ifdef __SANITIZE_THREAD__
    print_message("left out: the thread sanitizer cannot follow threads into a child\n");
    return;
#endif
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, NULL), 0);
    open_session(fd, MPR_RSS_AUTO);
    start_this_thread();
    allocate(FIRST);
    pid_t child = fork();
    if (child == 0) {
        struct mpr_hold *hold = mpr_thread_block.hold;
        mpr_thread_block.hold = NULL;
        mpr_arena_comes((void *)FIRST, 1 << 20); /* while there is no session */
        mpr_arena_goes((void *)FIRST);
        assert_null(mpr_thread_block.hold);
        mpr_thread_block.hold = hold;
        assert_null(mpr_probe->heap);
        run_session(MPR_RSS_AUTO, &own);
        run_session(MPR_RSS_AUTO, &own);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(mpr_probe->heap->level[MPR_HEAP_NATIVE].gil, SIZE);
    close_session();
    close(fd);
}

static int goes_on[2];

static void *enter_and_wait(void *started)
{
    char byte;
    run_selected_code(NULL);
    pthread_barrier_wait(started);
    (void)!read(goes_on[0], &byte, 1);
    return NULL;
}

/* Of its parent's session a child has neither the other threads nor the rings: where one was it may
 * have mapped something. */
static void close_in_a_child(void *ring)
{
    int threads = 0;
    unsigned char resident;
    mpr_thread_each(note_threads, &threads);
    assert_int_equal(threads, 1);
    if (ring)
        assert_ptr_equal(mmap(ring, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ring);
    close_session();
    assert_true(!ring || mincore(ring, 1, &resident) == 0);
}

static void test_sessions_are_closed_in_a_child(void **state)
{
    (void)state;
    int fd, status = -1;
    pthread_t waits;
    pthread_barrier_t started;
#ifdef __SANITIZE_THREAD__
    print_message("left out: the thread sanitizer cannot follow threads into a child\n");
    return;
#endif
    assert_int_equal(mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, NULL), 0);
    assert_int_equal(pipe(goes_on), 0);
    pthread_barrier_init(&started, NULL, 2);
    open_session(fd, MPR_RSS_AUTO);
    start_this_thread();
    assert_int_equal(pthread_create(&waits, NULL, enter_and_wait, &started), 0);
    pthread_barrier_wait(&started);
    pid_t child = fork();
    if (child == 0) {
        close_in_a_child(mpr_thread_block.gate.ring);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(write(goes_on[1], "", 1), 1);
    pthread_join(waits, NULL);
    close_session();
    close(goes_on[0]);
    close(goes_on[1]);
    close(fd);
}

static pthread_t other;

static int start_other(void **state)
{
    int64_t own;
    (void)state;
    holder = &mpr_thread_block;
    run_session(MPR_RSS_OFF, &own); /* the probe page is there from now on */
    return pthread_create(&other, NULL, allocate_without_the_gil, NULL);
}

static int stop_other(void **state)
{
    (void)state;
    __atomic_store_n(&enough, true, __ATOMIC_RELAXED);
    return pthread_join(other, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions_leave_the_process_as_it_was),
        cmocka_unit_test(test_sessions_are_one_at_a_time),
        cmocka_unit_test(test_sessions_wait_for_who_uses_them),
        cmocka_unit_test(test_sessions_open_in_a_child),
        cmocka_unit_test(test_sessions_are_closed_in_a_child),
    };
    return cmocka_run_group_tests(tests, start_other, stop_other);
}
