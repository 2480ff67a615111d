/* SPDX-License-Identifier: MIT */
/* The probe page, own memory, and the per-thread blocks. Cold: the hot paths only read what is set
 * up here. */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "mprun/clock.h"
#include "mprun/lock.h"
#include "mprun/own.h"
#include "mprun/probe.h"
#include "mprun/sys.h"

#define ALLOC_STEP ((size_t)64 << 10)

static struct mpr_probe unarmed;
struct mpr_probe *mpr_probe = &unarmed;
static struct mpr_rec_heap_counts nobodys;
__thread struct mpr_thread mpr_thread_block = {.stack = &mpr_no_stack,
    .stack_low = (char *)UINTPTR_MAX,
    .guard = MPR_GUARD_NEW,
    .counts = &nobodys};

void (*mpr_thread_rss_start)(struct mpr_thread *thread);
void (*mpr_thread_rss_stop)(struct mpr_thread *thread);

static pthread_key_t thread_end_key;
static struct mpr_lock pool_lock;
static char *pool;
static size_t pool_left;
static struct mpr_thread_record *ended;   /* atomically */
static struct mpr_thread_record *spare;   /* the same, under the GIL */
static struct mpr_thread_record *reserve; /* for a record that finds room */

void mpr_probe_count_own(int64_t bytes)
{
    __atomic_fetch_add(&mpr_probe->header->rss.own, bytes, __ATOMIC_RELAXED);
}

/* Called with the lock. */
static bool refill(size_t size)
{
    size_t step = size > ALLOC_STEP ? size : ALLOC_STEP, bytes;
    char *start = mpr_own_map(step, &bytes);
    if (!start)
        return false;
    mpr_probe_count_own((int64_t)bytes);
    pool = start;
    pool_left = bytes;
    return true;
}

void *mpr_probe_alloc(size_t size)
{
    void *result = NULL;
    int saved = errno;
    size = (size + 15) & ~(size_t)15;
    mpr_lock_take(&pool_lock);
    if (size <= pool_left || refill(size)) {
        result = pool;
        pool += size;
        pool_left -= size;
    }
    mpr_lock_give(&pool_lock);
    errno = saved;
    return result;
}

/* Runs in the thread that ends, without the GIL. */
static void note_ending(struct mpr_probe *probe, uint32_t tid)
{
    for (size_t i = 0; i < MPR_ENDING; i++) {
        uint32_t none = 0;
        if (__atomic_compare_exchange_n(
                &probe->ending_tid[i], &none, tid, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            __atomic_fetch_add(&probe->ending, 1, __ATOMIC_RELEASE);
            return;
        }
    }
}

/* The kernel has given an ended thread's number to this one. */
static void forget_ending(struct mpr_probe *probe, uint32_t tid)
{
    for (size_t i = 0; i < MPR_ENDING; i++) {
        uint32_t old = tid;
        if (__atomic_compare_exchange_n(
                &probe->ending_tid[i], &old, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            __atomic_fetch_sub(&probe->ending, 1, __ATOMIC_ACQ_REL);
    }
}

/* A service may start a thread for each request: records are used again. What the thread still
 * frees counts for nobody. */
static void give_back_record(struct mpr_thread *thread)
{
    struct mpr_thread_record *mine = thread->reusable;
    if (!mine || mine->record->is_main)
        return;
    thread->own_counts = *thread->counts;
    thread->counts = &thread->own_counts;
    thread->record = NULL;
    thread->reusable = NULL;
    mine->next = __atomic_load_n(&ended, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(
        &ended, &mine->next, mine, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/* All that have come back at once: none is put where another could take it. */
static struct mpr_thread_record *take_ended_record(void)
{
    struct mpr_thread_record *taken = spare;
    if (!taken)
        taken = __atomic_exchange_n(&ended, NULL, __ATOMIC_ACQUIRE);
    spare = taken ? taken->next : NULL;
    return taken;
}

static void thread_end(void *value)
{
    struct mpr_thread *thread = value;
    struct mpr_probe *probe = mpr_probe;
    if (!probe->armed)
        return;
    note_ending(probe, thread->tid);
    if (mpr_thread_rss_stop)
        mpr_thread_rss_stop(thread);
    mpr_stack_release(thread->stack);
    thread->stack = &mpr_no_stack;
    give_back_record(thread);
    mpr_probe_bump_epoch();
}

static int map_probe_page(struct mpr_error *err)
{
    size_t bytes;
    struct mpr_probe *page = mpr_own_map(sizeof *page, &bytes);
    if (!page || mpr_sys_madvise(page, bytes, MADV_WIPEONFORK) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot make the probe page: %s", strerror(errno));
    mpr_probe = page;
    return 0;
}

/* The loader's pages of this library are mprun's too. Its data was written before it is counted
 * here, so nothing of it faults later. */
static void count_library(const void *address)
{
    mpr_probe_count_own((int64_t)mpr_own_populate_object(address));
}

int mpr_probe_attach_as(int fd, uint64_t layout, struct mpr_error *err)
{
    struct mpr_rec_writer *writer;
    if (layout != MPR_PROBE_LAYOUT)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "the host is of another build than libmprun-preload.so: install both from one version "
            "of mprun");
    int status = mpr_rec_attach(fd, &writer, err);
    if (status < 0)
        return status;
    status = map_probe_page(err);
    if (status < 0)
        return status;
    struct mpr_probe *probe = mpr_probe;
    probe->writer = writer;
    probe->header = mpr_rec_writer_header(writer);
    probe->pid = getpid();
    probe->page_shift = (uint32_t)__builtin_ctzl((unsigned long)sysconf(_SC_PAGESIZE));
    probe->ticks_are_ns = !mpr_clock_tsc_invariant();
    probe->header->clock.ticks_are_ns = probe->ticks_are_ns;
    mpr_probe_count_own((int64_t)1 << probe->page_shift);
    count_library(&unarmed);
    if (pthread_key_create(&thread_end_key, thread_end) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot register with the C library's threads");
    return 0;
}

void mpr_thread_counts(struct mpr_thread *thread)
{
    thread->counts = &thread->own_counts;
    thread->guard &= ~MPR_GUARD_NEW;
}

/* CPython puts every Python call on the C stack while an evaluator is installed. Half of the stack
 * stays free for what a call does below. pthread_getattr_np reads /proc/self/maps for the main
 * thread, whose stack may still grow to RLIMIT_STACK. */
static void find_stack(struct mpr_thread *thread)
{
    pthread_attr_t attr;
    void *low;
    size_t size;
    thread->stack_low = NULL;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    if (pthread_attr_getstack(&attr, &low, &size) == 0 && size < ((size_t)1 << 40))
        thread->stack_low = (char *)low + size / 2;
    pthread_attr_destroy(&attr);
}

void mpr_thread_enter(struct mpr_thread *thread)
{
    thread->tid = (uint32_t)gettid();
    forget_ending(mpr_probe, thread->tid);
    mpr_guard_begin(thread); /* the C library allocates for both */
    find_stack(thread);
    pthread_setspecific(thread_end_key, thread);
    mpr_guard_end(thread);
    mpr_probe_bump_epoch(); /* its stack and its arena */
}

/* Not yet published. NULL: no room. */
static struct mpr_thread_record *make_record(void)
{
    struct mpr_thread_record *made = reserve ? reserve : mpr_probe_alloc(sizeof *made);
    reserve = made;
    if (!made)
        return NULL;
    made->record = mpr_rec_append(mpr_probe->writer, MPR_KIND_THREAD, sizeof *made->record);
    if (!made->record)
        return NULL;
    reserve = NULL;
    return made;
}

/* Gives the thread its stack, too. Rows of a thread that has ended are found by its record: those
 * of the one whose record this was are dropped by mpr_stack_new, so it comes after. */
static struct mpr_thread_record *begin_record(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    struct mpr_thread_record *taken = take_ended_record();
    bool made = !taken;
    thread->stack = mpr_stack_new();
    if (made)
        taken = make_record();
    if (!taken)
        return NULL;
    struct mpr_rec_thread *record = taken->record;
    record->tid = thread->tid;
    record->is_main = thread->tid == (uint32_t)probe->pid;
    record->current = 0;
    record->heap = *thread->counts;
    if (made)
        mpr_rec_publish(probe->writer);
    return taken;
}

void mpr_thread_start(struct mpr_thread *thread)
{
    thread->ready = 1;
    if (thread->guard & MPR_GUARD_NEW)
        mpr_thread_counts(thread);
    thread->reusable = begin_record(thread);
    thread->record = thread->reusable ? thread->reusable->record : NULL;
    if (thread->record) {
        thread->counts = &thread->record->heap;
        if (!thread->record->is_main)
            mpr_note(MPR_NOTE_THREADS);
    }
    if (mpr_thread_rss_start)
        mpr_thread_rss_start(thread);
}
