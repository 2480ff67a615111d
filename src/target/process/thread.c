/* SPDX-License-Identifier: MIT */
/* The blocks of threads: set up at a thread's first Python call and at its first selected code,
 * taken back at its end or the session's, whichever comes first. Cold. */
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "mprun/lock.h"

static struct {
    struct mpr_lock lock;
    struct mpr_thread *entered;        /* with the lock */
    struct mpr_thread_record *ended;   /* atomically */
    struct mpr_thread_record *spare;   /* the same, under the GIL */
    struct mpr_thread_record *reserve; /* for a record that finds room */
    pthread_key_t key;
    bool has_key;
    pid_t pid; /* in which the list was written */
    /* Of a thread that has not counted anything yet: what it frees is in no row. */
    struct mpr_rec_heap_counts nobodys;
} state;

__thread struct mpr_thread mpr_thread_block = {.stack = &mpr_no_stack,
    .heap = {.guard = MPR_GUARD_NEW, .counts = &state.nobodys},
    .trace = {.stack_low = (char *)UINTPTR_MAX}};

/* --- those that have entered --- */

static void list(struct mpr_thread *thread)
{
    if (!mpr_lock_take(&state.lock))
        return;
    if (!thread->place) {
        thread->next = state.entered;
        if (thread->next)
            thread->next->place = &thread->next;
        thread->place = &state.entered;
        state.entered = thread;
    }
    mpr_lock_give(&state.lock);
}

static void unlist(struct mpr_thread *thread)
{
    if (!mpr_lock_take(&state.lock))
        return;
    if (thread->place) {
        *thread->place = thread->next;
        if (thread->next)
            thread->next->place = thread->place;
        thread->place = NULL;
        thread->next = NULL;
    }
    mpr_lock_give(&state.lock);
}

/* In a child the blocks of other threads went with their stacks. */
void mpr_thread_each(void (*visit)(struct mpr_thread *thread, void *data), void *data)
{
    if (state.pid != getpid()) {
        if (mpr_thread_block.place)
            visit(&mpr_thread_block, data);
        return;
    }
    if (!mpr_lock_take(&state.lock))
        return;
    for (struct mpr_thread *thread = state.entered; thread; thread = thread->next)
        visit(thread, data);
    mpr_lock_give(&state.lock);
}

/* --- the end --- */

/* Runs in the thread that ends, without the GIL. */
static void note_ending(struct mpr_probe *probe, uint32_t tid)
{
    for (size_t i = 0; i < MPR_ENDING; i++) {
        uint32_t none = 0;
        if (__atomic_compare_exchange_n(&probe->gate.ending_tid[i], &none, tid, false,
                __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            __atomic_fetch_add(&probe->gate.ending, 1, __ATOMIC_RELEASE);
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
                &probe->gate.ending_tid[i], &old, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            __atomic_fetch_sub(&probe->gate.ending, 1, __ATOMIC_ACQ_REL);
    }
}

/* A service may start a thread for each request: records are used again. What the thread still
 * frees counts for nobody. */
static void give_back_record(struct mpr_thread *thread)
{
    struct mpr_thread_record *mine = thread->reusable;
    if (!mine || mine->record->is_main)
        return;
    thread->heap.own_counts = *thread->heap.counts;
    thread->heap.counts = &thread->heap.own_counts;
    thread->record = NULL;
    thread->reusable = NULL;
    mine->next = __atomic_load_n(&state.ended, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(
        &state.ended, &mine->next, mine, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/* All that have come back at once: none is put where another could take it. */
static struct mpr_thread_record *take_ended_record(void)
{
    struct mpr_thread_record *taken = state.spare;
    if (!taken)
        taken = __atomic_exchange_n(&state.ended, NULL, __ATOMIC_ACQUIRE);
    state.spare = taken ? taken->next : NULL;
    return taken;
}

static void leave_session(struct mpr_thread *thread)
{
    struct mpr_probe *probe = mpr_probe;
    note_ending(probe, thread->tid);
    void (*stop)(struct mpr_thread *) = __atomic_load_n(&probe->gate.thread_stop, __ATOMIC_RELAXED);
    if (stop)
        stop(thread);
    struct mpr_stack *stack = thread->stack;
    thread->stack = &mpr_no_stack; /* who takes a released one may use it at once */
    mpr_stack_release(stack);
    give_back_record(thread);
    mpr_probe_bump_epoch();
}

static void thread_end(void *value)
{
    struct mpr_thread *thread = value;
    if (getpid() != state.pid) /* a child, where a lock may be another thread's for good */
        return;
    if (mpr_hold_begin(thread)) {
        if (__atomic_load_n(&mpr_probe->armed, __ATOMIC_RELAXED))
            leave_session(thread);
        mpr_hold_end(thread);
    }
    unlist(thread);
}

/* --- the beginning --- */

void mpr_thread_counts(struct mpr_thread *thread)
{
    thread->heap.counts = &thread->heap.own_counts;
    thread->heap.guard &= ~MPR_GUARD_NEW;
}

/* CPython puts every Python call on the C stack while an evaluator is installed. Half of the stack
 * stays free for what a call does below. pthread_getattr_np reads /proc/self/maps for the main
 * thread, whose stack may still grow to RLIMIT_STACK. */
static void find_stack(struct mpr_thread *thread)
{
    pthread_attr_t attr;
    void *low;
    size_t size;
    thread->trace.stack_low = NULL;
    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    if (pthread_attr_getstack(&attr, &low, &size) == 0 && size < ((size_t)1 << 40))
        thread->trace.stack_low = (char *)low + size / 2;
    pthread_attr_destroy(&attr);
}

void mpr_thread_enter(struct mpr_thread *thread)
{
    int saved = errno;
    thread->tid = (uint32_t)gettid();
    forget_ending(mpr_probe, thread->tid);
    mpr_guard_begin(thread); /* the C library allocates for both */
    find_stack(thread);
    pthread_setspecific(state.key, thread);
    mpr_guard_end(thread);
    list(thread);
    mpr_probe_bump_epoch(); /* its stack and its arena */
    errno = saved;
}

/* Not yet published. NULL: no room. */
static struct mpr_thread_record *make_record(void)
{
    struct mpr_thread_record *made = state.reserve;
    if (!made)
        made = mpr_probe_alloc(sizeof *made);
    state.reserve = made;
    if (!made)
        return NULL;
    made->record = mpr_rec_append(mpr_probe->writer, MPR_KIND_THREAD, sizeof *made->record);
    if (!made->record)
        return NULL;
    state.reserve = NULL;
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
    record->heap = *thread->heap.counts;
    if (made)
        mpr_rec_publish(probe->writer);
    return taken;
}

void mpr_thread_start(struct mpr_thread *thread)
{
    thread->ready = 1;
    if (thread->heap.guard & MPR_GUARD_NEW)
        mpr_thread_counts(thread);
    thread->reusable = begin_record(thread);
    thread->record = thread->reusable ? thread->reusable->record : NULL;
    if (thread->record) {
        thread->heap.counts = &thread->record->heap;
        if (!thread->record->is_main)
            mpr_note(MPR_NOTE_THREADS);
    }
    if (mpr_probe->gate.thread_start)
        mpr_probe->gate.thread_start(thread);
}

/* --- the session's end --- */

/* But for what is the thread's in any session: where its stack ends, its number, its guard, which
 * it may be writing at this moment. */
static void reset(struct mpr_thread *thread, void *unused)
{
    (void)unused;
    thread->record = NULL;
    thread->reusable = NULL;
    thread->stack = &mpr_no_stack;
    thread->ready = 0;
    thread->trace.next_trace = NULL;
    thread->trace.tracers = NULL;
    thread->gate.fault_seen = 0;
    thread->gate.checked_ticks = 0;
    thread->gate.faulty_streak = 0;
    thread->heap.around = 0;
    thread->heap.own_counts = (struct mpr_rec_heap_counts){0};
    thread->heap.counts = &thread->heap.own_counts;
    thread->heap.python = NULL;
    thread->heap.last_block = NULL;
    thread->heap.last_at = NULL;
    thread->heap.last_code = NULL;
    thread->heap.last_node = NULL;
}

int mpr_threads_start(struct mpr_error *err)
{
    if (!state.has_key && pthread_key_create(&state.key, thread_end) != 0)
        return mpr_error_set(err, MPR_ERR_IO, "cannot register with the C library's threads");
    state.has_key = true;
    state.pid = getpid();
    return 0;
}

void mpr_threads_stop(void)
{
    mpr_thread_each(reset, NULL);
    state.ended = NULL;
    state.spare = NULL;
    state.reserve = NULL;
    mpr_stacks_stop();
}

void mpr_threads_own(void)
{
    mpr_lock_make(&state.lock);
}

void mpr_threads_forked(struct mpr_thread *thread)
{
    state.entered = NULL;
    if (thread->place) {
        thread->next = NULL;
        thread->place = &state.entered;
        state.entered = thread;
    }
    thread->tid = (uint32_t)gettid();
    thread->gate.fault_head = NULL; /* its mapping is not copied into a child */
    thread->gate.ring = NULL;
    thread->gate.ring_bytes = 0;
    mpr_threads_stop();
}
