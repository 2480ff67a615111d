/* SPDX-License-Identifier: MIT */
/* A builtin whose C function is wrapped while a session is open. Another tool may wrap ours
 * meanwhile. What it has put there stays, and goes on to ours also in the next session, in which
 * ours must not come in front of it, too. GIL held. */
#ifndef MPRUN_TRACE_WRAPPED_H
#define MPRUN_TRACE_WRAPPED_H

#include "mprun/python.h"

/* Stays from session to session. */
struct mpr_wrapped {
    PyMethodDef *definition; /* NULL: not by this session */
    PyCFunction builtin;     /* what ours goes on to */
    bool behind;             /* since a session that is over another stood in front of ours */
};

static inline void mpr_wrap(
    struct mpr_wrapped *wrapped, PyMethodDef *definition, PyCFunction function)
{
    PyCFunction now = definition->ml_meth;
    wrapped->definition = definition;
    if (now == function || (wrapped->behind && now != wrapped->builtin))
        return;
    wrapped->builtin = now;
    definition->ml_meth = function;
}

static inline void mpr_unwrap(struct mpr_wrapped *wrapped, PyCFunction function)
{
    PyMethodDef *definition = wrapped->definition;
    wrapped->definition = NULL;
    if (!definition)
        return;
    wrapped->behind = definition->ml_meth != function && definition->ml_meth != wrapped->builtin;
    if (definition->ml_meth == function)
        definition->ml_meth = wrapped->builtin;
}

#endif
