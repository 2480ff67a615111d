/* SPDX-License-Identifier: MIT */
/* From a frame's events to its activation, for both backends. Frames are numbers here: their
 * addresses. GIL held. */
#ifndef MPRUN_TRACE_FRAMES_H
#define MPRUN_TRACE_FRAMES_H

#include "select.h"

/* Before the first event. */
void mpr_frames_start(void);
/* After the last one. */
void mpr_frames_stop(void);

/* The thread is about to run selected code: it is known to the recording from here on. */
struct mpr_thread *mpr_frames_thread(void);

/* A selected frame starts to run, or, `started`, goes on. */
void mpr_frames_enter(
    struct mpr_thread *thread, const struct mpr_selected *selected, uint64_t frame, bool started);

/* A selected frame has run for a while, before the session was: from here on it has rows. NULL if
 * there is no room. */
struct mpr_activation *mpr_frames_adopt(const struct mpr_selected *selected, uint64_t frame);

/* The activation of a frame that runs in this thread and is not its innermost one yet; NULL if it
 * has none. */
struct mpr_activation *mpr_frames_settle(uint64_t frame);

/* The activation of a frame that runs in this thread, which is its innermost one then; NULL if it
 * has none. */
static inline struct mpr_activation *mpr_frames_running(
    const struct mpr_thread *thread, uint64_t frame)
{
    struct mpr_activation *act = thread->stack->innermost;
    if (__builtin_expect(act && act->frame == frame, 1))
        return act;
    return mpr_frames_settle(frame);
}

#endif
