/* SPDX-License-Identifier: MIT */
/* CPython 3.13: inline access to frames. Internal headers: the public ways to a frame make a frame
 * object or cost a call at each allocation. */
#ifndef MPRUN_PYTHON_3_13_H
#define MPRUN_PYTHON_3_13_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdbool.h>

#if PY_VERSION_HEX < 0x030d0000 || PY_VERSION_HEX >= 0x030e0000
#error "this header is for CPython 3.13"
#endif

#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>

/* Ints that are not needed go back to their allocator. */
#define MPR_INTS_ARE_KEPT false

static inline PyCodeObject *mpr_frame_code(const _PyInterpreterFrame *frame)
{
    return (PyCodeObject *)frame->f_executable;
}

/* The interpreter's loop was entered by it. */
static inline bool mpr_frame_is_entry(const _PyInterpreterFrame *frame)
{
    return frame->owner == FRAME_OWNED_BY_CSTACK || !PyCode_Check(frame->f_executable);
}

#include "mprun/python_since_3_13.h"

#endif
