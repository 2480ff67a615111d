/* SPDX-License-Identifier: MIT */
/* BINARY_SUBSCR specialises to a call of a Python __getitem__ that passes no evaluator, but only
 * for functions whose version fits 16 bits (Python/specialize.c). */
#include "subscript_3_11.h"

#define FIRST_VERSION UINT32_C(0x40000000) /* far from those that CPython gives */

/* No two functions of a process may have the same one, of whatever sessions. */
static struct {
    uint32_t given;
} state;

void mpr_subscript_show(PyFunctionObject *function)
{
    if (function && PyFunction_Check(function) && function->func_version <= UINT16_MAX)
        function->func_version = FIRST_VERSION + ++state.given;
}
