/* SPDX-License-Identifier: MIT */
/* CPython 3.14 and later: exit handlers stand in a list of the interpreter's, as tuples that begin
 * with what is called, and run from its start. */
#include "mprun/python.h"

#include <internal/pycore_interp.h>

void mpr_atexit_make_last(const PyObject *callback)
{
    if (!mpr_state_is_known())
        return;
    PyObject *list = PyInterpreterState_Get()->atexit.callbacks;
    PyObject *first = list && PyList_CheckExact(list) && PyList_GET_SIZE(list) > 1
                          ? PyList_GET_ITEM(list, 0)
                          : NULL;
    if (!first || !PyTuple_CheckExact(first) || PyTuple_GET_SIZE(first) == 0 ||
        PyTuple_GET_ITEM(first, 0) != callback)
        return;
    Py_INCREF(first);
    if (PyList_Append(list, first) == 0)
        (void)PyList_SetSlice(list, 0, 1, NULL);
    Py_DECREF(first);
    PyErr_Clear();
}
