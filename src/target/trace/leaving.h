/* SPDX-License-Identifier: MIT */
/* What a call releases after its last row: its frame's locals die between the event of its end and
 * the caller's going on, and no event tells when they are gone. So each free of the thread is
 * looked at meanwhile. GIL held in all calls. */
#ifndef MPRUN_TRACE_LEAVING_H
#define MPRUN_TRACE_LEAVING_H

#include "activation.h"
#include "mprun/python.h"

void mpr_leaving_start(void);
void mpr_leaving_stop(void);

/* mpr_activation_end, at the event by which the frame is left; what is freed from here on until the
 * frame is gone is the function's `freed_on_return`. Not where an outer call of the same function
 * goes on: its row has that. */
void mpr_leaving_end(struct mpr_activation *act, struct mpr_thread *thread, struct mpr_sample now,
    const _PyInterpreterFrame *frame);

/* The stack's thread or greenlet has ended, or others run before it goes on. */
void mpr_leaving_forget(struct mpr_stack *stack);

/* Until it is called with false: the thread state may say what is not so (greenlet, in the midst of
 * a switch), and is not looked at. What is freed meanwhile is added up with the next free. */
void mpr_leaving_pause(bool pause);

/* Until then no call is watched, and `freed_on_return` says less than there was. */
void mpr_leaving_withhold(bool withhold);

#endif
