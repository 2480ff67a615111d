/* SPDX-License-Identifier: MIT */
/* The decorators @profile and @mprun, builtins in the target. They select the code and return what
 * they were given: no wrapper stands between the caller and the function. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "host.h"
#include "mprun/trace.h"

#define MAX_DEPTH 32

static int select_object(PyObject *object, int depth);

/* An attribute, if it is there. */
static int select_attribute(PyObject *object, const char *name, int depth)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (!value && !PyErr_ExceptionMatches(PyExc_AttributeError))
        return -1;
    PyErr_Clear();
    int status = value ? select_object(value, depth + 1) : 0;
    Py_XDECREF(value);
    return status;
}

/* Looking at an attribute may run code that changes the class: walk over a copy. */
static int select_class(PyTypeObject *type, int depth)
{
    PyObject *values = PyDict_Values(type->tp_dict);
    int status = values ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(values); i++)
        if (!PyType_Check(PyList_GET_ITEM(values, i)))
            status = select_object(PyList_GET_ITEM(values, i), depth + 1);
    Py_XDECREF(values);
    return status;
}

/* functools.wraps leaves the function that was wrapped in __wrapped__: it is what the reader of the
 * source means, and the wrapper is what is called. Both are selected. */
static int select_function(PyFunctionObject *function, int depth)
{
    mpr_trace_decorate(function);
    PyObject *dict = function->func_dict;
    PyObject *wrapped = dict ? PyDict_GetItemString(dict, "__wrapped__") : NULL;
    return wrapped ? select_object(wrapped, depth + 1) : 0;
}

static int select_property(PyObject *property, int depth)
{
    static const char *const parts[] = {"fget", "fset", "fdel"};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof parts / sizeof *parts; i++)
        status = select_attribute(property, parts[i], depth);
    return status;
}

static int select_object(PyObject *object, int depth)
{
    if (depth > MAX_DEPTH || object == Py_None || PyCFunction_Check(object))
        return 0;
    if (PyFunction_Check(object))
        return select_function((PyFunctionObject *)object, depth);
    if (PyMethod_Check(object))
        return select_object(PyMethod_GET_FUNCTION(object), depth + 1);
    if (Py_TYPE(object) == &PyStaticMethod_Type || Py_TYPE(object) == &PyClassMethod_Type)
        return select_attribute(object, "__func__", depth);
    if (Py_TYPE(object) == &PyProperty_Type)
        return select_property(object, depth);
    if (PyType_Check(object))
        return select_class((PyTypeObject *)object, depth);
    return select_attribute(object, "__wrapped__", depth);
}

static PyObject *decorate_one(PyObject *self, PyObject *object)
{
    (void)self;
    if (select_object(object, 0) < 0)
        return NULL;
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
