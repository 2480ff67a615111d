/* SPDX-License-Identifier: MIT */
/* What stands in front of a function: each call is a run of a section, or mprun's own code, whose
 * allocations are nobody's. To whoever asks it is the function: attributes that are not its own are
 * that one's, inspect and pickle find it. A call makes no object of its own. */
#include "objects.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

struct wrapper {
    PyObject_HEAD PyObject *function;
    PyObject *section; /* its name, bytes; NULL: mprun's own code */
    PyObject *dict;
    PyObject *weak;
    struct mpr_section_run *runs;
#ifndef Py_LIMITED_API
    vectorcallfunc call;
#endif
};

/* Of the main interpreter. */
static struct {
    PyTypeObject *type;
} state;

static struct wrapper *wrapper_of(PyObject *self)
{
    return (struct wrapper *)(void *)self;
}

/* --- calls --- */

static int begin(struct wrapper *wrapper)
{
    if (!wrapper->section)
        return mpr_names_guard_begin();
    mpr_section_run_begin(&wrapper->runs, PyBytes_AsString(wrapper->section));
    return 0;
}

static void end(struct wrapper *wrapper, int collects)
{
    if (wrapper->section)
        mpr_section_run_end(&wrapper->runs);
    else
        mpr_names_guard_end(collects);
}

#ifdef Py_LIMITED_API
static PyObject *call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    int collects = begin(wrapper_of(self));
    PyObject *result = PyObject_Call(wrapper_of(self)->function, args, kwargs);
    end(wrapper_of(self), collects);
    return result;
}
#else
static PyObject *call(PyObject *self, PyObject *const *args, size_t count, PyObject *keywords)
{
    int collects = begin(wrapper_of(self));
    PyObject *result = PyObject_Vectorcall(wrapper_of(self)->function, args, count, keywords);
    end(wrapper_of(self), collects);
    return result;
}
#endif

/* --- as a method --- */

static PyObject *bind(PyObject *self, PyObject *object, PyObject *type)
{
    (void)type;
    if (!object || object == Py_None) {
        Py_IncRef(self);
        return self;
    }
    int collects = mpr_names_guard_begin();
#ifdef Py_LIMITED_API
    PyObject *method = mpr_names_python("Method");
    PyObject *bound = method ? PyObject_CallFunctionObjArgs(method, self, object, NULL) : NULL;
    Py_DecRef(method);
#else
    PyObject *bound = PyMethod_New(self, object);
#endif
    mpr_names_guard_end(collects);
    return bound;
}

/* --- attributes --- */

/* What every type has, and what says nothing of the function. */
static bool is_functions(PyObject *name)
{
    static const char *const names[] = {
        "__doc__", "__module__", "__name__", "__qualname__", "__annotations__"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0)
            return true;
    return false;
}

static PyObject *get_attribute(PyObject *self, PyObject *name)
{
    PyObject *function = wrapper_of(self)->function;
    if (!is_functions(name)) {
        PyObject *value = PyObject_GenericGetAttr(self, name);
        if (value || !PyErr_ExceptionMatches(PyExc_AttributeError))
            return value;
        PyErr_Clear();
    }
    return PyObject_GetAttr(function, name);
}

static PyObject *represent(PyObject *self)
{
    return PyUnicode_FromFormat("<mprun's section around %R>", wrapper_of(self)->function);
}

/* A global name, as of a function. */
static PyObject *reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyObject_GetAttrString(wrapper_of(self)->function, "__qualname__");
}

/* --- the type --- */

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    struct wrapper *wrapper = wrapper_of(self);
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(wrapper->function);
    Py_VISIT(wrapper->dict);
    return 0;
}

static int clear(PyObject *self)
{
    PyObject *dict = wrapper_of(self)->dict;
    wrapper_of(self)->dict = NULL;
    Py_DecRef(dict);
    return 0;
}

static void finish(PyObject *self)
{
    struct wrapper *wrapper = wrapper_of(self);
    PyObject *type = (PyObject *)Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (wrapper->weak)
        PyObject_ClearWeakRefs(self);
    mpr_section_runs_forget(&wrapper->runs);
    clear(self);
    Py_DecRef(wrapper->function);
    Py_DecRef(wrapper->section);
    PyObject_GC_Del(self);
    Py_DecRef(type);
}

static PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"__wrapped__", T_OBJECT, offsetof(struct wrapper, function), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(struct wrapper, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct wrapper, weak), READONLY, NULL},
#ifndef Py_LIMITED_API
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(struct wrapper, call), READONLY, NULL},
#endif
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, finish},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
#ifdef Py_LIMITED_API
    {Py_tp_call, call},
#else
    {Py_tp_call, PyVectorcall_Call},
#endif
    {Py_tp_descr_get, bind},
    {Py_tp_getattro, get_attribute},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_repr, represent},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {0, NULL},
};

#ifdef Py_LIMITED_API
#define CALLED_FAST 0
#else
#define CALLED_FAST Py_TPFLAGS_HAVE_VECTORCALL
#endif

static PyType_Spec spec = {
    .name = "mprun.Wrapper",
    .basicsize = sizeof(struct wrapper),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION |
             Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_METHOD_DESCRIPTOR | CALLED_FAST,
    .slots = slots,
};

/* New reference. */
static PyTypeObject *wrapper_type(void)
{
    if (!mpr_names_in_main_interpreter())
        return (PyTypeObject *)(void *)PyType_FromSpec(&spec);
    if (!state.type)
        state.type = (PyTypeObject *)(void *)PyType_FromSpec(&spec);
    Py_IncRef((PyObject *)state.type);
    return state.type;
}

PyObject *mpr_names_wrap(PyObject *function, PyObject *section)
{
    PyTypeObject *type = wrapper_type();
    struct wrapper *wrapper = type ? PyObject_GC_New(struct wrapper, type) : NULL;
    Py_DecRef((PyObject *)type);
    if (!wrapper)
        return NULL;
    wrapper->function = function;
    wrapper->section = section;
    wrapper->dict = wrapper->weak = NULL;
    wrapper->runs = NULL;
#ifndef Py_LIMITED_API
    wrapper->call = call;
#endif
    Py_IncRef(function);
    Py_IncRef(section);
    PyObject_GC_Track(wrapper);
    return (PyObject *)wrapper;
}
