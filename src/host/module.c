/* SPDX-License-Identifier: MIT */
/* The decorators @profile and @mprun, builtins in the target. They select the code and return what
 * they were given: no wrapper stands between the caller and the function. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "follow.h"
#include "host.h"
#include "mprun/probe.h"
#include "mprun/trace.h"

static PyObject *decorate_one(PyObject *self, PyObject *object)
{
    (void)self;
    mpr_quiet_begin(&mpr_thread_block);
    if (mpr_probe->armed && !mpr_follow(object, mpr_trace_decorate))
        mpr_trace_nothing_decorated(Py_TYPE(object)->tp_name);
    mpr_quiet_end(&mpr_thread_block);
    Py_INCREF(object);
    return object;
}

static PyMethodDef decorator_definition = {"profile", decorate_one, METH_O,
    "profile($module, function, /)\n--\n\n"
    "Select a function for mprun. Returns the function itself."};

/* Bare (@profile) or with the arguments that other profilers take (@profile(precision=4)). */
static PyObject *decorator(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    bool bare = count == 1 && (!kwargs || PyDict_GET_SIZE(kwargs) == 0);
    if (bare)
        return decorate_one(self, PyTuple_GET_ITEM(args, 0));
    if (count >= 1 && PyCallable_Check(PyTuple_GET_ITEM(args, 0)))
        return decorate_one(self, PyTuple_GET_ITEM(args, 0));
    return PyCFunction_New(&decorator_definition, NULL);
}

static PyMethodDef builtin_definitions[] = {
    {"profile", (PyCFunction)(void (*)(void))decorator, METH_VARARGS | METH_KEYWORDS,
        "profile($module, function=None, /, *args, **kwargs)\n--\n\n"
        "Select a function for mprun: @profile. Returns the function itself."},
    {"mprun", (PyCFunction)(void (*)(void))decorator, METH_VARARGS | METH_KEYWORDS,
        "mprun($module, function=None, /, *args, **kwargs)\n--\n\n"
        "Select a function for mprun: @mprun. Returns the function itself."},
};

/* As builtins' own functions are: bound to the module, and naming it. */
static int add_builtin(PyObject *builtins, PyObject *name, PyMethodDef *definition)
{
    PyObject *function = PyCFunction_NewEx(definition, builtins, name);
    if (!function)
        return -1;
    int status = PyObject_SetAttrString(builtins, definition->ml_name, function);
    Py_DECREF(function);
    return status;
}

int mpr_module_install(void)
{
    PyObject *builtins = PyImport_ImportModule("builtins");
    PyObject *name = builtins ? PyModule_GetNameObject(builtins) : NULL;
    int status = name ? 0 : -1;
    for (size_t i = 0; status == 0 && i < sizeof builtin_definitions / sizeof(PyMethodDef); i++)
        status = add_builtin(builtins, name, &builtin_definitions[i]);
    Py_XDECREF(name);
    Py_XDECREF(builtins);
    return status;
}
