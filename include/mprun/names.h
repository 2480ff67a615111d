/* SPDX-License-Identifier: MIT */
/* The builtins `profile` and `mprun`: one type of object, whatever a call of theirs does. In the
 * host of each version, and in the children's library, which serves all. */
#ifndef MPRUN_NAMES_H
#define MPRUN_NAMES_H

#include <Python.h>
#include <stdbool.h>

/* What stands behind them. GIL held; an exception that is set stays set. */
struct mpr_names_ops {
    /* Select what was decorated, or what somebody added by hand. */
    void (*select)(PyObject *object);
    /* A block begins or ends whose calls are selected. Blocks nest; `counted` is false for those
     * that do not (enable, disable). */
    void (*block)(bool begins, bool counted);
};

/* Put both into the builtins of the interpreter that runs; what has such a name there already is
 * replaced, or left alone. `ops` is borrowed, and the same for all interpreters; NULL: they do
 * nothing, as in a process that is not measured. GIL held; -1 with an exception set. */
int mpr_names_install(const struct mpr_names_ops *ops, bool replace);

/* Take out of the main interpreter's builtins what mpr_names_install has put there last. */
void mpr_names_remove(void);

/* `install` is to be called in each interpreter that starts from here on, early, with its GIL held;
 * -1 with an exception set. Before Python is initialised; once. */
void mpr_names_everywhere(int (*install)(void));

#endif
