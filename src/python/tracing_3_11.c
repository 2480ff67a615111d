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

static void (*on_exiting)(void);
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

/* The handler that was registered first runs last: the program is over, also its threads and
 * handlers. gc.callbacks is reached without importing gc: the list is the interpreter's. */
static PyObject *leave(PyObject *self, PyObject *unused)
{
    struct mpr_thread *thread = &mpr_thread_block;
    PyObject *callbacks = PyInterpreterState_Get()->gc.callbacks;
    (void)self, (void)unused;
    if (!mpr_probe->heap)
        Py_RETURN_NONE;
    on_exiting();
    mpr_quiet_begin(thread);
    PyObject *callback = PyCFunction_New(&collection_definition, NULL);
    if (callback && callbacks && PyList_CheckExact(callbacks))
        (void)PyList_Append(callbacks, callback);
    Py_XDECREF(callback);
    PyErr_Clear();
    mpr_quiet_end(thread);
    Py_RETURN_NONE;
}

static PyMethodDef leave_definition = {"mprun", leave, METH_NOARGS, NULL};

/* The handlers are the interpreter's, not the module's: that goes again where the program would not
 * find it without mprun. */
int mpr_python_watch_end(void (*exiting)(void), void (*collected)(void))
{
    PyObject *modules = PyImport_GetModuleDict();
    bool there = modules && PyDict_GetItemString(modules, "atexit");
    PyObject *module = PyImport_ImportModule("atexit");
    PyObject *callback = module ? PyCFunction_New(&leave_definition, NULL) : NULL;
    PyObject *result = callback ? PyObject_CallMethod(module, "register", "O", callback) : NULL;
    int status = result ? 0 : -1;
    on_exiting = exiting;
    on_collected = collected;
    Py_XDECREF(result);
    Py_XDECREF(callback);
    Py_XDECREF(module);
    if (!there && modules && PyDict_DelItemString(modules, "atexit") < 0)
        PyErr_Clear();
    return status;
}

/* --- what tracing takes --- */

/* An object that the garbage collector knows has a head in front, which its block begins with. */
static const void *block_of(const void *object)
{
    return (const char *)object - sizeof(PyGC_Head);
}

void mpr_python_disown_object(PyObject *collectable)
{
    mpr_probe->heap_ops->disown(&mpr_thread_block, block_of(collectable));
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
