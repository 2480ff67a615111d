/* SPDX-License-Identifier: MIT */
/* What the object `mprun` is made of beside the decorators. In the limited API throughout. GIL held
 * in all calls. */
#ifndef MPRUN_NAMES_OBJECTS_H
#define MPRUN_NAMES_OBJECTS_H

#include "mprun/names.h"

#define MPR_FAST (METH_FASTCALL | METH_KEYWORDS)

/* names.c: what stands behind the names; NULL: nobody. */
const struct mpr_names_ops *mpr_names_behind(void);
bool mpr_names_in_main_interpreter(void);
/* One object of a type of its own; new reference. */
PyObject *mpr_names_make(PyType_Spec *spec);
/* The object `mprun` of the interpreter that runs; new reference. */
PyObject *mpr_names_object(void);
/* What is allocated between these two is mprun's own. */
int mpr_names_guard_begin(void);
void mpr_names_guard_end(int collects);

/* arguments.c: one argument, called `name`, that is a str; NULL with an exception. Borrowed. With
 * `fallback` it may be left out: then it is that. New reference: the name as bytes, for C. */
PyObject *mpr_names_argument(const char *function, PyObject *const *args, Py_ssize_t count,
    PyObject *keywords, const char *fallback, PyObject **ret_name);

/* marks.c: methods of `mprun`. */
PyObject *mpr_names_mark(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
PyObject *mpr_names_snapshot(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
PyObject *mpr_names_current(PyObject *self, PyObject *unused);
PyObject *mpr_names_reset_peak(PyObject *self, PyObject *unused);
/* The type of what `current` gives. */
PyObject *mpr_names_figures(PyObject *self, void *unused);

/* section.c: the same; and what `section` makes. */
PyObject *mpr_names_section(
    PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
/* run.c: a run of a section, newest of its list; nothing without memory. */
struct mpr_section_run;
void mpr_section_run_begin(struct mpr_section_run **runs, const char *name);
/* … the newest of this thread, else the newest. */
void mpr_section_run_end(struct mpr_section_run **runs);
/* All of them are given up. */
void mpr_section_runs_forget(struct mpr_section_run **runs);

/* wrapper.c: what calls `function` as a run of the section of that name (bytes); with NULL as
 * mprun's own code. New reference. */
PyObject *mpr_names_wrap(PyObject *function, PyObject *section);

/* python.c: a name of mprun's Python code, which is loaded when it is first asked for. New
 * reference. */
PyObject *mpr_names_python(const char *name);

#endif
