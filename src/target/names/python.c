/* SPDX-License-Identifier: MIT */
/* mprun's Python code in the target: snapshot.py, in this library's read-only data, compiled when a
 * name of it is first asked for. It touches no file and no module. */
#include "objects.h"

#include "mprun/imports.h"

__asm__(".section .rodata\n"
        ".globl mpr_snapshot_source\n"
        ".hidden mpr_snapshot_source\n"
        "mpr_snapshot_source:\n"
        ".incbin \"" MPR_SNAPSHOT_SOURCE "\"\n"
        ".byte 0\n"
        ".previous\n");

extern const char mpr_snapshot_source[] __attribute__((visibility("hidden")));

/* Of the main interpreter. */
static struct {
    PyObject *names; /* a dictionary */
} state;

/* A function that snapshot.py decorates its own with. */
static PyObject *quiet(PyObject *self, PyObject *function)
{
    (void)self;
    return mpr_names_wrap(function, NULL);
}

static PyMethodDef quiet_definition = {"quiet", quiet, METH_O, NULL};

static bool set(PyObject *names, const char *name, PyObject *value)
{
    bool done = value && PyDict_SetItemString(names, name, value) == 0;
    Py_DecRef(value);
    return done;
}

/* New reference. */
static PyObject *first_names(void)
{
    PyObject *names = PyDict_New(), *builtins = PyEval_GetBuiltins();
    Py_IncRef(builtins);
    if (names && set(names, "__builtins__", builtins) &&
        set(names, "__name__", PyUnicode_FromString("mprun")) &&
        set(names, "quiet", PyCFunction_NewEx(&quiet_definition, NULL, NULL)))
        return names;
    Py_DecRef(names);
    return NULL;
}

/* New reference. */
static PyObject *load(void)
{
    PyObject *names = first_names();
    PyObject *code =
        names ? Py_CompileString(mpr_snapshot_source, MPR_OWN_FILE, Py_file_input) : NULL;
    PyObject *result = code ? PyEval_EvalCode(code, names, names) : NULL;
    if (!result) {
        Py_DecRef(names);
        names = NULL;
    }
    Py_DecRef(result);
    Py_DecRef(code);
    return names;
}

static PyObject *find(const char *name)
{
    bool main = mpr_names_in_main_interpreter();
    PyObject *names = main && state.names ? state.names : load();
    PyObject *found = names ? PyDict_GetItemString(names, name) : NULL;
    if (names && !found)
        PyErr_SetString(PyExc_AttributeError, name);
    Py_IncRef(found);
    if (main)
        state.names = names;
    else
        Py_DecRef(names);
    return found;
}

PyObject *mpr_names_python(const char *name)
{
    int collects = mpr_names_guard_begin();
    PyObject *found = find(name);
    mpr_names_guard_end(collects);
    return found;
}
