/* SPDX-License-Identifier: MIT */
/* From what a decorator is given to the Python functions in it. */
#ifndef MPRUN_NAMES_FOLLOW_H
#define MPRUN_NAMES_FOLLOW_H

#include <Python.h>
#include <stdbool.h>

/* Call `found` for each function that `object` is, wraps or holds, once for each. False: there is
 * none. No code of the program's runs: attributes are looked up in the dictionaries and slots of
 * objects and types, never asked for. GIL held; an exception that is set stays set. */
bool mpr_follow(PyObject *object, void (*found)(PyFunctionObject *function));

#endif
