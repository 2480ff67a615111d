/* SPDX-License-Identifier: MIT */
/* What a decorator is given is often no function but something that another decorator made of one.
 * Where the function lies in it is known for Python's own types, and told by a name for others. */
#include "mprun/python.h" /* first: it is CPython's own */

#include <string.h>

#include "follow.h"

/* A chain that is longer holds nothing that a reader would look for. */
#define MAX_DEPTH 64

struct walk {
    void (*found)(PyFunctionObject *function);
    PyCodeObject *caller; /* the code that decorates, borrowed; NULL: none runs */
    PyObject *globals;    /* its */
    uint32_t line;        /* and where it is */
    PyObject *seen;       /* address → object, so that no address comes twice */
    int depth;
};

static bool follow(struct walk *walk, PyObject *object);

/* Chains may be loops. */
static bool is_new(const struct walk *walk, PyObject *object)
{
    PyObject *address = PyLong_FromVoidPtr(object);
    bool new = address &&PyDict_GetItemWithError(walk->seen, address) ==
               NULL &&PyDict_SetItem(walk->seen, address, object) == 0;
    Py_XDECREF(address);
    PyErr_Clear();
    return new;
}

static bool is_callers(const struct walk *walk, PyObject *object)
{
    return PyFunction_Check(object) && walk->globals &&
           ((PyFunctionObject *)object)->func_globals == walk->globals;
}

/* Is it the function that the decorator stands in front of? Its lines begin with its decorators. */
static bool is_below(const struct walk *walk, PyObject *object)
{
    struct mpr_code code;
    if (!is_callers(walk, object))
        return false;
    mpr_code_describe((PyCodeObject *)((PyFunctionObject *)object)->func_code, NULL, &code);
    bool below = code.first_line <= walk->line && walk->line <= code.last_line &&
                 PyUnicode_Compare(code.code->co_filename, walk->caller->co_filename) == 0;
    mpr_code_forget(&code);
    return below;
}

/* What the function has closed over, if that is it; new reference or NULL. */
static PyObject *below_in_closure(const struct walk *walk, PyObject *function)
{
    PyObject *closure = ((PyFunctionObject *)function)->func_closure;
    for (Py_ssize_t i = 0; closure && i < PyTuple_GET_SIZE(closure); i++) {
        PyObject *content = PyCell_GET(PyTuple_GET_ITEM(closure, i));
        if (content && is_below(walk, content))
            return Py_NewRef(content);
    }
    return NULL;
}

/* --- attributes, without running anybody's code --- */

/* Of the dictionary; new reference or NULL, no exception. */
static PyObject *dict_item(PyObject *dict, PyObject *name)
{
    PyObject *value = dict && PyDict_Check(dict) ? PyDict_GetItemWithError(dict, name) : NULL;
    PyErr_Clear();
    return Py_XNewRef(value);
}

static PyObject *read_member(PyObject *descriptor, PyObject *object)
{
    PyObject *value =
        Py_TYPE(descriptor)->tp_descr_get(descriptor, object, (PyObject *)Py_TYPE(object));
    PyErr_Clear();
    return value;
}

/* A slot, or what C code computes that only wrappers have. */
static bool is_readable(PyObject *of_class, PyObject *name)
{
    return Py_TYPE(of_class) == &PyMemberDescr_Type ||
           (Py_TYPE(of_class) == &PyGetSetDescr_Type &&
               PyUnicode_CompareWithASCIIString(name, "__wrapped__") == 0);
}

static bool is_method(PyObject *of_class)
{
    return PyFunction_Check(of_class) || PyObject_TypeCheck(of_class, &PyStaticMethod_Type) ||
           PyObject_TypeCheck(of_class, &PyClassMethod_Type);
}

/* The attribute of the object itself, or what its class has by that name, as it stands there: a
 * method, or what is no descriptor. New reference or NULL. */
static PyObject *attribute(PyObject *object, PyObject *name)
{
    PyObject *of_class = _PyType_Lookup(Py_TYPE(object), name);
    if (of_class && is_readable(of_class, name))
        return read_member(of_class, object);
    if (of_class && Py_TYPE(of_class)->tp_descr_get)
        return is_method(of_class) ? Py_NewRef(of_class) : NULL;
    PyObject *value =
        PyObject_GenericGetAttr(object, name); /* runs no code: there is no descriptor */
    PyErr_Clear();
    return value;
}

static bool follow_attribute(struct walk *walk, PyObject *object, const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *value = text ? attribute(object, text) : NULL;
    bool found = value && follow(walk, value);
    Py_XDECREF(value);
    Py_XDECREF(text);
    PyErr_Clear();
    return found;
}

/* --- Python's own --- */

/* functools.wraps leaves the function that was wrapped in __wrapped__: it is what the reader of the
 * source means, and the wrapper is what is called. Both are selected. Others leave no more than a
 * closure. */
static bool follow_function(struct walk *walk, PyFunctionObject *function)
{
    walk->found(function);
    PyObject *name = PyUnicode_FromString("__wrapped__");
    PyObject *wrapped = name ? dict_item(function->func_dict, name) : NULL;
    if (!wrapped && !is_below(walk, (PyObject *)function))
        wrapped = below_in_closure(walk, (PyObject *)function);
    if (wrapped)
        follow(walk, wrapped);
    Py_XDECREF(wrapped);
    Py_XDECREF(name);
    PyErr_Clear();
    return true;
}

/* What belongs to the module, not what it has imported. */
static bool follow_module(struct walk *walk, PyObject *module)
{
    PyObject *dict = PyModule_GetDict(module), *name = PyUnicode_FromString("__module__");
    PyObject *own = name ? PyModule_GetNameObject(module) : NULL;
    PyObject *values = own ? PyDict_Values(dict) : NULL;
    bool found = false;
    for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE(values); i++) {
        PyObject *value = PyList_GET_ITEM(values, i);
        PyObject *home =
            PyType_Check(value) && PyType_HasFeature((PyTypeObject *)value, Py_TPFLAGS_HEAPTYPE)
                ? dict_item(((PyTypeObject *)value)->tp_dict, name)
                : NULL;
        if (PyFunction_Check(value)
                ? ((PyFunctionObject *)value)->func_globals == dict
                : home && PyUnicode_Check(home) && PyUnicode_Compare(home, own) == 0)
            found |= follow(walk, value);
        Py_XDECREF(home);
    }
    Py_XDECREF(values);
    Py_XDECREF(own);
    Py_XDECREF(name);
    PyErr_Clear();
    return found;
}

/* Functions and what works like them as an attribute of instances. Classes in it are their own. */
static bool follow_class(struct walk *walk, PyTypeObject *type)
{
    PyObject *values =
        PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) ? PyDict_Values(type->tp_dict) : NULL;
    bool found = false;
    for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE(values); i++) {
        PyObject *value = PyList_GET_ITEM(values, i);
        if (Py_TYPE(value)->tp_descr_get && !PyType_Check(value))
            found |= follow(walk, value);
    }
    Py_XDECREF(values);
    PyErr_Clear();
    return found;
}

/* --- others --- */

/* Names under which objects keep the function that they were made of, in the order in which they
 * are believed: of functools, the standard library and whoever follows them; of commands, tasks and
 * flows; of compilers; of fixtures. Those of a property go together. */
static const char *const holders[] = {
    "__wrapped__",
    "__func__",
    "fget",
    "fset",
    "fdel",
    "func",
    "function",
    "fn",
    "callback",
    "run",
    "py_func",
    "_func",
    "_function",
    "_fixture_function",
};

static bool is_of_property(const char *name)
{
    return name[0] == 'f' && (strcmp(name + 1, "get") == 0 || strcmp(name + 1, "set") == 0 ||
                                 strcmp(name + 1, "del") == 0);
}

static bool follow_holders(struct walk *walk, PyObject *object)
{
    bool found = false;
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
        if (found && !is_of_property(holders[i]))
            return true;
        found |= follow_attribute(walk, object, holders[i]);
    }
    return found;
}

/* What an object's state has that may be it. */
struct candidates {
    PyObject *below; /* owned */
    PyObject *other; /* a function of the module that decorates; owned */
    size_t others;
};

static void look_at(const struct walk *walk, PyObject *value, struct candidates *candidates)
{
    if (!PyFunction_Check(value) || candidates->below)
        return;
    if (!is_callers(walk, value)) {
        candidates->below = below_in_closure(walk, value);
    } else if (is_below(walk, value)) {
        candidates->below = Py_NewRef(value);
    } else if (value != candidates->other) {
        Py_XSETREF(candidates->other, Py_NewRef(value));
        candidates->others++;
    }
}

static void look_at_value(const struct walk *walk, PyObject *value, struct candidates *candidates)
{
    look_at(walk, value, candidates);
    for (Py_ssize_t i = 0; PyTuple_Check(value) && i < PyTuple_GET_SIZE(value); i++)
        look_at(walk, PyTuple_GET_ITEM(value, i), candidates);
}

static void look_at_slots(const struct walk *walk, PyObject *object, struct candidates *candidates)
{
    for (PyTypeObject *type = Py_TYPE(object); type; type = type->tp_base) {
        PyObject *values =
            PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) ? PyDict_Values(type->tp_dict) : NULL;
        for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE(values); i++) {
            PyObject *slot = PyList_GET_ITEM(values, i);
            PyObject *value =
                Py_TYPE(slot) == &PyMemberDescr_Type ? read_member(slot, object) : NULL;
            if (value)
                look_at_value(walk, value, candidates);
            Py_XDECREF(value);
        }
        Py_XDECREF(values);
    }
}

/* Whatever the name: the object holds the function that stands below, or one of the module that
 * decorates, and no second one. */
static bool follow_state(struct walk *walk, PyObject *object)
{
    struct candidates candidates = {NULL, NULL, 0};
    PyObject *dict = PyObject_GenericGetDict(object, NULL);
    PyObject *values = dict && PyDict_Check(dict) ? PyDict_Values(dict) : NULL;
    PyErr_Clear();
    for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE(values); i++)
        look_at_value(walk, PyList_GET_ITEM(values, i), &candidates);
    look_at_slots(walk, object, &candidates);
    PyObject *function = candidates.below;
    if (!function && candidates.others == 1)
        function = candidates.other;
    bool found = function && follow(walk, function);
    Py_XDECREF(candidates.below);
    Py_XDECREF(candidates.other);
    Py_XDECREF(values);
    Py_XDECREF(dict);
    PyErr_Clear();
    return found;
}

static bool follow_other(struct walk *walk, PyObject *object)
{
    if (follow_holders(walk, object) || follow_state(walk, object))
        return true;
    PyObject *name = PyUnicode_FromString("__call__");
    PyObject *called = name ? Py_XNewRef(_PyType_Lookup(Py_TYPE(object), name)) : NULL;
    bool found = called && PyFunction_Check(called) && follow(walk, called);
    Py_XDECREF(called);
    Py_XDECREF(name);
    PyErr_Clear();
    return found;
}

static bool follow_any(struct walk *walk, PyObject *object)
{
    if (PyFunction_Check(object))
        return follow_function(walk, (PyFunctionObject *)object);
    if (PyMethod_Check(object))
        return follow(walk, PyMethod_GET_FUNCTION(object));
    if (PyType_Check(object))
        return follow_class(walk, (PyTypeObject *)object);
    if (PyModule_Check(object))
        return follow_module(walk, object);
    return follow_other(walk, object);
}

static bool follow(struct walk *walk, PyObject *object)
{
    if (object == Py_None || PyCFunction_Check(object) || walk->depth == MAX_DEPTH ||
        !is_new(walk, object))
        return false;
    walk->depth++;
    bool found = follow_any(walk, object);
    walk->depth--;
    return found;
}

bool mpr_follow(PyObject *object, void (*found)(PyFunctionObject *function))
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    struct walk walk = {.found = found, .globals = PyEval_GetGlobals(), .seen = PyDict_New()};
    walk.caller = mpr_code_running(&walk.line);
    bool any = walk.seen && follow(&walk, object);
    Py_XDECREF(walk.seen);
    PyErr_Restore(type, value, traceback);
    return any;
}
