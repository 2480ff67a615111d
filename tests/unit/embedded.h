/* SPDX-License-Identifier: MIT */
/* A test as a target with a Python in it. */
#ifndef MPRUN_TESTS_EMBEDDED_H
#define MPRUN_TESTS_EMBEDDED_H

#include "mprun/python.h" /* first: CPython's own headers */

#include <string.h>
#include <unistd.h>

#include "mprun/probe.h"
#include "mprun/recording_reader.h"

/* For the leak sanitizer: an interpreter keeps what it has until the process ends. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

/* Attached and initialised; armed, since what watches the end of code does nothing else. */
static inline int start_python(const char *const *patterns, size_t count, uint32_t settings)
{
    int fd;
    if (mpr_rec_create(patterns, count, settings, MPR_RSS_OFF, &fd, NULL) < 0)
        return -1;
    int status = mpr_probe_attach(fd, NULL);
    close(fd);
    if (status < 0)
        return status;
    mpr_thread_counts(&mpr_thread_block);
    Py_InitializeEx(0);
    mpr_probe->armed = 1;
    return 0;
}

/* A module's code; a new reference. */
static inline PyCodeObject *compile_file(const char *text, const char *file)
{
    PyObject *code = Py_CompileString(text, file, Py_file_input);
    if (!code)
        PyErr_Print();
    return (PyCodeObject *)code;
}

struct search {
    const char *name;
    PyCodeObject *found;
};

static inline void look_for_code(PyCodeObject *code, void *data)
{
    struct search *search = data;
    if (search->found)
        return;
    if (PyUnicode_CompareWithASCIIString(code->co_name, search->name) == 0)
        search->found = code;
    else
        mpr_code_each_nested(code, look_for_code, search);
}

/* The code of that name in a module's, at any depth; borrowed. NULL: there is none. */
static inline PyCodeObject *nested_code(PyCodeObject *module, const char *name)
{
    struct search search = {name, NULL};
    mpr_code_each_nested(module, look_for_code, &search);
    return search.found;
}

#endif
