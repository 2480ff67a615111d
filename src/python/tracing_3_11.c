/* SPDX-License-Identifier: MIT */
/* CPython 3.11: the end of the program as the interpreter sees it, and what it allocates only
 * because it is traced. */
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#include <string.h>

#include "mprun/heap.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"

/* --- the end --- */

static void (*on_collected)(void);

static PyObject *collection(PyObject *self, PyObject *args)
{
    const char *phase = NULL;
    PyObject *info;
    (void)self;
    if (_Py_IsFinalizing() && PyArg_ParseTuple(args, "sO", &phase, &info) &&
        strcmp(phase, "stop") == 0 && mpr_probe->heap)
        on_collected();
    PyErr_Clear();
    Py_RETURN_NONE;
}

static PyMethodDef collection_definition = {"mprun", collection, METH_VARARGS, NULL};

/* gc.callbacks, without importing gc: the list is the interpreter's. */
void mpr_python_watch_end(void (*collected)(void))
{
    struct mpr_thread *thread = &mpr_thread_block;
    PyObject *callbacks = PyInterpreterState_Get()->gc.callbacks;
    PyObject *type, *value, *traceback;
    if (!callbacks || !PyList_CheckExact(callbacks) || on_collected)
        return;
    on_collected = collected;
    mpr_quiet_begin(thread);
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *callback = PyCFunction_New(&collection_definition, NULL);
    if (!callback || PyList_Append(callbacks, callback) < 0)
        PyErr_Clear();
    Py_XDECREF(callback);
    PyErr_Restore(type, value, traceback);
    mpr_quiet_end(thread);
}

/* --- what tracing takes --- */

/* An object that the garbage collector knows has a head in front, which its block begins with. */
static const void *block_of(PyFrameObject *frame)
{
    return (const char *)frame - sizeof(PyGC_Head);
}

void mpr_python_disown_frame(PyFrameObject *frame)
{
    mpr_probe->heap_ops->disown(&mpr_thread_block, block_of(frame));
}

void mpr_python_disown_lines(PyFrameObject *frame)
{
    const PyCodeObject *code = frame->f_frame->f_code;
    if (code->_co_linearray)
        mpr_probe->heap_ops->disown(&mpr_thread_block, code->_co_linearray);
}

/* As Objects/frameobject.c allocates it: a variable-sized object with the frame's slots inside. */
void mpr_python_adopt_frame(PyFrameObject *frame)
{
    const PyCodeObject *code = frame->f_frame->f_code;
    size_t slots = (size_t)code->co_nlocalsplus + (size_t)code->co_stacksize;
    size_t size = sizeof(PyGC_Head) + _PyObject_VAR_SIZE(&PyFrame_Type, (Py_ssize_t)slots);
    mpr_probe->heap_ops->adopt(&mpr_thread_block, block_of(frame), size);
}
