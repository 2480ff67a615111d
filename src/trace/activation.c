/* SPDX-License-Identifier: MIT */
/* Activations: slots in the recording, found by frame address.
 * Hot: a line event costs a close and an open, some forty stores and no call; a begin or an end a
 * hash insertion more. No allocation but when slots or buckets run out. */
#include <string.h>

#include "activation.h"

#define SLOTS_PER_BLOCK 64
#define FIRST_BUCKETS 256

static struct {
    struct mpr_rec_activation *free;
    struct mpr_rec_activation **bucket;
    size_t bucket_count; /* a power of two */
    size_t used;
} pool;

static size_t bucket_of(uint64_t frame)
{
    return (size_t)((frame >> 3) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (pool.bucket_count - 1);
}

struct mpr_rec_activation *mpr_activation_find(uint64_t frame)
{
    if (!pool.bucket)
        return NULL;
    struct mpr_rec_activation *act = pool.bucket[bucket_of(frame)];
    while (act && act->frame != frame)
        act = act->next;
    return act;
}

/* The old buckets stay behind: doubling bounds the waste by what is in use. */
static bool grow_buckets(void)
{
    size_t old_count = pool.bucket_count;
    struct mpr_rec_activation **old = pool.bucket;
    size_t count = old_count ? old_count * 2 : FIRST_BUCKETS;
    struct mpr_rec_activation **bucket = mpr_probe_alloc(count * sizeof *bucket);
    if (!bucket)
        return old != NULL;
    pool.bucket = bucket;
    pool.bucket_count = count;
    for (size_t i = 0; i < old_count; i++) {
        for (struct mpr_rec_activation *act = old[i], *next; act; act = next) {
            next = act->next;
            struct mpr_rec_activation **head = &bucket[bucket_of(act->frame)];
            act->next = *head;
            *head = act;
        }
    }
    return true;
}

static bool grow_slots(void)
{
    struct mpr_rec_slots *block;
    size_t size = sizeof *block + SLOTS_PER_BLOCK * sizeof block->slot[0];
    block = mpr_rec_append(mpr_probe->writer, MPR_REC_SLOTS, size);
    if (!block)
        return false;
    block->count = SLOTS_PER_BLOCK;
    for (size_t i = SLOTS_PER_BLOCK; i-- > 0;) {
        block->slot[i].offset = mpr_rec_last_offset(mpr_probe->writer) +
                                (uint64_t)((char *)&block->slot[i] - (char *)block);
        block->slot[i].next = pool.free;
        pool.free = &block->slot[i];
    }
    mpr_rec_publish(mpr_probe->writer);
    return true;
}

static struct mpr_rec_activation *take_slot(uint64_t frame)
{
    if (!pool.free && !grow_slots())
        return NULL;
    if (pool.used >= pool.bucket_count && !grow_buckets())
        return NULL;
    struct mpr_rec_activation *act = pool.free;
    pool.free = act->next;
    pool.used++;
    act->frame = frame;
    struct mpr_rec_activation **head = &pool.bucket[bucket_of(frame)];
    act->next = *head;
    *head = act;
    return act;
}

static void give_slot_back(struct mpr_rec_activation *act)
{
    struct mpr_rec_activation **at = &pool.bucket[bucket_of(act->frame)];
    while (*at != act)
        at = &(*at)->next;
    *at = act->next;
    act->state = MPR_ACT_FREE;
    act->frame = 0;
    act->next = pool.free;
    pool.free = act;
    pool.used--;
}

/* Become the innermost activation of the table in this thread. */
static void link_inside(struct mpr_rec_activation *act, uint32_t tid)
{
    struct mpr_rec_activation **at = &act->table->tops;
    while (*at && (*at)->thread != tid)
        at = &(*at)->sibling;
    struct mpr_rec_activation *top = *at;
    act->thread = tid;
    act->outer = top;
    act->inner = NULL;
    act->sibling = top ? top->sibling : NULL;
    if (top)
        top->inner = act;
    *at = act;
}

/* Usually the innermost one leaves; where C stacks are switched, also one from the middle. */
static void unlink_inside(struct mpr_rec_activation *act)
{
    if (act->outer)
        act->outer->inner = act->inner;
    if (act->inner) {
        act->inner->outer = act->outer;
        return;
    }
    struct mpr_rec_activation **at = &act->table->tops;
    while (*at != act)
        at = &(*at)->sibling;
    if (act->outer) {
        act->outer->sibling = act->sibling;
        *at = act->outer;
    } else {
        *at = act->sibling;
    }
}

static inline struct mpr_rec_heap_counts *counts_of(struct mpr_thread *thread)
{
    if (__builtin_expect((thread->quiet & MPR_QUIET_NEW) != 0, 0))
        mpr_thread_counts(thread);
    return thread->counts;
}

static inline int64_t level_of(const struct mpr_rec_heap_counts *counts)
{
    return (int64_t)(counts->allocated - counts->freed);
}

/* The thread's high mark starts anew at its present level; what it was belongs to what is around.
 */
static inline void open_row(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    struct mpr_rec_heap_counts *counts = counts_of(thread);
    act->base_rss = now.rss;
    act->base_ticks = now.ticks;
    act->charged_rss = 0;
    act->charged_ticks = 0;
    act->base_allocated = counts->allocated;
    act->base_freed = counts->freed;
    act->base_allocations = counts->allocations;
    act->charged_allocated = 0;
    act->charged_freed = 0;
    act->charged_allocations = 0;
    if (counts->high > act->outer_high)
        act->outer_high = counts->high;
    counts->high = level_of(counts);
    counts->high_when = 0;
}

/* Bytes and blocks of the thread since the row opened, and how far its level rose above both ends.
 */
static inline void close_heap(struct mpr_rec_activation *act, const struct mpr_thread *thread)
{
    const struct mpr_rec_heap_counts *counts = thread->counts;
    struct mpr_rec_activation *outer = act->outer;
    struct mpr_rec_row *row = act->row;
    int64_t allocated = (int64_t)(counts->allocated - act->base_allocated);
    int64_t freed = (int64_t)(counts->freed - act->base_freed);
    int64_t allocations = (int64_t)(counts->allocations - act->base_allocations);
    int64_t before = (int64_t)(act->base_allocated - act->base_freed);
    int64_t after = level_of(counts);
    int64_t spike = counts->high - (after > before ? after : before);
    row->heap_allocated += allocated - act->charged_allocated;
    row->heap_freed += freed - act->charged_freed;
    row->allocations += allocations - act->charged_allocations;
    if (spike > row->spike)
        row->spike = spike;
    if (outer) {
        outer->charged_allocated += allocated;
        outer->charged_freed += freed;
        outer->charged_allocations += allocations;
    }
}

static inline void close_row(
    struct mpr_rec_activation *act, const struct mpr_thread *thread, struct mpr_sample now)
{
    struct mpr_rec_row *row = act->row;
    if (!row)
        return;
    int64_t rss = now.rss - act->base_rss;
    int64_t ticks = now.ticks - act->base_ticks;
    row->rss_delta += rss - act->charged_rss;
    row->ticks += ticks - act->charged_ticks;
    row->rss = now.rss;
    if (now.rss > row->rss_max)
        row->rss_max = now.rss;
    struct mpr_rec_activation *outer = act->outer;
    if (outer) {
        outer->charged_rss += rss;
        outer->charged_ticks += ticks;
    }
    if (__builtin_expect(act->thread == thread->tid, 1))
        close_heap(act, thread);
}

/* --- the context: the path of open rows that allocations belong to --- */

static uint32_t place_of(struct mpr_table *table)
{
    if (table->place == 0) {
        const struct mpr_rec_identity *id = &table->fn->id;
        const char *record = (const char *)table->fn;
        table->place = mpr_probe->heap_ops->place(
            record + id->file, record + id->qualname, id->first_line, id->last_line);
    }
    return table->place;
}

/* The node of a row inside a context; the last answer of each row is kept. */
static uint32_t find_context(struct mpr_rec_activation *act, uint32_t line, uint32_t index)
{
    struct mpr_table *table = act->table;
    if (!table->contexts) {
        table->contexts = mpr_probe_alloc(table->fn->row_count * sizeof *table->contexts);
        if (!table->contexts)
            return act->context;
    }
    struct mpr_row_context *kept = &table->contexts[index];
    kept->inside = mpr_probe->heap_ops->row(act->context, place_of(table), line);
    kept->outside = act->context + 1;
    return kept->inside;
}

static inline void enter_row(
    struct mpr_rec_activation *act, struct mpr_thread *thread, uint32_t line, uint32_t index)
{
    if (!mpr_probe->heap)
        return;
    const struct mpr_row_context *kept = act->table->contexts ? &act->table->contexts[index] : NULL;
    thread->context =
        kept && kept->outside == act->context + 1 ? kept->inside : find_context(act, line, index);
}

/* The high mark covers what is around again. */
static inline void leave_rows(struct mpr_rec_activation *act, struct mpr_thread *thread)
{
    struct mpr_rec_heap_counts *counts = counts_of(thread);
    thread->context = act->context;
    if (act->row && act->outer_high > counts->high) {
        counts->high = act->outer_high;
        counts->high_when = 0;
    }
}

static void start_running(struct mpr_rec_activation *act, struct mpr_thread *thread)
{
    act->seq = ++mpr_probe->seq;
    act->context = thread->context;
    link_inside(act, thread->tid);
    __atomic_store_n(&act->state, MPR_ACT_OPEN, __ATOMIC_RELEASE);
}

struct mpr_rec_activation *mpr_activation_begin(
    struct mpr_table *table, uint64_t frame, bool own, struct mpr_thread *thread)
{
    struct mpr_rec_activation *act = take_slot(frame);
    if (!act)
        return NULL;
    act->table = table;
    act->function = table->offset;
    act->row = NULL;
    act->line = 0;
    act->last_line = 0;
    act->outer_high = INT64_MIN;
    act->counts_hits = own;
    table->fn->calls += own;
    start_running(act, thread);
    return act;
}

void mpr_activation_rebase(struct mpr_rec_activation *act)
{
    act->function = act->table->offset;
    if (act->row)
        act->row = &act->table->rows[act->line - act->table->fn->id.first_line];
}

void mpr_activation_resume(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    if (act->function != act->table->offset)
        mpr_activation_rebase(act);
    act->outer_high = INT64_MIN;
    open_row(act, thread, now);
    start_running(act, thread);
    if (act->row)
        enter_row(act, thread, act->line, act->line - act->table->fn->id.first_line);
}

void mpr_activation_line(
    struct mpr_rec_activation *act, struct mpr_thread *thread, uint32_t line, struct mpr_sample now)
{
    const struct mpr_rec_function *fn = act->table->fn;
    close_row(act, thread, now);
    act->last_line = line;
    uint32_t index = line - fn->id.first_line;
    if (__builtin_expect(index >= fn->row_count, 0)) {
        mpr_probe->header->dropped++;
        leave_rows(act, thread);
        act->row = NULL;
        act->line = 0;
        return;
    }
    act->row = &act->table->rows[index];
    act->row->hits += act->counts_hits;
    open_row(act, thread, now);
    act->line = line;
    enter_row(act, thread, line, index);
}

void mpr_activation_suspend(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    close_row(act, thread, now);
    leave_rows(act, thread);
    act->state = MPR_ACT_SUSPENDED;
    unlink_inside(act);
}

void mpr_activation_end(
    struct mpr_rec_activation *act, struct mpr_thread *thread, struct mpr_sample now)
{
    if (act->state == MPR_ACT_OPEN) {
        close_row(act, thread, now);
        if (act->thread == thread->tid)
            leave_rows(act, thread);
        unlink_inside(act);
    }
    give_slot_back(act);
}
