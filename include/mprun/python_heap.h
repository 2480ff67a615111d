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

/* Hook the allocators of all three domains and the one of arenas. After pre-initialisation, which
 * resets them, and before initialisation. */
void mpr_python_hook_allocators(void);

/* Python is initialised: from here on lines can be found. GIL held. -1 if CPython has no room left
 * in its code objects. */
int mpr_python_heap_start(void);

/* `exiting` is to be called when the program is over, its threads and exit handlers included, and
 * `collected` whenever the interpreter has finished a collection after that; but only if the end
 * was said to be near. After initialisation, GIL held, quietly; -1 with an exception set. */
int mpr_python_watch_end(void (*exiting)(void), void (*collected)(void));

/* The program's own code is over, or cannot be seen to end: an exit handler is registered. Before
 * that a program would count it (atexit._ncallbacks) and could clear it. GIL held; an exception
 * that is set stays set. */
void mpr_python_end_nears(void);

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

#endif
