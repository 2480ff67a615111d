/* SPDX-License-Identifier: MIT */
/* While a frame is traced, CPython 3.11 makes a bound method for each call of a C method in it,
 * only to show it to a profile function (trace_call_function in Python/ceval.c). The bare program
 * makes none. So the type's way to bind is wrapped, and what is bound for that reason is not
 * counted. Cost: a compare at each bound method that is made, ten more in traced frames. */
#include "bound_methods_3_11.h"

#include "call_args_3_11.h"
#include "mprun/python_heap.h"
#include "select.h"

static descrgetfunc bind;

/* Does the frame stand at a CALL of this very object? */
static bool calls(_PyInterpreterFrame *frame, const PyObject *callee)
{
    uint32_t serial = mpr_select_serial(frame->f_code);
    if (!mpr_frame_calls(frame) || serial == 0)
        return false;
    const struct mpr_call_site *sites = mpr_callsites_of(frame->f_code, serial);
    return sites && mpr_frame_callee(frame, sites) == callee;
}

static PyObject *bind_quietly(PyObject *method, PyObject *object, PyObject *type)
{
    const PyThreadState *ts = PyThreadState_Get();
    if (!ts->cframe->use_tracing || ts->c_profilefunc || !mpr_probe->heap ||
        !ts->cframe->current_frame || !calls(ts->cframe->current_frame, method))
        return bind(method, object, type);
    /* Not quietly: a collection may start in there, and run code of the program's. */
    PyObject *bound = bind(method, object, type);
    if (bound)
        mpr_python_exclude_object(bound);
    return bound;
}

/* Somebody who has wrapped ours goes on to it. */
void mpr_bound_stop(void)
{
    if (PyMethodDescr_Type.tp_descr_get == bind_quietly)
        PyMethodDescr_Type.tp_descr_get = bind;
}

void mpr_bound_start(void)
{
    if (!bind)
        bind = PyMethodDescr_Type.tp_descr_get;
    PyMethodDescr_Type.tp_descr_get = bind_quietly;
}
