/* SPDX-License-Identifier: MIT */
/* CPython 3.11: how deep the value stack is, instruction by instruction. */
#ifndef MPRUN_PYTHON_3_11_STACK_H
#define MPRUN_PYTHON_3_11_STACK_H

#include <Python.h>
#include <stdint.h>

/* The depth before each instruction (by its number of code units) runs; -1 where no path leads.
 * NULL if the code is too long to ask. Static memory, until the next call. With the GIL. */
const int16_t *mpr_code_depths(const PyCodeObject *code);

#endif
