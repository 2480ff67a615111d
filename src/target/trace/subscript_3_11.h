/* SPDX-License-Identifier: MIT */
/* Subscripts that call a Python function. GIL held. */
#ifndef MPRUN_TRACE_SUBSCRIPT_3_11_H
#define MPRUN_TRACE_SUBSCRIPT_3_11_H

#include "mprun/python.h"

/* Calls of this __getitem__ by obj[i] go by the evaluator from here on. NULL, or no function: none.
 */
void mpr_subscript_show(PyFunctionObject *function);

#endif
