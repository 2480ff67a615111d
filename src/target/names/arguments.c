/* SPDX-License-Identifier: MIT */
/* What marks, snapshots and sections are called with: a name. Taken from the caller's stack, since
 * a tuple would be the program's. */
#include "objects.h"

#include <string.h>

static PyObject *refuse(const char *function, const char *what)
{
    return PyErr_Format(PyExc_TypeError, "%s() %s", function, what);
}

static bool is_name(PyObject *keyword)
{
    return PyUnicode_CompareWithASCIIString(keyword, "name") == 0;
}

/* Borrowed; NULL without an exception: there is none. */
static PyObject *find(
    const char *function, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    Py_ssize_t named = keywords ? PyTuple_Size(keywords) : 0;
    if (count + named > 1)
        return refuse(function, "takes one argument, a name");
    if (named && !is_name(PyTuple_GetItem(keywords, 0)))
        return refuse(function, "takes no other keyword than 'name'");
    return count + named ? args[0] : NULL;
}

static PyObject *utf8(PyObject *text)
{
    return text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
}

/* New reference. For C, which ends at the first NUL: two names that differ behind it are two. */
static PyObject *encode(PyObject *text)
{
    PyObject *bytes = utf8(text);
    if (!bytes || strlen(PyBytes_AsString(bytes)) == (size_t)PyBytes_Size(bytes))
        return bytes;
    PyObject *escaped = PyObject_CallMethod(text, "replace", "Cs", 0, "\\x00");
    Py_DecRef(bytes);
    bytes = utf8(escaped);
    Py_DecRef(escaped);
    return bytes;
}

PyObject *mpr_names_argument(const char *function, PyObject *const *args, Py_ssize_t count,
    PyObject *keywords, const char *fallback, PyObject **ret_name)
{
    PyObject *given = find(function, args, count, keywords);
    if (!given && PyErr_Occurred())
        return NULL;
    if (!given && !fallback)
        return refuse(function, "needs a name");
    if (given && !PyUnicode_Check(given))
        return refuse(function, "needs a str as its name");
    PyObject *text = given ? given : PyUnicode_FromString(fallback);
    if (!text)
        return NULL;
    if (given)
        Py_IncRef(text);
    PyObject *bytes = encode(text);
    if (bytes && ret_name)
        *ret_name = text;
    else
        Py_DecRef(text);
    return bytes;
}
