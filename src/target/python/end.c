/* SPDX-License-Identifier: MIT */
/* The end of the program as the interpreter sees it. */
#include <string.h>

#include "mprun/heap.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"
#include "mprun/runtime.h"

static struct {
    void (*exiting)(void);
    void (*collected)(void);
    PyObject *callbacks; /* gc.callbacks, which is the interpreter's own list */
    PyObject *add;       /* atexit.register, until it is called */
    /* A callback of ours is in that list, an exit handler is registered. Neither is held here: its
     * memory may have been the program's, and would be live at the end. */
    bool watches, registered;
} state;

static PyObject *collection(PyObject *self, PyObject *args)
{
    const char *phase = NULL;
    PyObject *info;
    (void)self;
    if (mpr_python_finalizing() && PyArg_ParseTuple(args, "sO", &phase, &info) &&
        strcmp(phase, "stop") == 0 && mpr_probe->heap)
        state.collected();
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
    state.exiting();
    int collects = mpr_python_guard_begin();
    PyObject *callback = PyCFunction_New(&collection_definition, NULL);
    if (callback && PyList_CheckExact(state.callbacks))
        state.watches = PyList_Append(state.callbacks, callback) == 0;
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
    if (!state.add || !mpr_in_main_interpreter())
        return;
    PyErr_Fetch(&type, &value, &traceback);
    int collects = mpr_python_guard_begin();
    PyObject *handler = PyCFunction_New(&leave_definition, NULL);
    PyObject *result = handler ? PyObject_CallOneArg(state.add, handler) : NULL;
    if (result)
        mpr_atexit_make_last(handler);
    state.registered = result != NULL;
    Py_XDECREF(result);
    Py_XDECREF(handler);
    Py_CLEAR(state.add);
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
    state.exiting = exiting;
    state.collected = collected;
    state.callbacks = borrow_from("gc", "callbacks");
    state.add = state.callbacks ? borrow_from("atexit", "register") : NULL;
    PyErr_Clear();
    return state.add ? 0 : -1;
}

static void take_callback_out(void)
{
    Py_ssize_t at = PyList_CheckExact(state.callbacks) ? PyList_GET_SIZE(state.callbacks) : 0;
    while (--at >= 0) {
        PyObject *item = PyList_GET_ITEM(state.callbacks, at);
        if (PyCFunction_Check(item) && PyCFunction_GET_FUNCTION(item) == collection)
            PyList_SetSlice(state.callbacks, at, at + 1, NULL);
    }
}

/* Functions of one definition are equal. */
static void take_handler_out(void)
{
    PyObject *unregister = borrow_from("atexit", "unregister");
    PyObject *handler = PyCFunction_New(&leave_definition, NULL);
    Py_XDECREF(unregister && handler ? PyObject_CallOneArg(unregister, handler) : NULL);
    Py_XDECREF(handler);
    Py_XDECREF(unregister);
}

void mpr_python_unwatch_end(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (state.watches)
        take_callback_out();
    if (state.registered)
        take_handler_out();
    Py_XDECREF(state.callbacks);
    Py_XDECREF(state.add);
    memset(&state, 0, sizeof state);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

bool mpr_python_runs(void)
{
    return Py_IsInitialized() && !mpr_python_finalizing();
}

bool mpr_python_holds_traceback(void)
{
    PyObject *traceback = PySys_GetObject("last_traceback");
    return traceback && traceback != Py_None;
}
