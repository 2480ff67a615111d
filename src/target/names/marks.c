/* SPDX-License-Identifier: MIT */
/* mprun.mark, snapshot, current, reset_peak. What they allocate is mprun's own, also what the
 * program keeps of it. Where nothing is measured they do as little as they can and fail no program.
 */
#include "objects.h"

/* Of the main interpreter; others may have a GIL of their own, and share no object. */
static struct {
    PyTypeObject *figures;
} state;

static PyObject *none(void)
{
    Py_IncRef(Py_None);
    return Py_None;
}

/* --- figures --- */

static PyStructSequence_Field fields[] = {
    {"heap", "bytes requested and not yet freed"},
    {"rss", "resident memory, without mprun's own pages"},
    {"heap_peak", "the highest heap since the start, or the last reset_peak()"},
    {"rss_peak", "the highest resident memory since then"},
    {"python", "of the heap: Python's allocators"},
    {"native", "of the heap: malloc and private anonymous maps beside them"},
    {NULL, NULL},
};

static PyStructSequence_Desc description = {
    "mprun.Figures", "Memory now, in bytes; None: not measured.", fields, 6};

/* New reference. */
static PyTypeObject *figures_type(void)
{
    if (!mpr_names_in_main_interpreter())
        return PyStructSequence_NewType(&description);
    if (!state.figures)
        state.figures = PyStructSequence_NewType(&description);
    if (state.figures)
        Py_IncRef((PyObject *)state.figures);
    return state.figures;
}

PyObject *mpr_names_figures(PyObject *self, void *unused)
{
    (void)self, (void)unused;
    int collects = mpr_names_guard_begin();
    PyTypeObject *type = figures_type();
    mpr_names_guard_end(collects);
    return (PyObject *)type;
}

static bool set(PyObject *sequence, Py_ssize_t at, int64_t value)
{
    PyObject *number = value == MPR_NO_FIGURE ? none() : PyLong_FromLongLong(value);
    if (number)
        PyStructSequence_SetItem(sequence, at, number);
    return number != NULL;
}

static PyObject *make_figures(const struct mpr_figures *figures)
{
    const int64_t values[] = {figures->heap, figures->rss, figures->heap_peak, figures->rss_peak,
        figures->python, figures->native};
    PyTypeObject *type = figures_type();
    PyObject *sequence = type ? PyStructSequence_New(type) : NULL;
    Py_DecRef((PyObject *)type);
    for (Py_ssize_t i = 0; sequence && i < 6; i++) {
        if (!set(sequence, i, values[i])) {
            Py_DecRef(sequence);
            return NULL;
        }
    }
    return sequence;
}

static PyObject *figures_now(void)
{
    const struct mpr_names_ops *behind = mpr_names_behind();
    struct mpr_figures figures;
    if (!behind || !behind->figures(&figures))
        figures = (struct mpr_figures){MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE, MPR_NO_FIGURE,
            MPR_NO_FIGURE, MPR_NO_FIGURE};
    return make_figures(&figures);
}

PyObject *mpr_names_current(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    int collects = mpr_names_guard_begin();
    PyObject *figures = figures_now();
    mpr_names_guard_end(collects);
    return figures;
}

PyObject *mpr_names_reset_peak(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    if (mpr_names_behind())
        mpr_names_behind()->reset_peak();
    return none();
}

/* --- marks and snapshots --- */

PyObject *mpr_names_mark(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    (void)self;
    int collects = mpr_names_guard_begin();
    PyObject *bytes = mpr_names_argument("mark", args, count, keywords, NULL, NULL);
    if (bytes && mpr_names_behind())
        mpr_names_behind()->mark(PyBytes_AsString(bytes));
    Py_DecRef(bytes);
    mpr_names_guard_end(collects);
    return bytes ? none() : NULL;
}

/* Of what holds something now; an empty one where nothing is measured. */
static PyObject *make_snapshot(PyObject *name, const char *bytes)
{
    const struct mpr_names_ops *behind = mpr_names_behind();
    PyObject *figures = figures_now();
    PyObject *held = figures && behind ? behind->snapshot(bytes) : NULL;
    if (figures && !held && !PyErr_Occurred())
        held = PyList_New(0);
    PyObject *type = held ? mpr_names_python("Snapshot") : NULL;
    PyObject *snapshot =
        type ? PyObject_CallFunctionObjArgs(type, name, figures, held, NULL) : NULL;
    Py_DecRef(type);
    Py_DecRef(held);
    Py_DecRef(figures);
    return snapshot;
}

PyObject *mpr_names_snapshot(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    (void)self;
    int collects = mpr_names_guard_begin();
    PyObject *name = NULL, *snapshot = NULL;
    PyObject *bytes = mpr_names_argument("snapshot", args, count, keywords, "snapshot", &name);
    if (bytes)
        snapshot = make_snapshot(name, PyBytes_AsString(bytes));
    Py_DecRef(bytes);
    Py_DecRef(name);
    mpr_names_guard_end(collects);
    return snapshot;
}
