/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun` in a process that is measured: what they are given is
 * selected.
 */
#define PY_SSIZE_T_CLEAN
#include "mprun/python.h"

#include <string.h>

#include "figures.h"
#include "follow.h"
#include "held.h"
#include "mprun/decorate.h"
#include "mprun/measured_names.h"
#include "mprun/names.h"
#include "mprun/python_heap.h"

static struct {
    unsigned blocks; /* that nest */
    bool on;         /* between enable and disable */
    bool added;      /* the builtins were not there before the session */
} state;

static bool is_measured(void)
{
    return mpr_probe->armed && mpr_in_main_interpreter();
}

static void select_object(PyObject *object)
{
    if (!is_measured())
        return;
    int collects = mpr_python_guard_begin();
    if (!mpr_follow(object, mpr_trace_decorate))
        mpr_trace_nothing_decorated(Py_TYPE(object)->tp_name);
    mpr_python_guard_end(collects);
}

static bool in_block(void)
{
    return state.blocks || state.on;
}

static void begin_or_end_block(bool begins, bool counted)
{
    if (!is_measured())
        return;
    bool before = in_block();
    if (!counted)
        state.on = begins;
    else if (begins)
        state.blocks++;
    else if (state.blocks)
        state.blocks--;
    if (in_block() != before)
        mpr_trace_block(!before);
}

/* --- figures, marks, sections --- */

static int guard_begin(void)
{
    return mpr_python_guard_begin();
}

static void guard_end(int collects)
{
    mpr_python_guard_end(collects);
}

static bool figures(struct mpr_figures *ret)
{
    bool measured = is_measured();
    if (measured)
        mpr_figures_read(ret);
    return measured;
}

static void reset_peak(void)
{
    if (is_measured())
        mpr_figures_reset_peak();
}

static void mark(const char *name)
{
    struct mpr_figures now;
    if (figures(&now))
        mpr_figures_mark(name, &now, 0);
}

/* The list is made of what the recording gets, whether that has room or not. */
static PyObject *take_snapshot(const char *name)
{
    struct mpr_figures now;
    if (!figures(&now))
        return NULL;
    mpr_figures_mark(name, &now, mpr_figures_snapshot());
    return mpr_probe->heap ? mpr_names_held() : NULL;
}

static void begin_section(const char *name, struct mpr_section_entry *entry)
{
    if (is_measured())
        mpr_section_begin(name, entry);
}

static const struct mpr_names_ops ops = {
    .select = select_object,
    .block = begin_or_end_block,
    .guard_begin = guard_begin,
    .guard_end = guard_end,
    .figures = figures,
    .reset_peak = reset_peak,
    .mark = mark,
    .snapshot = take_snapshot,
    .section_begin = begin_section,
    .section_end = mpr_section_end,
    .section_forget = mpr_section_forget,
};

static int install_quietly(void)
{
    int collects = mpr_python_guard_begin();
    int status = mpr_names_install(&ops, false);
    if (status == 0)
        status = mpr_names_find();
    mpr_python_guard_end(collects);
    return status;
}

void mpr_names_prepare(void)
{
    mpr_names_everywhere(install_quietly);
}

int mpr_names_start(bool late)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    int status = mpr_names_install(&ops, !late);
    if (status == 0 && !late) /* a Python that runs finds the package that measures it */
        status = mpr_names_find();
    state.added = late;
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return status;
}

void mpr_names_stop(void)
{
    PyObject *type, *value, *traceback;
    bool added = state.added;
    memset(&state, 0, sizeof state);
    if (!added)
        return;
    PyErr_Fetch(&type, &value, &traceback);
    mpr_names_remove();
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}
