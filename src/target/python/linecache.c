/* SPDX-License-Identifier: MIT */
/* Text of code that is in no file, where tracebacks find it: the standard library's linecache, and
 * doctest, which stands in front of it. It is looked at as it lies there: nothing is imported, no
 * look-up runs code of the program's, and getters that would run some are left alone. */
#include <stdlib.h>
#include <string.h>

#include "mprun/python.h"

/* An item of a module's globals, if it has been imported and is one. Borrowed. */
static PyObject *global_of(const char *module, const char *name)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *found =
        modules && PyDict_Check(modules) ? PyDict_GetItemString(modules, module) : NULL;
    return found && PyModule_Check(found) ? PyDict_GetItemString(PyModule_GetDict(found), name)
                                          : NULL;
}

static PyObject *item_of(PyObject *dict, PyObject *key)
{
    return dict && key && PyDict_Check(dict) ? PyDict_GetItemWithError(dict, key) : NULL;
}

/* (size, mtime or None, lines, full name). Entries of one item would have to be called. */
static bool take_entry(PyObject *entry, struct mpr_kept_text *ret)
{
    if (!entry || !PyTuple_Check(entry) || PyTuple_GET_SIZE(entry) != 4)
        return false;
    PyObject *size = PyTuple_GET_ITEM(entry, 0);
    PyObject *mtime = PyTuple_GET_ITEM(entry, 1);
    *ret = (struct mpr_kept_text){.lines = PyTuple_GET_ITEM(entry, 2)};
    ret->of_file = PyLong_CheckExact(size) && PyFloat_CheckExact(mtime);
    if (ret->of_file) {
        ret->size = PyLong_AsLongLong(size);
        ret->mtime = PyFloat_AS_DOUBLE(mtime);
    }
    return PyList_Check(ret->lines) || PyTuple_Check(ret->lines);
}

/* What was typed in, and -c, from 3.13 on: kept by code, not by file. */
static bool find_interactive(const PyCodeObject *code, struct mpr_kept_text *ret)
{
    PyObject *cache = global_of("linecache", "_interactive_cache");
    if (!cache || !PyUnicode_CheckExact(code->co_qualname))
        return false;
    PyObject *key =
        Py_BuildValue("(OOi)", code->co_filename, code->co_qualname, code->co_firstlineno);
    bool found = take_entry(item_of(cache, key), ret);
    Py_XDECREF(key);
    return found;
}

/* An attribute that lies in the object itself, where nothing else answers in its place. Borrowed
 * from the object. */
static PyObject *plain_attribute(PyObject *object, const char *name)
{
    PyTypeObject *type = Py_TYPE(object);
    PyObject *key = PyUnicode_FromString(name);
    PyObject *value = NULL;
    if (key && type->tp_getattro == PyObject_GenericGetAttr && !_PyType_Lookup(type, key))
        value = PyObject_GenericGetAttr(object, key);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return value;
}

static PyObject *example_at(PyObject *test, const char *number)
{
    PyObject *examples = plain_attribute(test, "examples");
    long at = strtol(number, NULL, 10);
    if (!examples || !PyList_Check(examples) || at < 0 || at >= PyList_GET_SIZE(examples))
        return NULL;
    return PyList_GET_ITEM(examples, at);
}

/* <doctest NAME[NUMBER]>: while its tests run, doctest's own function stands in the place of
 * linecache.getlines, bound to the runner that has the examples. */
static bool find_doctest(const char *file, struct mpr_kept_text *ret)
{
    static const char start[] = "<doctest ";
    const char *bracket = strrchr(file, '[');
    PyObject *getlines = global_of("linecache", "getlines");
    if (strncmp(file, start, sizeof start - 1) != 0 || !bracket || !getlines ||
        !PyMethod_Check(getlines))
        return false;
    PyObject *test = plain_attribute(PyMethod_GET_SELF(getlines), "test");
    PyObject *name = test ? plain_attribute(test, "name") : NULL;
    PyObject *wanted = PyUnicode_DecodeFSDefaultAndSize(
        file + sizeof start - 1, bracket - file - (Py_ssize_t)(sizeof start - 1));
    PyObject *example = NULL;
    if (wanted && name && PyUnicode_CheckExact(name) && PyUnicode_Compare(wanted, name) == 0)
        example = example_at(test, bracket + 1);
    Py_XDECREF(wanted);
    *ret = (struct mpr_kept_text){.lines = example ? plain_attribute(example, "source") : NULL};
    return ret->lines && PyUnicode_CheckExact(ret->lines);
}

bool mpr_kept_text_find(const struct mpr_code *code, struct mpr_kept_text *ret)
{
    PyObject *type, *value, *traceback;
    if (mpr_python_finalizing() || !PyUnicode_CheckExact(code->code->co_filename))
        return false;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *cache = global_of("linecache", "cache");
    bool found = take_entry(item_of(cache, code->code->co_filename), ret) ||
                 find_interactive(code->code, ret) || find_doctest(code->file, ret);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return found;
}

bool mpr_kept_text_find_file(const char *file, struct mpr_kept_text *ret)
{
    PyObject *type, *value, *traceback;
    if (mpr_python_finalizing())
        return false;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *name = PyUnicode_DecodeFSDefault(file);
    bool found = take_entry(item_of(global_of("linecache", "cache"), name), ret);
    Py_XDECREF(name);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return found;
}

/* UTF-8; what is no character (a lone surrogate) becomes a question mark. `to` may be NULL. */
static size_t put_character(Py_UCS4 c, char *to)
{
    unsigned char bytes[4];
    size_t len = 0;
    if (c >= 0xd800 && c < 0xe000)
        c = '?';
    if (c < 0x80) {
        bytes[len++] = (unsigned char)c;
    } else if (c < 0x800) {
        bytes[len++] = (unsigned char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        bytes[len++] = (unsigned char)(0xe0 | c >> 12);
        bytes[len++] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[len++] = (unsigned char)(0xf0 | c >> 18);
        bytes[len++] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
        bytes[len++] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        bytes[len++] = (unsigned char)(0x80 | (c & 0x3f));
    if (to)
        memcpy(to, bytes, len);
    return len;
}

/* Where str.splitlines cuts, after which a line needs no end of its own. */
static bool ends_line(Py_UCS4 c)
{
    return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 ||
           c == 0x2029;
}

/* Not into an object of Python's: asking a string for its UTF-8 would leave a copy in it. SIZE_MAX:
 * it is no string. */
static size_t put_line(PyObject *line, char *to)
{
    size_t size = 0;
    Py_ssize_t length = PyUnicode_Check(line) ? PyUnicode_GetLength(line) : -1;
    if (length < 0)
        return SIZE_MAX;
    for (Py_ssize_t i = 0; i < length; i++)
        size += put_character(PyUnicode_READ_CHAR(line, i), to ? to + size : NULL);
    if (length == 0 || !ends_line(PyUnicode_READ_CHAR(line, length - 1)))
        size += put_character('\n', to ? to + size : NULL);
    return size;
}

size_t mpr_kept_text_put(const struct mpr_kept_text *text, char *to)
{
    size_t size = 0;
    if (PyUnicode_Check(text->lines))
        return put_line(text->lines, to);
    Py_ssize_t count = PySequence_Fast_GET_SIZE(text->lines);
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t more = put_line(PySequence_Fast_GET_ITEM(text->lines, i), to ? to + size : NULL);
        if (more == SIZE_MAX)
            return 0;
        size += more;
    }
    return size;
}
