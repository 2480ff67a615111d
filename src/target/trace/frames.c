/* SPDX-License-Identifier: MIT */
/* How a frame comes to its activation. */
#include "frames.h"

#include <errno.h>

#include "activation.h"
#include "intervals.h"
#include "leaving.h"
#include "mprun/rss.h"
#include "mprun/trace.h"
#include "slots.h"

static void start_thread(struct mpr_thread *thread)
{
    int saved = errno; /* a fault ring may be refused */
    if (thread->trace.stack_low == (char *)UINTPTR_MAX)
        mpr_thread_enter(thread);
    mpr_thread_start(thread);
    errno = saved;
}

struct mpr_thread *mpr_frames_thread(void)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (__builtin_expect(!thread->ready, 0))
        start_thread(thread);
    return thread;
}

static void stack_left(struct mpr_stack *stack)
{
    mpr_stack_gone(stack, &mpr_thread_block);
    mpr_leaving_forget(stack);
}

void mpr_frames_start(void)
{
    mpr_stack_set_left(stack_left);
    mpr_leaving_start();
}

void mpr_frames_stop(void)
{
    mpr_stack_set_left(NULL);
    mpr_leaving_stop();
    mpr_intervals_stop();
    mpr_slots_stop();
}

static void close_rows(struct mpr_thread *thread, void *data)
{
    mpr_activations_close(thread, &mpr_thread_block, *(const struct mpr_sample *)data);
}

/* Who closes them may have run no selected code, and gets no record for this. */
void mpr_trace_close_rows(void)
{
    struct mpr_sample now = mpr_rss_sample(&mpr_thread_block);
    mpr_thread_each(close_rows, &now);
}

void mpr_trace_drop_rows(void)
{
    mpr_activations_drop(&mpr_thread_block);
}

void mpr_trace_rss_gap(struct mpr_thread *thread, bool over)
{
    mpr_activations_rss_gap(thread, over);
}

void mpr_frames_enter(
    struct mpr_thread *thread, const struct mpr_selected *selected, uint64_t frame, bool started)
{
    struct mpr_activation *act = started ? mpr_slots_find(frame) : NULL;
    struct mpr_sample now = mpr_rss_sample(thread);
    if (act && act->table == selected->table && mpr_activation_resume(act, thread, now))
        return;
    act = mpr_activation_start(selected->table, frame, selected->own, thread);
    if (!act) {
        mpr_probe->header->counts.dropped++;
        return;
    }
    if (selected->own && selected->table->fn->rss_entry == 0 && !mpr_probe->header->rss.lost)
        selected->table->fn->rss_entry = now.rss;
}

/* Its call began before anything was counted. */
struct mpr_activation *mpr_frames_adopt(const struct mpr_selected *selected, uint64_t frame)
{
    struct mpr_thread *thread = mpr_frames_thread();
    struct mpr_activation *act =
        mpr_activation_start(selected->table, frame, selected->own, thread);
    if (act)
        selected->table->fn->calls -= selected->own;
    return act;
}

struct mpr_activation *mpr_frames_settle(uint64_t frame)
{
    struct mpr_activation *act = mpr_slots_find(frame);
    if (!act)
        return NULL;
    struct mpr_thread *thread = mpr_frames_thread();
    return mpr_activation_settle(act, thread, mpr_rss_sample(thread)) ? act : NULL;
}
