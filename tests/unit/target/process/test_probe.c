/* SPDX-License-Identifier: MIT */
/* Threads that come and go, a mutex in the place of the GIL. The thread sanitizer runs this file
 * too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "mprun/probe.h"
#include "mprun/recording_reader.h"

#define AT_ONCE 4
#define ROUNDS 8

static pthread_mutex_t gil = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_started;
static int recording_fd;
static int stopped; /* calls of the function that rss sets; atomic: it holds no GIL */

static void count_stop(struct mpr_thread *thread)
{
    (void)thread;
    __atomic_fetch_add(&stopped, 1, __ATOMIC_RELAXED);
}

/* What a thread of the program does at its first selected line, and later. */
static void *run_selected_code(void *argument)
{
    struct mpr_thread *thread = &mpr_thread_block;
    bool *ret_good = argument;
    char here;
    pthread_mutex_lock(&gil);
    *ret_good = thread->trace.stack_low == (char *)UINTPTR_MAX && !thread->ready;
    mpr_thread_enter(thread);
    mpr_thread_start(thread);
    *ret_good = *ret_good && thread->ready && thread->record && thread->trace.stack_low < &here &&
                thread->tid == (uint32_t)gettid() && mpr_probe_alloc(100);
    pthread_mutex_unlock(&gil);
    pthread_barrier_wait(&all_started);
    return NULL;
}

static void run_round(void)
{
    pthread_t thread[AT_ONCE];
    bool good[AT_ONCE];
    pthread_barrier_init(&all_started, NULL, AT_ONCE);
    for (size_t i = 0; i < AT_ONCE; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, run_selected_code, &good[i]), 0);
    for (size_t i = 0; i < AT_ONCE; i++) {
        pthread_join(thread[i], NULL);
        assert_true(good[i]);
    }
    pthread_barrier_destroy(&all_started);
}

static size_t recorded_threads(void)
{
    struct mpr_rec_reader *reader;
    const struct mpr_rec_head *head;
    uint64_t cursor = 0;
    size_t threads = 0;
    assert_int_equal(mpr_rec_open(recording_fd, &reader, NULL), 0);
    while (mpr_rec_next(reader, &cursor, &head, NULL) == 1)
        threads += head->kind == MPR_KIND_THREAD;
    mpr_rec_close(reader);
    return threads;
}

static void test_probe_follows_threads_to_their_end(void **state)
{
    (void)state;
    mpr_probe->gate.thread_stop = count_stop;
    mpr_probe->armed = 1;
    for (int i = 0; i < ROUNDS; i++)
        run_round();
    mpr_probe->armed = 0;
    assert_int_equal(stopped, AT_ONCE * ROUNDS);
    assert_int_equal(recorded_threads(), AT_ONCE); /* used again and again */
    assert_true(mpr_probe->header->notes & MPR_NOTE_THREADS);
    /* They are on their way out until rss finds them gone; there is room for so many. */
    assert_int_equal(mpr_probe->gate.ending, MPR_ENDING);
}

static void test_probe_counts_own_memory(void **state)
{
    (void)state;
    int64_t before = mpr_probe->header->rss.own;
    char *large = mpr_probe_alloc(1 << 20);
    assert_non_null(large);
    assert_int_equal(large[0] | large[(1 << 20) - 1], 0);
    assert_in_range(mpr_probe->header->rss.own - before, 1 << 20, (1 << 20) + 65536);
    mpr_probe_count_own(-4096);
    mpr_probe_count_own(4096);
}

static int attach(void **state)
{
    (void)state;
    if (mpr_rec_create(NULL, 0, 0, MPR_RSS_OFF, &recording_fd, NULL) < 0)
        return -1;
    return mpr_probe_attach(recording_fd, NULL);
}

static int detach(void **state)
{
    (void)state;
    close(recording_fd);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_follows_threads_to_their_end),
        cmocka_unit_test(test_probe_counts_own_memory),
    };
    return cmocka_run_group_tests(tests, attach, detach);
}
