/* SPDX-License-Identifier: MIT */
/* `import mprun`: a finder that knows this one name, and gives the builtin for it. A module of the
 * program's that is called so goes before: whoever stands behind in sys.meta_path is asked first.
 */
#include "objects.h"

#define NAME "mprun"

/* The entries of sys.meta_path behind `self`; the first specification that one of them gives.
 * New reference; NULL: none, with or without an exception. */
static PyObject *ask_others(PyObject *self, PyObject *args)
{
    PyObject *path = PySys_GetObject("meta_path"), *found = NULL; /* borrowed */
    bool behind = false;
    if (!path || !PyList_Check(path))
        return NULL;
    for (Py_ssize_t i = 0; !found && i < PyList_Size(path); i++) {
        PyObject *finder = PyList_GetItem(path, i);
        if (finder == self || !behind) {
            behind |= finder == self;
            continue;
        }
        Py_IncRef(finder);
        PyObject *find = PyObject_GetAttrString(finder, "find_spec");
        found = find ? PyObject_CallObject(find, args) : NULL;
        Py_DecRef(find);
        Py_DecRef(finder);
        if (!found)
            return NULL;
        if (found == Py_None) {
            Py_DecRef(found);
            found = NULL;
        }
    }
    return found;
}

static PyObject *specify(PyObject *self)
{
    PyObject *importlib = PyImport_ImportModule("_frozen_importlib");
    PyObject *make = importlib ? PyObject_GetAttrString(importlib, "spec_from_loader") : NULL;
    PyObject *spec = make ? PyObject_CallFunction(make, "sO", NAME, self) : NULL;
    Py_DecRef(make);
    Py_DecRef(importlib);
    return spec;
}

static PyObject *none(void)
{
    Py_IncRef(Py_None);
    return Py_None;
}

/* find_spec(name, path=None, target=None) */
static PyObject *find_spec(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    if (count == 0 || keywords || !PyUnicode_Check(args[0]) ||
        PyUnicode_CompareWithASCIIString(args[0], NAME) != 0)
        return none();
    int collects = mpr_names_guard_begin();
    PyObject *given = PyTuple_New(count), *spec = NULL;
    for (Py_ssize_t i = 0; given && i < count; i++) {
        Py_IncRef(args[i]);
        PyTuple_SetItem(given, i, args[i]);
    }
    mpr_names_guard_end(collects);
    if (given)
        spec = ask_others(self, given);
    Py_DecRef(given);
    if (spec || PyErr_Occurred())
        return spec;
    collects = mpr_names_guard_begin();
    spec = specify(self);
    mpr_names_guard_end(collects);
    return spec;
}

static PyObject *create_module(PyObject *self, PyObject *spec)
{
    (void)self, (void)spec;
    PyObject *object = mpr_names_object();
    return object ? object : none();
}

static PyObject *exec_module(PyObject *self, PyObject *module)
{
    (void)self, (void)module;
    return none();
}

static PyMethodDef methods[] = {
    {"find_spec", (PyCFunction)(void (*)(void))find_spec, MPR_FAST, NULL},
    {"create_module", create_module, METH_O, NULL},
    {"exec_module", exec_module, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_methods, methods},
    {Py_tp_doc, "Finds the builtin mprun for 'import mprun'."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "mprun.Finder",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

static bool is_ours(PyObject *finder)
{
    return PyType_GetSlot(Py_TYPE(finder), Py_tp_methods) == methods;
}

/* To the end: whatever else is imported is found before it is asked. An interpreter that starts has
 * finders yet to come, and there it stays in front of them. */
int mpr_names_find(void)
{
    PyObject *path = PySys_GetObject("meta_path"), *finder = NULL; /* the path is borrowed */
    if (!path || !PyList_Check(path))
        return 0;
    for (Py_ssize_t i = 0; !finder && i < PyList_Size(path); i++) {
        if (!is_ours(PyList_GetItem(path, i)))
            continue;
        finder = PyList_GetItem(path, i);
        Py_IncRef(finder);
        PyList_SetSlice(path, i, i + 1, NULL);
    }
    if (!finder)
        finder = mpr_names_make(&spec);
    int status = finder ? PyList_Append(path, finder) : -1;
    Py_DecRef(finder);
    return status;
}
