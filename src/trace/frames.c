/* SPDX-License-Identifier: MIT */
/* How a frame comes to its activation. */
#include "frames.h"

#include "mprun/rss.h"

static void start_thread(struct mpr_thread *thread)
{
    if (thread->stack_low == (char *)UINTPTR_MAX)
        mpr_thread_enter(thread);
    mpr_thread_start(thread);
}

struct mpr_thread *mpr_frames_thread(void)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (__builtin_expect(!thread->ready, 0))
        start_thread(thread);
    return thread;
}

void mpr_frames_enter(struct mpr_thread *thread, const struct mpr_selected *selected,
    uint64_t frame, struct mpr_rec_activation *act, bool resumed)
{
    struct mpr_sample now = mpr_rss_sample(thread);
    if (act && resumed && act->state == MPR_ACT_SUSPENDED && act->table == selected->table) {
        mpr_activation_resume(act, thread, now);
        mpr_frames_remember(thread, act);
        return;
    }
    if (act) /* its end was never seen: another tracer took over, or the frame was freed */
        mpr_activation_end(act, thread, now);
    act = mpr_activation_begin(selected->table, frame, selected->own, thread);
    if (!act) {
        mpr_probe->header->dropped++;
        return;
    }
    if (selected->own && selected->table->fn->rss_entry == 0)
        selected->table->fn->rss_entry = now.rss;
    mpr_frames_remember(thread, act);
}
