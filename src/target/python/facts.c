/* SPDX-License-Identifier: MIT */
/* Which Python this is, and where it has its standard library. */
#include "mprun/python.h"

#include <string.h>

#include "mprun/recording.h"
#include "mprun/runtime.h"

/* Declared in an internal header that has moved. */
PyAPI_FUNC(int) _PyObject_DebugMallocStats(FILE *out);

void mpr_python_describe(struct mpr_rec_header *header)
{
    const char *version = Py_GetVersion();
    size_t len = strcspn(version, " ");
    header->host.python_hex = (uint32_t)Py_Version;
    snprintf(
        header->host.python_version, sizeof header->host.python_version, "%.*s", (int)len, version);
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

/* CPython tells it in text only: "2 arenas * 262144 bytes/arena = 524,288". */
int64_t mpr_python_arenas(void)
{
    char text[16384] = "";
    int64_t bytes = 0;
    FILE *out = fmemopen(text, sizeof text - 1, "w");
    if (!out)
        return -1;
    _PyObject_DebugMallocStats(out);
    fclose(out);
    const char *at = strstr(text, "bytes/arena");
    at = at ? strchr(at, '=') : NULL;
    if (!at)
        return -1;
    for (at++; *at && *at != '\n'; at++)
        if (*at >= '0' && *at <= '9')
            bytes = bytes * 10 + (*at - '0');
    return bytes;
}
