/* SPDX-License-Identifier: MIT */
/* The objects `profile` and `mprun`. Called, they return what they were given: no wrapper stands
 * between a caller and his function. Beside that they have the methods that scripts written for
 * memory_profiler, mprof, line_profiler and kernprof call, which work as far as mprun has the like,
 * or do nothing.
 *
 * In the limited API, and without macros that look inside of objects: it is also compiled into a
 * library that every Python can take. The type has no fields of its own for the same reason: which
 * of the two an object is, its type's name tells. */
#include "objects.h"

#define NAMES 2

static struct {
    const struct mpr_names_ops *behind; /* NULL: nobody */
    /* The main interpreter's; others may have a GIL of their own, and share no object. */
    PyObject *stamp;
    PyObject *installed[NAMES]; /* borrowed, to compare with */
} state;

static PyObject *keep(PyObject *object)
{
    Py_IncRef(object);
    return object;
}

static void drop(PyObject *object)
{
    Py_DecRef(object);
}

static PyObject *none(void)
{
    return keep(Py_None);
}

const struct mpr_names_ops *mpr_names_behind(void)
{
    return state.behind;
}

int mpr_names_guard_begin(void)
{
    return state.behind ? state.behind->guard_begin() : 0;
}

void mpr_names_guard_end(int collects)
{
    if (state.behind)
        state.behind->guard_end(collects);
}

/* --- decorators --- */

static PyObject *decorate(PyObject *object)
{
    if (state.behind)
        state.behind->select(object);
    return keep(object);
}

/* @profile, and @profile(…) with the arguments that other profilers take: then the object itself is
 * the decorator. memory_profiler's first argument may also be named. */
static PyObject *call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *given = PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : NULL;
    if (!given && kwargs)
        given = PyDict_GetItemString(kwargs, "func");
    return given && given != Py_None ? decorate(given) : keep(self);
}

static PyObject *wrap(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)kwargs;
    return PyTuple_Size(args) > 0 ? decorate(PyTuple_GetItem(args, 0)) : keep(self);
}

static PyObject *add(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)kwargs;
    for (Py_ssize_t i = 0; state.behind && i < PyTuple_Size(args); i++)
        state.behind->select(PyTuple_GetItem(args, i));
    return none();
}

/* --- blocks --- */

static void block(bool begins, bool counted)
{
    if (state.behind)
        state.behind->block(begins, counted);
}

static PyObject *enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    block(true, true);
    return keep(self);
}

static PyObject *leave(PyObject *self, PyObject *args)
{
    (void)self, (void)args;
    block(false, true);
    return none();
}

static PyObject *enable_by_count(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    block(true, true);
    return none();
}

static PyObject *disable_by_count(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    block(false, true);
    return none();
}

static PyObject *enable(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    block(true, false);
    return none();
}

static PyObject *disable(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    block(false, false);
    return none();
}

/* runcall(function, *args, **kwargs) */
static PyObject *run_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    if (PyTuple_Size(args) < 1) {
        PyErr_SetString(PyExc_TypeError, "runcall() needs a function");
        return NULL;
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_Size(args));
    if (!rest)
        return NULL;
    PyObject *function = decorate(PyTuple_GetItem(args, 0));
    block(true, true);
    PyObject *result = PyObject_Call(function, rest, kwargs);
    block(false, true);
    drop(function);
    drop(rest);
    return result;
}

static PyObject *execute(PyObject *self, PyObject *source, PyObject *globals, PyObject *locals)
{
    PyObject *builtins = PyEval_GetBuiltins();
    PyObject *exec = builtins ? PyDict_GetItemString(builtins, "exec") : NULL;
    if (!exec) {
        PyErr_SetString(PyExc_NameError, "name 'exec' is not defined");
        return NULL;
    }
    block(true, true);
    PyObject *result = PyObject_CallFunctionObjArgs(exec, source, globals, locals, NULL);
    block(false, true);
    if (!result)
        return NULL;
    drop(result);
    return keep(self);
}

static PyObject *run_context(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"cmd", "globals", "locals", NULL};
    PyObject *source, *globals, *locals;
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "OOO:runctx", (char **)names, &source, &globals, &locals))
        return NULL;
    return execute(self, source, globals, locals);
}

static PyObject *run(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"cmd", NULL};
    PyObject *source;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:run", (char **)names, &source))
        return NULL;
    PyObject *main = PyImport_ImportModule("__main__");
    if (!main)
        return NULL;
    PyObject *globals = PyModule_GetDict(main);
    PyObject *result = execute(self, source, globals, globals);
    drop(main);
    return result;
}

/* --- what has nothing to do here: mprun reports by itself when the program has ended --- */

static PyObject *nothing(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    return none();
}

static PyObject *enter_nothing(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return none();
}

static PyMethodDef stamp_methods[] = {
    {"__enter__", enter_nothing, METH_NOARGS, NULL},
    {"__exit__", enter_nothing, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot stamp_slots[] = {
    {Py_tp_methods, stamp_methods},
    {Py_tp_doc, "What profile.timestamp() gives to a with statement."},
    {0, NULL},
};

static PyType_Spec stamp_spec = {
    .name = "builtins.timestamp",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = stamp_slots,
};

PyObject *mpr_names_make(PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    if (!type)
        return NULL;
    PyObject *object = PyType_GenericAlloc((PyTypeObject *)type, 0);
    drop(type);
    return object;
}

bool mpr_names_in_main_interpreter(void)
{
    return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0;
}

/* mprof's `with profile.timestamp("name"):`. */
static PyObject *timestamp(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self, (void)args, (void)kwargs;
    return state.stamp && mpr_names_in_main_interpreter() ? keep(state.stamp)
                                                          : mpr_names_make(&stamp_spec);
}

/* --- the objects themselves --- */

static PyObject *name_of(PyObject *self, void *unused)
{
    (void)unused;
    PyObject *type = PyObject_Type(self);
    PyObject *name = type ? PyObject_GetAttrString(type, "__name__") : NULL;
    Py_DecRef(type);
    return name;
}

/* For `inspect`, which until 3.12 finds none for an object with a call in C. It is loaded if it
 * asks. */
static PyObject *signature(PyObject *self, void *unused)
{
    (void)unused;
    PyObject *name = PyUnicode_FromString("inspect");
    PyObject *inspect = name ? PyImport_GetModule(name) : NULL;
    PyObject *called = inspect ? PyObject_GetAttrString(self, "__call__") : NULL;
    PyObject *found = called ? PyObject_CallMethod(inspect, "signature", "O", called) : NULL;
    if (!found && !PyErr_Occurred())
        PyErr_SetString(PyExc_AttributeError, "__signature__");
    Py_DecRef(called);
    Py_DecRef(inspect);
    Py_DecRef(name);
    return found;
}

/* A global name: pickle and copy come to the same object, or to that of another process. */
static PyObject *reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    return name_of(self, NULL);
}

static PyObject *represent(PyObject *self)
{
    PyObject *name = name_of(self, NULL);
    PyObject *text = name ? PyUnicode_FromFormat("<mprun's decorator %U>", name) : NULL;
    Py_DecRef(name);
    return text;
}

#define WITH_KEYWORDS(function) ((PyCFunction)(void (*)(void))(function))
#define METHOD(name, function, doc)                                                                \
    {                                                                                              \
        name, WITH_KEYWORDS(function), METH_VARARGS | METH_KEYWORDS, doc                           \
    }
#define WRAPS "Select a function and return it."
#define ADDS "Select functions: also those of classes."
#define NOTHING "Does nothing: mprun reports when the program has ended."

static PyMethodDef methods[] = {
    {"__enter__", enter, METH_NOARGS, "Until the block ends, select what it calls."},
    {"__exit__", leave, METH_VARARGS, NULL},
    {"__reduce__", reduce, METH_NOARGS, NULL},
    METHOD("enable_by_count", enable_by_count, "Begin to select what is called; nests."),
    METHOD("disable_by_count", disable_by_count, "End what enable_by_count began."),
    METHOD("enable", enable, "Begin to select what is called."),
    METHOD("disable", disable, "End what enable began."),
    METHOD("runcall", run_call, "Select a function, call it and return its result."),
    METHOD("runctx", run_context, "Execute code and select what it calls. Returns this object."),
    METHOD("run", run, "Execute code in __main__ and select what it calls. Returns this object."),
    METHOD("add_function", add, ADDS),
    METHOD("add_callable", add, ADDS),
    METHOD("add_class", add, ADDS),
    METHOD("wrap_function", wrap, WRAPS),
    METHOD("wrap_callable", wrap, WRAPS),
    METHOD("wrap_generator", wrap, WRAPS),
    METHOD("wrap_coroutine", wrap, WRAPS),
    METHOD("wrap_async_generator", wrap, WRAPS),
    METHOD("wrap_classmethod", wrap, WRAPS),
    METHOD("wrap_staticmethod", wrap, WRAPS),
    METHOD("wrap_boundmethod", wrap, WRAPS),
    METHOD("wrap_property", wrap, WRAPS),
    METHOD("wrap_cached_property", wrap, WRAPS),
    METHOD("wrap_partial", wrap, WRAPS),
    METHOD("wrap_partialmethod", wrap, WRAPS),
    METHOD("wrap_class", wrap, WRAPS),
    METHOD("timestamp", timestamp, "A with block that does nothing."),
    METHOD("print_stats", nothing, NOTHING),
    METHOD("dump_stats", nothing, NOTHING),
    METHOD("create_stats", nothing, NOTHING),
    METHOD("show_results", nothing, NOTHING),
    METHOD("show", nothing, NOTHING),
    {"mark", WITH_KEYWORDS(mpr_names_mark), MPR_FAST,
        "mark(name): name this moment in the report."},
    {"snapshot", WITH_KEYWORDS(mpr_names_snapshot), MPR_FAST,
        "snapshot(name): a mark that keeps what every line holds, and returns it."},
    {"section", WITH_KEYWORDS(mpr_names_section), MPR_FAST,
        "section(name): a with block, or a decorator, with figures of its own in the report."},
    {"current", mpr_names_current, METH_NOARGS,
        "Memory now, and its peaks: heap, rss, heap_peak, rss_peak, python, native."},
    {"reset_peak", mpr_names_reset_peak, METH_NOARGS,
        "Peaks that current() and marks tell begin anew; those of the report do not."},
    {NULL, NULL, 0, NULL},
};

/* A class of snapshot.py. */
static PyObject *class_named(PyObject *self, void *name)
{
    (void)self;
    return mpr_names_python(name);
}

/* As of a module. */
static PyObject *itself(PyObject *self, void *unused)
{
    (void)unused;
    return keep(self);
}

static PyGetSetDef attributes[] = {
    {"__name__", name_of, NULL, NULL, NULL},
    {"__qualname__", name_of, NULL, NULL, NULL},
    {"__signature__", signature, NULL, NULL, NULL},
    {"profile", itself, NULL, NULL, NULL},
    {"Snapshot", class_named, NULL, NULL, "Snapshot"},
    {"Filter", class_named, NULL, NULL, "Filter"},
    {"DomainFilter", class_named, NULL, NULL, "DomainFilter"},
    {"Statistic", class_named, NULL, NULL, "Statistic"},
    {"StatisticDiff", class_named, NULL, NULL, "StatisticDiff"},
    {"Frame", class_named, NULL, NULL, "Frame"},
    {"Figures", mpr_names_figures, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_call, call},
    {Py_tp_repr, represent},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_doc, "Select a function for mprun: as a decorator, bare or with arguments, or for the\n"
                "calls of a with block. Returns the function itself."},
    {0, NULL},
};

#define FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE)

static PyType_Spec specs[NAMES] = {
    {.name = "builtins.profile", .flags = FLAGS, .slots = slots},
    {.name = "builtins.mprun", .flags = FLAGS, .slots = slots},
};

static const char *name_in(size_t which)
{
    return specs[which].name + sizeof "builtins." - 1;
}

static int install(PyObject *builtins, size_t which, bool replace)
{
    if (!replace && PyDict_GetItemString(builtins, name_in(which)))
        return 0;
    PyObject *object = mpr_names_make(&specs[which]);
    int status = object ? PyDict_SetItemString(builtins, name_in(which), object) : -1;
    if (mpr_names_in_main_interpreter())
        state.installed[which] = object;
    Py_DecRef(object);
    return status;
}

PyObject *mpr_names_object(void)
{
    PyObject *builtins = PyEval_GetBuiltins();
    PyObject *object = builtins ? PyDict_GetItemString(builtins, name_in(1)) : NULL;
    bool ours = object && PyType_GetSlot(Py_TYPE(object), Py_tp_methods) == methods;
    return ours ? keep(object) : mpr_names_make(&specs[1]);
}

void mpr_names_remove(void)
{
    PyObject *module = PyImport_AddModule("builtins"); /* borrowed */
    PyObject *builtins = module ? PyModule_GetDict(module) : NULL;
    for (size_t i = 0; builtins && i < NAMES; i++) {
        PyObject *object = PyDict_GetItemString(builtins, name_in(i));
        if (object && object == state.installed[i])
            PyDict_DelItemString(builtins, name_in(i));
        state.installed[i] = NULL;
    }
}

int mpr_names_install(const struct mpr_names_ops *ops, bool replace)
{
    PyObject *module = PyImport_AddModule("builtins"); /* borrowed; it is there */
    PyObject *builtins = module ? PyModule_GetDict(module) : NULL;
    int status = builtins ? 0 : -1;
    state.behind = ops;
    for (size_t i = 0; status == 0 && i < NAMES; i++)
        status = install(builtins, i, replace);
    if (status == 0 && !state.stamp && mpr_names_in_main_interpreter())
        status = (state.stamp = mpr_names_make(&stamp_spec)) ? 0 : -1;
    return status;
}
