/* SPDX-License-Identifier: MIT */
/* Frames, threads and tables that any event may happen to, in any state: what the unit test of the
 * machine and its fuzz target have in common. What must hold after each event aborts if it does
 * not. */
#ifndef MPRUN_TESTS_ACTIVATION_WORLD_H
#define MPRUN_TESTS_ACTIVATION_WORLD_H

#include <stdio.h>
#include <stdlib.h>

#include "activation.h"
#include "attached.h"
#include "slots.h"
#include "tables.h"

enum world_event {
    WORLD_START,
    WORLD_RESUME, /* or a throw */
    WORLD_LINE,
    WORLD_YIELD,
    WORLD_RETURN, /* or an unwind */
    WORLD_WITHDRAW,
    WORLD_FRAME_FREED,
    WORLD_THREAD_GONE,
    WORLD_SWITCH, /* the stack is left and another one entered */
    WORLD_SESSION_ENDS,
    WORLD_EVENTS
};

#define WORLD_FRAMES 12
#define WORLD_THREADS 3
#define WORLD_TABLES 3
#define WORLD_STACKS 6 /* two a thread */
#define WORLD_LINES 20

struct world {
    struct mpr_thread thread[WORLD_THREADS];
    struct mpr_stack stack[WORLD_STACKS];
    struct mpr_function_rows *table[WORLD_TABLES];
    uint64_t hits[WORLD_TABLES], calls[WORLD_TABLES];
    uint64_t first_frame;
    int64_t clock;
};

static inline void world_require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static inline void world_init(struct world *world, unsigned number)
{
    char name[32];
    *world = (struct world){.first_frame = (uint64_t)(number + 1) << 20, .clock = 1};
    for (uint32_t i = 0; i < WORLD_THREADS; i++) {
        world->thread[i].tid = i + 1;
        world->thread[i].stack = &world->stack[i];
        mpr_thread_counts(&world->thread[i]);
    }
    for (int i = 0; i < WORLD_TABLES; i++) {
        snprintf(name, sizeof name, "world_%u_%d", number, i);
        struct mpr_key key = {.file = "world.py",
            .qualname = name,
            .module = "__main__",
            .first_line = 1,
            .last_line = WORLD_LINES};
        world->table[i] = mpr_function_rows_add(&key, MPR_REC_BY_DEFAULT);
        world_require(world->table[i] != NULL, "there is room for a table");
    }
}

static inline uint64_t world_frame(const struct world *world, unsigned frame)
{
    return world->first_frame + 0x100 * (frame % WORLD_FRAMES);
}

/* A frame is always of the same code. */
static inline unsigned world_table(unsigned frame)
{
    return frame % WORLD_FRAMES % WORLD_TABLES;
}

/* Time and memory only grow: so no row may ever be negative. */
static inline struct mpr_sample world_now(struct world *world, struct mpr_thread *thread)
{
    world->clock += 3;
    thread->heap.counts->allocated += 48;
    thread->heap.counts->freed += 16;
    thread->heap.counts->allocations++;
    int64_t level = (int64_t)(thread->heap.counts->allocated - thread->heap.counts->freed);
    if (level > thread->heap.counts->high)
        thread->heap.counts->high = level;
    return (struct mpr_sample){4096 * world->clock, world->clock};
}

static inline struct mpr_activation *world_find(const struct world *world, unsigned frame)
{
    return mpr_slots_find(world_frame(world, frame));
}

/* As the backends do: what the thread runs is settled first. NULL: it is free. */
static inline struct mpr_activation *world_settle(
    struct world *world, struct mpr_thread *thread, unsigned frame)
{
    struct mpr_activation *act = world_find(world, frame);
    if (!act || thread->stack->innermost == act)
        return act;
    return mpr_activation_settle(act, thread, world_now(world, thread)) ? act : NULL;
}

static inline void world_enter(
    struct world *world, struct mpr_thread *thread, unsigned frame, bool started)
{
    unsigned table = world_table(frame);
    struct mpr_activation *act = started ? world_find(world, frame) : NULL;
    if (act && mpr_activation_resume(act, thread, world_now(world, thread)))
        return;
    act = mpr_activation_start(world->table[table], world_frame(world, frame), true, thread);
    world_require(act != NULL, "there is room for an activation");
    world->calls[table]++;
}

static inline void world_line(
    struct world *world, struct mpr_thread *thread, unsigned frame, uint32_t line)
{
    struct mpr_activation *act = world_settle(world, thread, frame);
    line = 1 + line % WORLD_LINES;
    if (!act || act->last_line == line)
        return;
    mpr_activation_line(act, thread, line, world_now(world, thread));
    world->hits[world_table(frame)]++;
}

static inline void world_withdraw(struct world *world, struct mpr_thread *thread, unsigned table)
{
    uint32_t *flags = &world->table[table]->fn->flags;
    *flags |= MPR_REC_FN_WITHDRAWN;
    mpr_activations_withdraw(thread);
    *flags &= ~MPR_REC_FN_WITHDRAWN; /* a decorator selects it again */
}

/* … for all threads, and one of them tells. */
static inline void world_close(struct world *world, struct mpr_thread *self)
{
    struct mpr_sample now = world_now(world, self);
    for (int i = 0; i < WORLD_THREADS; i++)
        mpr_activations_close(&world->thread[i], self, now);
}

static inline void world_happen(
    struct world *world, enum world_event event, unsigned who, unsigned frame, unsigned detail)
{
    struct mpr_thread *thread = &world->thread[who % WORLD_THREADS];
    struct mpr_activation *act;
    switch (event) {
    case WORLD_START:
    case WORLD_RESUME:
        world_enter(world, thread, frame, event == WORLD_RESUME);
        break;
    case WORLD_LINE:
        world_line(world, thread, frame, detail);
        break;
    case WORLD_YIELD:
        if ((act = world_settle(world, thread, frame)))
            mpr_activation_suspend(act, thread, world_now(world, thread));
        break;
    case WORLD_RETURN:
        if ((act = world_settle(world, thread, frame)))
            mpr_activation_end(act, thread, world_now(world, thread));
        break;
    case WORLD_WITHDRAW:
        world_withdraw(world, thread, world_table(frame));
        break;
    case WORLD_FRAME_FREED:
        if ((act = world_find(world, frame)))
            mpr_activation_drop(act, thread);
        break;
    case WORLD_THREAD_GONE: /* another thread notices */
        mpr_stack_gone(thread->stack, &world->thread[(who + 1) % WORLD_THREADS]);
        thread->heap.context = 0;
        break;
    case WORLD_SWITCH: {
        unsigned now = (unsigned)(thread->stack - world->stack);
        mpr_stack_leave(thread, world_now(world, thread));
        mpr_stack_enter(
            &world->stack[(now + WORLD_THREADS) % WORLD_STACKS], thread, world_now(world, thread));
        break;
    }
    case WORLD_SESSION_ENDS:
        world_close(world, thread);
        break;
    case WORLD_EVENTS:
        break;
    }
}

/* --- what holds --- */

static inline const struct mpr_thread *world_runner(
    const struct world *world, const struct mpr_stack *stack)
{
    for (int i = 0; i < WORLD_THREADS; i++)
        if (world->thread[i].stack == stack)
            return &world->thread[i];
    return NULL;
}

/* The open activation of the table that is next below, as `outer` must have it. */
static inline const struct mpr_activation *world_outer(const struct mpr_activation *act)
{
    const struct mpr_activation *below = act->below;
    while (below && below->table != act->table)
        below = below->below;
    return below;
}

static inline unsigned world_check_stack(const struct world *world, const struct mpr_stack *stack)
{
    const struct mpr_thread *runner = world_runner(world, stack);
    const struct mpr_activation *above = NULL;
    unsigned count = 0;
    for (const struct mpr_activation *act = stack->innermost; act; act = act->below) {
        world_require(++count <= WORLD_FRAMES, "a stack has an end");
        world_require(act->stack == stack && act->above == above, "neighbours know each other");
        world_require(act->slot->state == (runner ? MPR_ACT_OPEN : MPR_ACT_SUSPENDED),
            "open where its stack runs, suspended where it waits");
        if (runner) {
            world_require(act->slot->thread == runner->tid, "it is its thread's");
            world_require(act->outer == world_outer(act), "outer is the next one of the table");
            world_require(!act->outer || act->outer->inner == act, "and knows it");
        }
        above = act;
    }
    return count;
}

static inline unsigned world_check_innermost(const struct mpr_function_rows *table)
{
    unsigned count = 0, seen = 0;
    for (const struct mpr_activation *top = table->innermost_by_thread; top; top = top->sibling) {
        world_require(!(seen & 1u << top->slot->thread), "one top a thread");
        seen |= 1u << top->slot->thread;
        world_require(top->inner == NULL, "a top is innermost");
        for (const struct mpr_activation *act = top; act; act = act->outer) {
            world_require(++count <= WORLD_FRAMES, "a chain has an end");
            world_require(act->slot->state == MPR_ACT_OPEN && act->table == table,
                "a chain is of open "
                "ones");
        }
    }
    return count;
}

static inline void world_check_rows(const struct world *world, unsigned which)
{
    const struct mpr_function_rows *table = world->table[which];
    uint64_t hits = 0;
    for (uint32_t i = 0; i < table->fn->row_count; i++) {
        const struct mpr_rec_row *row = &table->rows[i];
        hits += row->hits;
        for (int counter = 0; counter < MPR_COUNTERS; counter++)
            world_require(row->sum[counter] >= 0, "no row is charged less than nothing");
        world_require(row->spike >= 0, "nor is there a spike below the ends");
        world_require(row->sum[MPR_COUNTER_TICKS] <= world->clock, "nor more than there was");
        world_require(row->sum[MPR_COUNTER_ALLOCATED] == 3 * row->sum[MPR_COUNTER_FREED] &&
                          row->sum[MPR_COUNTER_FREED] == 16 * row->sum[MPR_COUNTER_ALLOCATIONS],
            "what happens together is charged together");
    }
    world_require(hits == world->hits[which], "each line event is a hit");
    world_require(table->fn->calls == world->calls[which], "each start is a call");
}

static inline void world_check(const struct world *world)
{
    unsigned open = 0, standing = 0, in_chains = 0, in_stacks = 0;
    for (unsigned i = 0; i < WORLD_FRAMES; i++) {
        const struct mpr_activation *act = world_find(world, i);
        open += act && act->slot->state == MPR_ACT_OPEN;
        standing += act && act->stack;
        world_require(!act || act->slot->state != MPR_ACT_FREE, "what is found is not free");
    }
    for (int i = 0; i < WORLD_STACKS; i++)
        in_stacks += world_check_stack(world, &world->stack[i]);
    for (unsigned i = 0; i < WORLD_TABLES; i++) {
        in_chains += world_check_innermost(world->table[i]);
        world_check_rows(world, i);
    }
    world_require(in_stacks == standing, "what says that it stands in a stack does");
    world_require(in_chains == open, "each open one is in its table's chain");
}

/* Everything ends: nothing may be left. */
static inline void world_end(struct world *world)
{
    for (unsigned i = 0; i < WORLD_FRAMES; i++)
        world_happen(world, WORLD_FRAME_FREED, 0, i, 0);
    world_check(world);
    for (int i = 0; i < WORLD_STACKS; i++)
        world_require(!world->stack[i].innermost, "all stacks are empty");
    for (int i = 0; i < WORLD_TABLES; i++)
        world_require(!world->table[i]->innermost_by_thread, "all chains are");
}

#endif
