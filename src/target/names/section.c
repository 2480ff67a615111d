/* SPDX-License-Identifier: MIT */
/* mprun.section(name): a context manager, and a decorator of functions. */
#include "objects.h"

struct section {
    PyObject_HEAD PyObject *name;
    PyObject *bytes; /* the same for C */
    struct mpr_section_run *runs;
};

/* Of the main interpreter. */
static struct {
    PyTypeObject *type;
} state;

static PyObject *enter(PyObject *self, PyObject *unused)
{
    struct section *section = (struct section *)(void *)self;
    (void)unused;
    mpr_section_run_begin(&section->runs, PyBytes_AsString(section->bytes));
    Py_IncRef(self);
    return self;
}

static PyObject *leave(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)args, (void)count;
    mpr_section_run_end(&((struct section *)(void *)self)->runs);
    Py_IncRef(Py_None);
    return Py_None;
}

/* --- as a decorator --- */

#define SUSPENDS (0x20 | 0x80 | 0x200) /* CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR */

/* A call of such a function only makes what will run. */
static bool suspends(PyObject *function)
{
    PyObject *code = PyObject_GetAttrString(function, "__code__");
    PyObject *flags = code ? PyObject_GetAttrString(code, "co_flags") : NULL;
    long bits = flags ? PyLong_AsLong(flags) : 0;
    PyErr_Clear();
    Py_DecRef(flags);
    Py_DecRef(code);
    return (bits & SUSPENDS) != 0;
}

/* Since 3.10 one can be called; but what is made of it would be a method. */
static bool is_static(PyObject *object)
{
    PyObject *name = PyType_GetName(Py_TYPE(object));
    bool yes = name && PyUnicode_CompareWithASCIIString(name, "staticmethod") == 0;
    Py_DecRef(name);
    PyErr_Clear();
    return yes;
}

static const char *problem_of(PyObject *object)
{
    if (PyType_Check(object))
        return "section() decorates functions, not classes";
    if (!PyCallable_Check(object) || is_static(object))
        return "section() decorates functions: put it below staticmethod, classmethod and property";
    if (suspends(object))
        return "section() decorates functions that run when they are called: in a generator or a "
               "coroutine use 'with mprun.section(name):'";
    return NULL;
}

static PyObject *decorate(PyObject *self, PyObject *args, PyObject *kwargs)
{
    struct section *section = (struct section *)(void *)self;
    if (PyTuple_Size(args) != 1 || kwargs) {
        PyErr_SetString(PyExc_TypeError, "section(name) takes the function to decorate");
        return NULL;
    }
    int collects = mpr_names_guard_begin();
    const char *problem = problem_of(PyTuple_GetItem(args, 0));
    PyObject *wrapper = NULL;
    if (problem)
        PyErr_SetString(PyExc_TypeError, problem);
    else
        wrapper = mpr_names_wrap(PyTuple_GetItem(args, 0), section->bytes);
    mpr_names_guard_end(collects);
    return wrapper;
}

/* --- the type --- */

static PyObject *name_of(PyObject *self, void *unused)
{
    struct section *section = (struct section *)(void *)self;
    (void)unused;
    Py_IncRef(section->name);
    return section->name;
}

static PyObject *represent(PyObject *self)
{
    return PyUnicode_FromFormat("mprun.section(%R)", ((struct section *)(void *)self)->name);
}

static void finish(PyObject *self)
{
    struct section *section = (struct section *)(void *)self;
    PyObject *type = (PyObject *)Py_TYPE(self);
    mpr_section_runs_forget(&section->runs);
    Py_DecRef(section->name);
    Py_DecRef(section->bytes);
    PyObject_Free(self);
    Py_DecRef(type);
}

static PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS, "A run of the section begins."},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, "It ends."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"name", name_of, NULL, "What it is called in the report.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, finish},
    {Py_tp_call, decorate},
    {Py_tp_repr, represent},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_doc, "What mprun.section(name) gives: a context manager, and a decorator."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "mprun.Section",
    .basicsize = sizeof(struct section),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

/* A with statement binds both methods, and frees the first when the run has begun: that is not the
 * program's either. */
static PyTypeObject *make_type(void)
{
    static const char *const bound[] = {"__enter__", "__exit__"};
    PyObject *type = PyType_FromSpec(&spec);
    for (size_t i = 0; type && i < sizeof bound / sizeof *bound; i++) {
        PyObject *method = PyObject_GetAttrString(type, bound[i]);
        PyObject *quiet = method ? mpr_names_wrap(method, NULL) : NULL;
        if (!quiet || PyObject_SetAttrString(type, bound[i], quiet) < 0) {
            Py_DecRef(type);
            type = NULL;
        }
        Py_DecRef(quiet);
        Py_DecRef(method);
    }
    return (PyTypeObject *)(void *)type;
}

/* New reference. */
static PyTypeObject *section_type(void)
{
    if (!mpr_names_in_main_interpreter())
        return make_type();
    if (!state.type)
        state.type = make_type();
    Py_IncRef((PyObject *)state.type);
    return state.type;
}

/* Takes both over. */
static PyObject *make(PyObject *name, PyObject *bytes)
{
    PyTypeObject *type = section_type();
    struct section *section = type ? PyObject_New(struct section, type) : NULL;
    Py_DecRef((PyObject *)type);
    if (!section) {
        Py_DecRef(name);
        Py_DecRef(bytes);
        return NULL;
    }
    section->name = name;
    section->bytes = bytes;
    section->runs = NULL;
    return (PyObject *)section;
}

PyObject *mpr_names_section(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    (void)self;
    int collects = mpr_names_guard_begin();
    PyObject *name = NULL;
    PyObject *bytes = mpr_names_argument("section", args, count, keywords, NULL, &name);
    PyObject *section = bytes ? make(name, bytes) : NULL;
    mpr_names_guard_end(collects);
    return section;
}
