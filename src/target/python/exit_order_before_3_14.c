/* SPDX-License-Identifier: MIT */
/* CPython 3.11 to 3.13: exit handlers stand in an array of the interpreter's and run from its end.
 */
#include <string.h>

#include "mprun/python.h"

#include <internal/pycore_interp.h>

void mpr_atexit_make_last(const PyObject *callback)
{
    if (!mpr_state_is_known())
        return;
    struct atexit_state *state = &PyInterpreterState_Get()->atexit;
    int last = state->ncallbacks - 1;
    if (last < 1 || !state->callbacks[last] || state->callbacks[last]->func != callback)
        return;
    void *ours = state->callbacks[last];
    memmove(state->callbacks + 1, state->callbacks, (size_t)last * sizeof *state->callbacks);
    state->callbacks[0] = ours;
}
