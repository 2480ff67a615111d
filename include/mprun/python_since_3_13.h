/* SPDX-License-Identifier: MIT */
/* What all CPythons from 3.13 on have in common, behind the header of a family. */
#ifndef MPRUN_PYTHON_SINCE_3_13_H
#define MPRUN_PYTHON_SINCE_3_13_H

static inline PyThreadState *mpr_state_if_held(void)
{
    return PyThreadState_GetUnchecked();
}

static inline bool mpr_python_finalizing(void)
{
    return Py_IsFinalizing();
}

static inline _PyInterpreterFrame *mpr_frame_current(const PyThreadState *ts)
{
    return ts->current_frame;
}

/* The instruction that the frame is at. */
static inline const _Py_CODEUNIT *mpr_frame_at(const _PyInterpreterFrame *frame)
{
    return frame->instr_ptr;
}

#include "mprun/python_since_3_12.h"

#endif
