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

static inline PyCodeObject *mpr_frame_code(const _PyInterpreterFrame *frame)
{
    return (PyCodeObject *)PyStackRef_AsPyObjectBorrow(frame->f_executable);
}

/* The interpreter's loop was entered by it. */
static inline bool mpr_frame_is_entry(const _PyInterpreterFrame *frame)
{
    return frame->owner >= FRAME_OWNED_BY_INTERPRETER ||
           !PyCode_Check((PyObject *)mpr_frame_code(frame));
}

#include "mprun/python_since_3_13.h"

#endif
