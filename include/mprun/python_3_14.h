/* SPDX-License-Identifier: MIT */
/* CPython 3.14 and 3.15: inline access to frames. Internal headers: the public ways to a frame make
 * a frame object or cost a call at each allocation. */
#ifndef MPRUN_PYTHON_3_14_H
#define MPRUN_PYTHON_3_14_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdbool.h>

#if PY_VERSION_HEX < 0x030e0000 || PY_VERSION_HEX >= 0x03100000
#error "this header is for CPython 3.14 and 3.15"
#endif

#include <internal/pycore_code.h>
#include <internal/pycore_interpframe.h>

/* A freed int is kept for the next one (Include/internal/pycore_freelist_state.h). */
#define MPR_INTS_ARE_KEPT true

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

static inline PyCodeObject *mpr_frame_code(const _PyInterpreterFrame *frame)
{
    return (PyCodeObject *)PyStackRef_AsPyObjectBorrow(frame->f_executable);
}

/* The instruction that the frame is at. */
static inline const _Py_CODEUNIT *mpr_frame_at(const _PyInterpreterFrame *frame)
{
    return frame->instr_ptr;
}

/* Code of the interpreter's own, read-only, that stands between two frames: it has no line. */
static inline bool mpr_code_is_shim(const PyCodeObject *code)
{
    return code->_co_firsttraceable >= Py_SIZE(code);
}

/* Between frames of Python lie those by which the interpreter's loop is entered. */
static inline bool mpr_frame_is_shim(const _PyInterpreterFrame *frame)
{
    return frame->owner >= FRAME_OWNED_BY_INTERPRETER ||
           !PyCode_Check((PyObject *)mpr_frame_code(frame)) ||
           mpr_code_is_shim(mpr_frame_code(frame));
}

#include "mprun/python_monitoring.h"

#endif
