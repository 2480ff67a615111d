/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun` in a process that is measured: what they are given is
 * selected.
 */
#define PY_SSIZE_T_CLEAN
#include "mprun/python.h"

#include <string.h>

#include "follow.h"
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

static const struct mpr_names_ops ops = {
    .select = select_object,
    .block = begin_or_end_block,
};

static int install_quietly(void)
{
    int collects = mpr_python_guard_begin();
    int status = mpr_names_install(&ops, false);
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
