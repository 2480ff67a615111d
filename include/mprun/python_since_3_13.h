/* SPDX-License-Identifier: MIT */
/* What all CPythons from 3.13 on have in common, behind the header of a family. */
#ifndef MPRUN_PYTHON_SINCE_3_13_H
#define MPRUN_PYTHON_SINCE_3_13_H

#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>

/* Fields deep in the interpreter's state may lie elsewhere in another micro release than the one
 * that mprun was built with: CPython says itself how large its structures are. */
static inline bool mpr_state_is_known(void)
{
    return Py_Version == PY_VERSION_HEX ||
           (_PyRuntime.debug_offsets.runtime_state.size == sizeof _PyRuntime &&
               _PyRuntime.debug_offsets.interpreter_state.size == sizeof(PyInterpreterState));
}

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
