/* SPDX-License-Identifier: MIT */
/* What decorators ask of trace. GIL held; an exception that is set stays set. */
#ifndef MPRUN_DECORATE_H
#define MPRUN_DECORATE_H

#include <Python.h>
#include <stdbool.h>

/* Select a function's code by decorator. */
void mpr_trace_decorate(PyFunctionObject *function);

/* A decorator was given an object of that type, and no function was found in it: the report tells
 * where. */
void mpr_trace_nothing_decorated(const char *type_name);

/* While a block is open, the user's functions that start are selected as by decorator, from then on
 * to the end. Called at changes only. */
void mpr_trace_block(bool open);

#endif
