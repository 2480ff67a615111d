/* SPDX-License-Identifier: MIT */
/* The third container: a module of a Python that runs. It measures the process that imports it into
 * a recording that somebody else has made, and who reads it is no concern of it. */
#define PY_SSIZE_T_CLEAN
#include "mprun/python.h"

#include <limits.h>
#include <string.h>

#include "config.h"
#include "mprun/pattern.h"

/* The keywords of open(), or the items of its dictionary. Borrowed; NULL: not given. */
struct given {
    PyObject *recording;
    PyObject *patterns;
    PyObject *heap;
    PyObject *rss;
    PyObject *check;
};

static PyObject *set_error(PyObject *type, const struct mpr_error *err)
{
    PyErr_SetString(type, err->message);
    return NULL;
}

static PyObject *set_status(int status, const struct mpr_error *err)
{
    switch (status) {
    case MPR_ERR_INVALID:
        return set_error(PyExc_ValueError, err);
    case MPR_ERR_NOMEM:
        return set_error(PyExc_MemoryError, err);
    case MPR_ERR_IO:
        return set_error(PyExc_OSError, err);
    default:
        return set_error(PyExc_RuntimeError, err);
    }
}

/* A call that does not come in its turn. */
static PyObject *answer(int status, const struct mpr_error *err)
{
    if (status == MPR_ERR_INVALID)
        return set_error(PyExc_RuntimeError, err);
    if (status < 0)
        return set_status(status, err);
    Py_RETURN_NONE;
}

/* --- what open() is given --- */

static int take_bool(PyObject *value, const char *name, bool *ret)
{
    if (!value)
        return 0;
    if (!PyBool_Check(value)) {
        PyErr_Format(
            PyExc_TypeError, "%s must be True or False, not %s", name, Py_TYPE(value)->tp_name);
        return -1;
    }
    *ret = value == Py_True;
    return 0;
}

static int take_tier(PyObject *value, enum mpr_rss_tier *ret)
{
    if (!value)
        return 0;
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "rss must be a str, not %s", Py_TYPE(value)->tp_name);
        return -1;
    }
    const char *name = PyUnicode_AsUTF8(value);
    if (name && mpr_rss_tier_parse(name, ret) == 0)
        return 0;
    if (name)
        PyErr_Format(PyExc_ValueError,
            "rss is %R; it can be 'auto', 'faults', 'user-faults', 'rusage', 'every-line' or 'off'",
            value);
    return -1;
}

static int take_descriptor(PyObject *value, int *ret)
{
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "recording is missing: the descriptor of a recording");
        return -1;
    }
    if (!PyLong_Check(value) || PyBool_Check(value)) {
        PyErr_Format(PyExc_TypeError, "recording must be a descriptor (an int), not %s",
            Py_TYPE(value)->tp_name);
        return -1;
    }
    long fd = PyLong_AsLong(value);
    if (fd == -1 && PyErr_Occurred())
        PyErr_Clear();
    if (fd < 0 || fd > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "recording is %R, which is no descriptor", value);
        return -1;
    }
    *ret = (int)fd;
    return 0;
}

static bool is_sequence(PyObject *value)
{
    return PyList_Check(value) || PyTuple_Check(value);
}

/* Borrowed text, in memory that goes with `*ret_list`. */
static int take_patterns(PyObject *value, struct mpr_session_config *config, const char ***ret_list)
{
    struct mpr_pattern parsed;
    struct mpr_error err;
    if (!value)
        return 0;
    if (!is_sequence(value)) {
        PyErr_Format(PyExc_TypeError, "patterns must be a list or a tuple of str, not %s",
            Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t count = PySequence_Fast_GET_SIZE(value);
    if (config->pattern_count && count) {
        PyErr_SetString(PyExc_ValueError, "the recording has patterns of its own");
        return -1;
    }
    const char **list = PyMem_Calloc((size_t)count + 1, sizeof *list);
    *ret_list = list;
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *pattern = PySequence_Fast_GET_ITEM(value, i);
        if (!PyUnicode_Check(pattern)) {
            PyErr_Format(PyExc_TypeError, "patterns[%zd] must be a str, not %s", i,
                Py_TYPE(pattern)->tp_name);
            return -1;
        }
        Py_ssize_t len;
        list[i] = PyUnicode_AsUTF8AndSize(pattern, &len);
        if (!list[i])
            return -1;
        if (strlen(list[i]) != (size_t)len) {
            PyErr_Format(PyExc_ValueError, "patterns[%zd] holds a NUL character", i);
            return -1;
        }
        if (mpr_pattern_parse(list[i], &parsed, &err) < 0) {
            set_error(PyExc_ValueError, &err);
            return -1;
        }
    }
    if (!list) {
        PyErr_NoMemory();
        return -1;
    }
    if (count) {
        config->patterns = list;
        config->pattern_count = (size_t)count;
    }
    return 0;
}

static int take_all(
    const struct given *given, struct mpr_session_config *config, const char ***ret_list)
{
    if (take_bool(given->heap, "heap", &config->heap) < 0 ||
        take_bool(given->check, "check", &config->rss_check) < 0 ||
        take_tier(given->rss, &config->rss) < 0)
        return -1;
    return take_patterns(given->patterns, config, ret_list);
}

static int read_given(PyObject *args, PyObject *kwargs, struct given *ret)
{
    static const char *const names[] = {"recording", "patterns", "heap", "rss", "check", NULL};
    PyObject *nothing = NULL;
    bool bare = !kwargs || PyDict_GET_SIZE(kwargs) == 0;
    if (bare && PyTuple_GET_SIZE(args) == 1 && PyDict_Check(PyTuple_GET_ITEM(args, 0))) {
        kwargs = PyTuple_GET_ITEM(args, 0);
        args = nothing = PyTuple_New(0);
    }
    int parsed = args && PyArg_ParseTupleAndKeywords(args, kwargs, "|O$OOOO:open", (char **)names,
                             &ret->recording, &ret->patterns, &ret->heap, &ret->rss, &ret->check);
    Py_XDECREF(nothing);
    return parsed ? 0 : -1;
}

/* --- the module --- */

static PyObject *open_configured(const struct given *given, int fd)
{
    struct mpr_session_config config;
    struct mpr_config_view view;
    struct mpr_error err;
    const char **list = NULL;
    int status = mpr_config_read(fd, &config, &view, &err);
    if (status < 0)
        return set_error(PyExc_ValueError, &err);
    config.container = MPR_REC_EXTENSION;
    config.late = true;
    bool taken = take_all(given, &config, &list) == 0;
    if (taken)
        status = mpr_session_open(&config, fd, &err);
    PyMem_Free((void *)list);
    mpr_config_release(&view);
    if (!taken)
        return NULL;
    if (status < 0)
        return set_status(status, &err);
    Py_RETURN_NONE;
}

static PyObject *module_open(PyObject *self, PyObject *args, PyObject *kwargs)
{
    struct given given = {0};
    struct mpr_error err;
    int fd;
    (void)self;
    if (mpr_session_state() != MPR_SESSION_CLOSED)
        return answer(mpr_session_open(NULL, -1, &err), &err);
    if (read_given(args, kwargs, &given) < 0 || take_descriptor(given.recording, &fd) < 0)
        return NULL;
    return open_configured(&given, fd);
}

static PyObject *module_begin(PyObject *self, PyObject *unused)
{
    struct mpr_error err;
    (void)self, (void)unused;
    return answer(mpr_session_begin(&err), &err);
}

static PyObject *module_end(PyObject *self, PyObject *unused)
{
    struct mpr_error err;
    (void)self, (void)unused;
    return answer(mpr_session_end(MPR_SESSION_STOPPED, &err), &err);
}

static PyObject *module_close(PyObject *self, PyObject *unused)
{
    struct mpr_error err;
    (void)self, (void)unused;
    return answer(mpr_session_close(&err), &err);
}

static PyMethodDef methods[] = {
    {"open", (PyCFunction)(void (*)(void))module_open, METH_VARARGS | METH_KEYWORDS,
        "open(recording, *, patterns=, heap=, rss=, check=), or open({...})\n\n"
        "Measure this process into the recording behind a descriptor. What is not given is as\n"
        "the recording says."},
    {"begin", module_begin, METH_NOARGS, "What is measured begins."},
    {"end", module_end, METH_NOARGS, "It is over: keep what is live."},
    {"close", module_close, METH_NOARGS, "Give everything back."},
    {NULL, NULL, 0, NULL},
};

/* The interpreter goes, with a session open: it ends now. */
static PyObject *at_exit(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    if (mpr_session_state() != MPR_SESSION_CLOSED && mpr_session_state() != MPR_SESSION_FORKED)
        mpr_session_close(NULL);
    Py_RETURN_NONE;
}

static PyMethodDef at_exit_definition = {"mprun", at_exit, METH_NOARGS, NULL};

static int watch_exit(void)
{
    PyObject *module = PyImport_ImportModule("atexit");
    PyObject *callback = module ? PyCFunction_New(&at_exit_definition, NULL) : NULL;
    PyObject *result = callback ? PyObject_CallMethod(module, "register", "O", callback) : NULL;
    Py_XDECREF(result);
    Py_XDECREF(callback);
    Py_XDECREF(module);
    return result ? 0 : -1;
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_mprun",
    .m_doc = "mprun, from within the process that is measured.",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__mprun(void);

PyMODINIT_FUNC PyInit__mprun(void)
{
    if (Py_Version >> 16 != PY_VERSION_HEX >> 16)
        return PyErr_Format(PyExc_ImportError,
            "this _mprun was built for Python %d.%d; install mprun for the one that runs",
            PY_MAJOR_VERSION, PY_MINOR_VERSION);
    if (!mpr_in_main_interpreter())
        return PyErr_Format(PyExc_ImportError, "_mprun works in the main interpreter only");
    PyObject *module = PyModule_Create(&definition);
    if (module && watch_exit() < 0)
        Py_CLEAR(module);
    return module;
}
