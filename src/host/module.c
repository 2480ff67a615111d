/* SPDX-License-Identifier: MIT */
/* The decorators @profile and @mprun, builtins in the target. They select the code and return what
 * they were given: no wrapper stands between the caller and the function. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "host.h"
#include "mprun/trace.h"

#define MAX_DEPTH 32

static void select_object(PyObject *object, int depth);

/* An attribute that is there, or nothing: looking must not raise. */
static void select_attribute(PyObject *object, const char *name, int depth)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value)
        select_object(value, depth + 1);
    else
        PyErr_Clear();
    Py_XDECREF(value);
}

static void select_class(PyTypeObject *type, int depth)
{
    PyObject *value, *key;
    Py_ssize_t at = 0;
    while (PyDict_Next(type->tp_dict, &at, &key, &value))
        if (!PyType_Check(value))
            select_object(value, depth + 1);
}

/* functools.wraps leaves the function that was wrapped in __wrapped__: it is what the reader of the
 * source means, and the wrapper is what is called. Both are selected. */
static void select_function(PyFunctionObject *function, int depth)
{
    mpr_trace_decorate(function);
    PyObject *dict = function->func_dict;
    PyObject *wrapped = dict ? PyDict_GetItemString(dict, "__wrapped__") : NULL;
    if (wrapped)
        select_object(wrapped, depth + 1);
}

static void select_object(PyObject *object, int depth)
{
    if (depth > MAX_DEPTH || object == Py_None)
        return;
    if (PyFunction_Check(object)) {
        select_function((PyFunctionObject *)object, depth);
    } else if (PyMethod_Check(object)) {
        select_object(PyMethod_GET_FUNCTION(object), depth + 1);
    } else if (Py_TYPE(object) == &PyStaticMethod_Type || Py_TYPE(object) == &PyClassMethod_Type) {
        select_attribute(object, "__func__", depth);
    } else if (Py_TYPE(object) == &PyProperty_Type) {
        select_attribute(object, "fget", depth);
        select_attribute(object, "fset", depth);
        select_attribute(object, "fdel", depth);
    } else if (PyType_Check(object)) {
        select_class((PyTypeObject *)object, depth);
    } else if (!PyCFunction_Check(object)) {
        select_attribute(object, "__wrapped__", depth);
    }
}

static PyObject *decorate_one(PyObject *self, PyObject *object)
{
    (void)self;
    select_object(object, 0);
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
