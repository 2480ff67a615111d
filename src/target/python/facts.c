/* SPDX-License-Identifier: MIT */
/* Which Python this is, and where it has its standard library. */
#include "mprun/python.h"

#include <string.h>

#include "mprun/recording.h"
#include "mprun/runtime.h"

void mpr_python_describe(struct mpr_rec_header *header)
{
    const char *version = Py_GetVersion();
    size_t len = strcspn(version, " ");
    header->python_hex = (uint32_t)Py_Version;
    snprintf(header->python_version, sizeof header->python_version, "%.*s", (int)len, version);
}

void mpr_python_library(char *path, size_t size)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *folder = PySys_GetObject("_stdlib_dir");
    PyObject *bytes = folder && PyUnicode_Check(folder) ? PyUnicode_EncodeFSDefault(folder) : NULL;
    snprintf(path, size, "%s", bytes ? PyBytes_AS_STRING(bytes) : "");
    Py_XDECREF(bytes);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

const void *mpr_python_address(void)
{
    return (const void *)Py_GetVersion;
}
