/* SPDX-License-Identifier: MIT */
/* CPython 3.11: what it allocates only because it is traced. */
#include "mprun/python.h"

#include <internal/pycore_gc.h>

#include "mprun/heap.h"
#include "mprun/python_heap.h"

/* An object that the garbage collector knows has a head in front, which its block begins with. */
static const void *block_of(const void *object)
{
    return (const char *)object - sizeof(PyGC_Head);
}

void mpr_python_exclude_object(PyObject *collectable)
{
    mpr_heap_exclude(&mpr_thread_block, block_of(collectable));
}

void mpr_python_exclude_lines(PyFrameObject *frame)
{
    const PyCodeObject *code = frame->f_frame->f_code;
    if (code->_co_linearray)
        mpr_heap_exclude(&mpr_thread_block, code->_co_linearray);
}

/* As Objects/frameobject.c allocates it: a variable-sized object with the frame's slots inside. */
void mpr_python_include_frame(PyFrameObject *frame)
{
    const PyCodeObject *code = frame->f_frame->f_code;
    size_t slots = (size_t)code->co_nlocalsplus + (size_t)code->co_stacksize;
    size_t size = sizeof(PyGC_Head) + _PyObject_VAR_SIZE(&PyFrame_Type, (Py_ssize_t)slots);
    mpr_heap_include(&mpr_thread_block, block_of(frame), size);
}
