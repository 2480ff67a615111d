/* SPDX-License-Identifier: MIT */
/* The end of the program as the interpreter sees it. */
#include <string.h>

#include "mprun/heap.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"
#include "mprun/runtime.h"

static void (*on_exiting)(void);
static void (*on_collected)(void);
static PyObject *callbacks;        /* gc.callbacks, which is the interpreter's own list */
static PyObject *register_handler; /* atexit.register, until it is called */

static PyObject *collection(PyObject *self, PyObject *args)
{
    const char *phase = NULL;
    PyObject *info;
    (void)self;
    if (mpr_python_finalizing() && PyArg_ParseTuple(args, "sO", &phase, &info) &&
        strcmp(phase, "stop") == 0 && mpr_probe->heap)
        on_collected();
    PyErr_Clear();
    Py_RETURN_NONE;
}

static PyMethodDef collection_definition = {"mprun", collection, METH_VARARGS, NULL};

/* The module, which goes again where the program would not find it without mprun; NULL with an
 * exception set. What it registers is the interpreter's, not its own. */
static PyObject *borrow_module(const char *name)
{
    PyObject *modules = PyImport_GetModuleDict();
    bool there = modules && PyDict_GetItemString(modules, name);
    PyObject *module = PyImport_ImportModule(name);
    if (module && !there && modules && PyDict_DelItemString(modules, name) < 0)
        PyErr_Clear();
    return module;
}

/* The handler that is registered first runs last: the program is over, also its threads and
 * handlers. */
static PyObject *leave(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    if (!mpr_probe->heap)
        Py_RETURN_NONE;
    on_exiting();
    int collects = mpr_python_guard_begin();
    PyObject *callback = PyCFunction_New(&collection_definition, NULL);
    if (callback && PyList_CheckExact(callbacks))
        (void)PyList_Append(callbacks, callback);
    Py_XDECREF(callback);
    PyErr_Clear();
    mpr_python_guard_end(collects);
    Py_RETURN_NONE;
}

static PyMethodDef leave_definition = {"mprun", leave, METH_NOARGS, NULL};

/* sys.monitoring's callbacks and trace functions run with whatever exception passes. */
void mpr_python_end_nears(void)
{
    PyObject *type, *value, *traceback;
    if (!register_handler || !mpr_in_main_interpreter())
        return;
    PyErr_Fetch(&type, &value, &traceback);
    int collects = mpr_python_guard_begin();
    PyObject *callback = PyCFunction_New(&leave_definition, NULL);
    PyObject *result = callback ? PyObject_CallOneArg(register_handler, callback) : NULL;
    if (result)
        mpr_atexit_make_last(callback);
    Py_XDECREF(result);
    Py_XDECREF(callback);
    Py_CLEAR(register_handler);
    PyErr_Clear();
    mpr_python_guard_end(collects);
    PyErr_Restore(type, value, traceback);
}

/* An attribute of a module; NULL with an exception set. */
static PyObject *borrow_from(const char *name, const char *attribute)
{
    PyObject *module = borrow_module(name);
    PyObject *value = module ? PyObject_GetAttrString(module, attribute) : NULL;
    Py_XDECREF(module);
    return value;
}

int mpr_python_watch_end(void (*exiting)(void), void (*collected)(void))
{
    on_exiting = exiting;
    on_collected = collected;
    callbacks = borrow_from("gc", "callbacks");
    register_handler = callbacks ? borrow_from("atexit", "register") : NULL;
    PyErr_Clear();
    return register_handler ? 0 : -1;
}

bool mpr_python_holds_traceback(void)
{
    PyObject *traceback = PySys_GetObject("last_traceback");
    return traceback && traceback != Py_None;
}
