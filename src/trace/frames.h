/* SPDX-License-Identifier: MIT */
/* From a frame's events to its activation, for both backends. Frames are numbers here: their
 * addresses. GIL held. */
#ifndef MPRUN_TRACE_FRAMES_H
#define MPRUN_TRACE_FRAMES_H

#include "select.h"

/* The thread is about to run selected code: it is known to the recording from here on. */
struct mpr_thread *mpr_frames_thread(void);

/* A selected frame starts to run, or, `resumed`, goes on; `act` is what was found for it. */
void mpr_frames_enter(struct mpr_thread *thread, const struct mpr_selected *selected,
    uint64_t frame, struct mpr_rec_activation *act, bool resumed);

/* The thread's latest activation is this one. */
static inline void mpr_frames_remember(struct mpr_thread *thread, struct mpr_rec_activation *act)
{
    thread->current = act;
    if (thread->record)
        thread->record->current = act->offset;
}

/* The frame's activation, which is the latest then; NULL if it has none. */
static inline struct mpr_rec_activation *mpr_frames_find(struct mpr_thread *thread, uint64_t frame)
{
    struct mpr_rec_activation *act = thread->current;
    if (__builtin_expect(act && act->frame == frame, 1))
        return act;
    act = mpr_activation_find(frame);
    if (act)
        mpr_frames_remember(thread, act);
    return act;
}

#endif
