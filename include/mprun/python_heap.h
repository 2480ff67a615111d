/* SPDX-License-Identifier: MIT */
/* Python's allocators and the lines that call them, and what CPython allocates to be watched. */
#ifndef MPRUN_PYTHON_HEAP_H
#define MPRUN_PYTHON_HEAP_H

#include <Python.h>

#include "mprun/base.h"
#include "mprun/probe.h"

/* As mpr_guard_begin, for where objects are made that the collector knows of. Before 3.12 a
 * collection may start with each, and would run code of the program's uncounted: it starts with the
 * program's next object instead. GIL held. What it returns goes to the end. */
static inline int mpr_python_guard_begin(void)
{
    mpr_guard_begin(&mpr_thread_block);
    return PyGC_Disable();
}

static inline void mpr_python_guard_end(int collects)
{
    if (collects)
        PyGC_Enable();
    mpr_guard_end(&mpr_thread_block);
}

/* What CPython took to be able to trace is not the program's. GIL held in all that follow.
 *
 * 3.11: an object (a frame's, a bound method). */
void mpr_python_exclude_object(PyObject *collectable);
/* At a frame's first line event: nor is its code's array of lines. */
void mpr_python_exclude_lines(PyFrameObject *frame);
/* Without tracing the frame's object would exist by now: an exception passes, or somebody holds it.
 */
void mpr_python_include_frame(PyFrameObject *frame);

/* From 3.12 on: the number (of a line, an offset) that an event brings, and a code object's tables.
 */
void mpr_python_exclude_number(PyObject *number);
void mpr_python_exclude_tables(PyCodeObject *code);
/* Where freed ints are kept (MPR_INTS_ARE_KEPT): an event's int that was excluded; the program's
 * own allocations stay what they are. */
void mpr_python_keep_number(PyObject *number, uint64_t bytes);
/* The session is over: CPython's lists are its own again. */
void mpr_python_keep_no_number(void);

#endif
