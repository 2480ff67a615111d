/* SPDX-License-Identifier: MIT */
/* The machine of activations and the law of their rows.
 * Hot: a line event costs a close and an open, some forty stores and no call; a begin or an end a
 * hash insertion more. No allocation but when slots run out. */
#include "activation.h"

#include "intervals.h"
#include "mprun/heap.h"
#include "mprun/nodes.h"
#include "slots.h"

/* Become the innermost activation of the table in this thread. */
static void link_inside(struct mpr_activation *act, uint32_t tid)
{
    struct mpr_activation **at = &act->table->innermost_by_thread;
    while (*at && (*at)->slot->thread != tid)
        at = &(*at)->sibling;
    struct mpr_activation *top = *at;
    act->slot->thread = tid;
    act->outer = top;
    act->inner = NULL;
    act->sibling = top ? top->sibling : NULL;
    if (top)
        top->inner = act;
    *at = act;
}

/* Usually the innermost one leaves; where C stacks are switched, also one from the middle. */
static void unlink_inside(struct mpr_activation *act)
{
    if (act->outer)
        act->outer->inner = act->inner;
    if (act->inner) {
        act->inner->outer = act->outer;
        return;
    }
    struct mpr_activation **at = &act->table->innermost_by_thread;
    while (*at && *at != act)
        at = &(*at)->sibling;
    if (!*at)
        return;
    if (act->outer) {
        act->outer->sibling = act->sibling;
        *at = act->outer;
    } else {
        *at = act->sibling;
    }
}

/* --- the stack that it runs on --- */

static void remember(struct mpr_thread *thread)
{
    const struct mpr_activation *innermost = thread->stack->innermost;
    if (thread->record)
        thread->record->current = innermost ? innermost->offset : 0;
}

static void push(struct mpr_activation *act, struct mpr_stack *stack)
{
    struct mpr_activation *below = stack->innermost;
    act->stack = stack;
    act->above = NULL;
    act->below = below;
    act->context = below ? below->inside : 0;
    act->inside = act->context;
    if (below)
        below->above = act;
    stack->innermost = act;
}

static void take_out(struct mpr_activation *act)
{
    if (act->above) {
        act->above->below = act->below;
        act->above->context = act->context;
    } else if (act->stack) {
        act->stack->innermost = act->below;
    }
    if (act->below)
        act->below->above = act->above;
    act->stack = NULL;
}

/* --- rows --- */

static inline struct mpr_rec_heap_counts *counts_of(struct mpr_thread *thread)
{
    if (__builtin_expect((thread->heap.guard & MPR_GUARD_NEW) != 0, 0))
        mpr_thread_counts(thread);
    return thread->heap.counts;
}

/* The counters, as enum mpr_counter has them. */
static inline void read_counters(
    const struct mpr_rec_heap_counts *counts, struct mpr_sample now, int64_t ret_now[MPR_COUNTERS])
{
    ret_now[MPR_COUNTER_RSS] = now.rss;
    ret_now[MPR_COUNTER_TICKS] = now.ticks;
    ret_now[MPR_COUNTER_ALLOCATED] = (int64_t)counts->allocated;
    ret_now[MPR_COUNTER_FREED] = (int64_t)counts->freed;
    ret_now[MPR_COUNTER_ALLOCATIONS] = (int64_t)counts->allocations;
}

/* The thread's high mark starts anew at its present level; what it was belongs to what is around.
 */
static inline void open_row(struct mpr_rec_activation *slot, struct mpr_rec_heap_counts *counts,
    const int64_t now[MPR_COUNTERS])
{
    mpr_law_open(&slot->interval, now);
    if (counts->high > slot->outer_high)
        slot->outer_high = counts->high;
    counts->high = mpr_law_level(now);
    counts->high_when = 0;
}

/* There is one. */
static inline void close_row(const struct mpr_activation *act,
    const struct mpr_rec_activation *slot, const struct mpr_rec_heap_counts *counts,
    const int64_t now[MPR_COUNTERS])
{
    struct mpr_rec_row *row = act->row;
    int64_t whole[MPR_COUNTERS], rss = now[MPR_COUNTER_RSS];
    int64_t spike = mpr_law_spike(&slot->interval, now, counts->high);
    mpr_law_close(&slot->interval, now, row->sum, whole);
    if (act->outer)
        mpr_law_hand_on(&act->outer->slot->interval, whole);
    row->rss = rss;
    if (rss > row->rss_max)
        row->rss_max = rss;
    if (spike > row->spike)
        row->spike = spike;
}

/* It runs from now on. Comprehensions are part of the call around them. */
static inline void enter(struct mpr_activation *act, struct mpr_sample now)
{
    act->slot->entered = act->counts_hits ? (uint64_t)now.ticks : 0;
    act->slot->entered_rss = now.rss;
}

/* And did until now. Most of very many calls are only counted. */
static inline void note_interval(const struct mpr_activation *act, struct mpr_sample now)
{
    const struct mpr_rec_activation *slot = act->slot;
    if (slot->entered == 0)
        return;
    if ((uint64_t)now.ticks - slot->entered < mpr_probe->trace.least_interval)
        mpr_probe->header->kept.left_out++;
    else
        mpr_interval_add(slot, now);
}

/* The row closes, and none opens after it. */
static inline void close_last(
    struct mpr_activation *act, const struct mpr_thread *thread, struct mpr_sample now)
{
    int64_t counters[MPR_COUNTERS];
    read_counters(thread->heap.counts, now, counters);
    if (act->row)
        close_row(act, act->slot, thread->heap.counts, counters);
    note_interval(act, now);
}

/* --- the context: the path of open rows that allocations belong to --- */

static uint32_t place_of(struct mpr_function_rows *table)
{
    if (table->place == 0) {
        const struct mpr_rec_identity *id = &table->fn->id;
        const char *record = (const char *)table->fn;
        table->place =
            mpr_node_place(record + id->file, record + id->qualname, id->first_line, id->last_line);
    }
    return table->place;
}

/* The node of a row inside a context; the last answer of each row is kept. */
static uint32_t find_context(struct mpr_activation *act, uint32_t line, uint32_t index)
{
    struct mpr_function_rows *table = act->table;
    if (!table->contexts) {
        table->contexts = mpr_probe_alloc(table->fn->row_count * sizeof *table->contexts);
        if (!table->contexts)
            return act->context;
    }
    struct mpr_row_context *kept = &table->contexts[index];
    kept->inside =
        table->off_path ? act->context : mpr_node_row(act->context, place_of(table), line);
    kept->outside = act->context + 1;
    return kept->inside;
}

static inline void enter_row(
    struct mpr_activation *act, struct mpr_thread *thread, uint32_t line, uint32_t index)
{
    if (!mpr_probe->heap)
        return;
    const struct mpr_row_context *kept = act->table->contexts ? &act->table->contexts[index] : NULL;
    act->inside =
        kept && kept->outside == act->context + 1 ? kept->inside : find_context(act, line, index);
    thread->heap.context = act->inside;
}

/* The high mark covers what is around again. */
static inline void leave_rows(struct mpr_activation *act, struct mpr_thread *thread)
{
    struct mpr_rec_heap_counts *counts = counts_of(thread);
    thread->heap.context = act->context;
    if (act->row && act->slot->outer_high > counts->high) {
        counts->high = act->slot->outer_high;
        counts->high_when = 0;
    }
}

/* --- events --- */

/* The innermost of its stack runs. */
static void start_running(struct mpr_activation *act, struct mpr_thread *thread)
{
    act->slot->seq = ++mpr_probe->trace.seq;
    link_inside(act, thread->tid);
    __atomic_store_n(&act->slot->state, MPR_ACT_OPEN, __ATOMIC_RELEASE);
}

/* Its row opens again, with baselines of now. It stands in the stack already, and what is above it
 * does not run. */
static void run_on(struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    if (act->slot->function != act->table->offset)
        mpr_activation_rebase(act);
    struct mpr_rec_heap_counts *counts = counts_of(thread);
    int64_t counters[MPR_COUNTERS];
    read_counters(counts, now, counters);
    act->slot->outer_high = INT64_MIN;
    open_row(act->slot, counts, counters);
    act->slot->entered = 0;
    if (act->row)
        enter(act, now);
    start_running(act, thread);
    if (act->row)
        enter_row(act, thread, act->slot->line, (uint32_t)(act->row - act->table->rows));
}

/* The innermost of the thread's stack runs no more. What its row has seen since it opened is
 * charged only if that was closed before. */
static void stop_running(struct mpr_activation *act, struct mpr_thread *thread)
{
    leave_rows(act, thread);
    unlink_inside(act);
    act->slot->state = MPR_ACT_SUSPENDED;
}

static void leave(struct mpr_activation *act, struct mpr_thread *thread)
{
    stop_running(act, thread);
    take_out(act);
    remember(thread);
}

/* Those above an activation that runs, or whose frame is gone, have been left, and nobody has seen
 * when: they are suspended, and their open rows charge nothing. */
static void leave_above(struct mpr_activation *act, struct mpr_thread *thread)
{
    while (thread->stack->innermost != act)
        leave(thread->stack->innermost, thread);
}

/* Take it out of wherever it runs or waits, without a charge. */
static void detach(struct mpr_activation *act, struct mpr_thread *thread)
{
    if (act->slot->state == MPR_ACT_OPEN && act->stack == thread->stack) {
        leave_above(act, thread);
        leave(act, thread);
        return;
    }
    /* Another thread's block is out of bounds: it may be gone. What that has as its context it asks
     * for anew before it allocates on. */
    if (act->slot->state == MPR_ACT_OPEN) {
        unlink_inside(act);
        __atomic_store_n(&act->stack->changed, true, __ATOMIC_RELAXED);
        mpr_heap_contexts_changed();
    }
    if (act->stack)
        take_out(act);
    act->slot->state = MPR_ACT_SUSPENDED;
}

struct mpr_activation *mpr_activation_start(
    struct mpr_function_rows *table, uint64_t frame, bool own, struct mpr_thread *thread)
{
    struct mpr_activation *act = mpr_slots_find(frame);
    if (act)
        mpr_activation_drop(act, thread);
    if (thread->stack == &mpr_no_stack || !(act = mpr_slots_take(frame)))
        return NULL;
    act->table = table;
    act->slot->function = table->offset;
    act->row = NULL;
    act->slot->line = 0;
    act->slot->entered = 0;
    act->last_line = 0;
    act->slot->outer_high = INT64_MIN;
    act->counts_hits = own;
    table->fn->calls += own;
    push(act, thread->stack);
    start_running(act, thread);
    remember(thread);
    return act;
}

void mpr_activation_rebase(struct mpr_activation *act)
{
    act->slot->function = act->table->offset;
    if (act->row)
        act->row = &act->table->rows[mpr_rec_row_of(act->table->fn, act->slot->line)];
}

bool mpr_activation_resume(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    detach(act, thread);
    if (thread->stack == &mpr_no_stack) {
        mpr_slots_give_back(act);
        return false;
    }
    push(act, thread->stack);
    run_on(act, thread, now);
    remember(thread);
    return true;
}

bool mpr_activation_settle(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    if (act->slot->state != MPR_ACT_OPEN || act->stack != thread->stack)
        return mpr_activation_resume(act, thread, now);
    leave_above(act, thread);
    return true;
}

static inline void open_line(struct mpr_activation *act, struct mpr_rec_activation *slot,
    struct mpr_thread *thread, uint32_t line, uint32_t index, const int64_t now[MPR_COUNTERS])
{
    act->row = &act->table->rows[index];
    act->row->hits += act->counts_hits;
    open_row(slot, thread->heap.counts, now);
    slot->line = line;
    enter_row(act, thread, line, index);
}

/* A line behind a stretch without any, or one that the code does not have. Apart, so that the usual
 * one saves no register for a call. */
__attribute__((noinline)) static void open_far_line(
    struct mpr_activation *act, struct mpr_thread *thread, uint32_t line, struct mpr_sample now)
{
    uint32_t index = mpr_rec_row_of(act->table->fn, line);
    if (index != UINT32_MAX) {
        int64_t counters[MPR_COUNTERS];
        read_counters(thread->heap.counts, now, counters);
        open_line(act, act->slot, thread, line, index, counters);
        return;
    }
    mpr_note(MPR_NOTE_LINE_OUTSIDE);
    leave_rows(act, thread);
    act->inside = act->context;
    act->row = NULL;
    act->slot->line = 0;
}

void mpr_activation_line(
    struct mpr_activation *act, struct mpr_thread *thread, uint32_t line, struct mpr_sample now)
{
    const struct mpr_rec_heap_counts *counts = counts_of(thread);
    struct mpr_rec_activation *slot = act->slot;
    int64_t counters[MPR_COUNTERS];
    read_counters(counts, now, counters);
    if (__builtin_expect(act->row != NULL, 1))
        close_row(act, slot, counts, counters);
    else if (slot->entered == 0)
        enter(act, now);
    act->last_line = line;
    const struct mpr_rec_function *fn = act->table->fn;
    uint32_t index = line - fn->id.first_line;
    if (__builtin_expect(index >= fn->at_start, 0))
        open_far_line(act, thread, line, now);
    else
        open_line(act, slot, thread, line, index, counters);
}

void mpr_activation_suspend(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    close_last(act, thread, now);
    leave(act, thread);
}

void mpr_activation_end(
    struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    close_last(act, thread, now);
    leave(act, thread);
    mpr_slots_give_back(act);
}

void mpr_activation_drop(struct mpr_activation *act, struct mpr_thread *thread)
{
    detach(act, thread);
    mpr_slots_give_back(act);
}

void mpr_activations_close(
    const struct mpr_thread *thread, struct mpr_thread *self, struct mpr_sample now)
{
    struct mpr_rec_heap_counts counts = *thread->heap.counts;
    struct mpr_activation *act;
    int64_t counters[MPR_COUNTERS];
    read_counters(&counts, now, counters);
    while ((act = thread->stack->innermost)) {
        if (act->row)
            close_row(act, act->slot, &counts, counters);
        note_interval(act, now);
        if (act->row && act->slot->outer_high > counts.high)
            counts.high = act->slot->outer_high;
        detach(act, self);
    }
}

static void drop_any(struct mpr_activation *act, void *data)
{
    mpr_activation_drop(act, data);
}

void mpr_activations_drop(struct mpr_thread *thread)
{
    mpr_slots_each(drop_any, thread);
}

static void drop_withdrawn(struct mpr_activation *act, void *data)
{
    if (act->table->fn->flags & MPR_REC_FN_WITHDRAWN)
        mpr_activation_drop(act, data);
}

void mpr_activations_withdraw(struct mpr_thread *thread)
{
    mpr_slots_each(drop_withdrawn, thread);
}

static void lose_rss(struct mpr_activation *act, void *data)
{
    (void)data;
    if (act->slot->state == MPR_ACT_OPEN && act->row)
        act->row->rss_max = MPR_REC_RSS_UNKNOWN;
}

void mpr_activations_rss_gap(struct mpr_thread *thread, bool over)
{
    if (over)
        mpr_slots_each(lose_rss, NULL);
    else
        for (struct mpr_activation *act = thread->stack->innermost; act; act = act->below)
            lose_rss(act, NULL);
}

/* --- stacks --- */

void mpr_stack_leave(struct mpr_thread *thread, struct mpr_sample now)
{
    struct mpr_activation *act = thread->stack->innermost;
    for (; act; act = act->below) {
        close_last(act, thread, now);
        stop_running(act, thread);
    }
    thread->stack = &mpr_no_stack;
    remember(thread);
}

void mpr_stack_enter(struct mpr_stack *stack, struct mpr_thread *thread, struct mpr_sample now)
{
    struct mpr_activation *act = stack->innermost;
    thread->stack = stack;
    while (act && act->below)
        act = act->below;
    for (; act; act = act->above) {
        act->context = act->below ? act->below->inside : 0;
        act->inside = act->context;
        run_on(act, thread, now);
    }
    remember(thread);
}

void mpr_stack_gone(struct mpr_stack *stack, struct mpr_thread *thread)
{
    while (stack->innermost)
        mpr_activation_drop(stack->innermost, thread);
}
