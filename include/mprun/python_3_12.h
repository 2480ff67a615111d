/* SPDX-License-Identifier: MIT */
/* CPython 3.12: inline access to frames. Internal headers: the public ways to a frame make a frame
 * object or cost a call at each allocation. */
#ifndef MPRUN_PYTHON_3_12_H
#define MPRUN_PYTHON_3_12_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdbool.h>

#if PY_VERSION_HEX < 0x030c0000 || PY_VERSION_HEX >= 0x030d0000
#error "this header is for CPython 3.12"
#endif

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>

/* Ints that are not needed go back to their allocator. */
#define MPR_INTS_ARE_KEPT false

/* Not declared for those outside of CPython until 3.13. */
PyAPI_FUNC(int) _Py_IsFinalizing(void);

/* Micro releases have not moved the interpreter's state. */
static inline bool mpr_state_is_known(void)
{
    return true;
}

/* Since 3.12 what CPython knows as a thread's current state is its state while it holds a GIL. */
static inline PyThreadState *mpr_state_if_held(void)
{
    return _PyThreadState_UncheckedGet();
}

static inline bool mpr_python_finalizing(void)
{
    return _Py_IsFinalizing();
}

static inline _PyInterpreterFrame *mpr_frame_current(const PyThreadState *ts)
{
    return ts->cframe->current_frame;
}

static inline PyCodeObject *mpr_frame_code(const _PyInterpreterFrame *frame)
{
    return frame->f_code;
}

/* The instruction that the frame is at. */
static inline const _Py_CODEUNIT *mpr_frame_at(const _PyInterpreterFrame *frame)
{
    return frame->prev_instr;
}

/* The interpreter's loop was entered by it. */
static inline bool mpr_frame_is_entry(const _PyInterpreterFrame *frame)
{
    return frame->owner == FRAME_OWNED_BY_CSTACK;
}

#include "mprun/python_since_3_12.h"

#endif
