/* SPDX-License-Identifier: MIT */
/* Code objects as text. */
#include "mprun/python.h"

#include <string.h>

#define MAX_NESTING 100

/* The string's bytes: a file name's as the file system has them, else UTF-8; "" if it is no string
 * or there is no memory, and then with an exception set. Valid until *ret_held, which becomes the
 * caller's where it is set, is released: ASCII strings lend their bytes, others are encoded into a
 * new object, because PyUnicode_AsUTF8 would leave a copy in the program's string. GIL held. */
static const char *text_of(PyObject *string, bool file_name, PyObject **ret_held)
{
    if (!string || !PyUnicode_Check(string))
        return "";
    if (PyUnicode_IS_COMPACT_ASCII(string))
        return (const char *)PyUnicode_1BYTE_DATA(string);
    *ret_held = file_name ? PyUnicode_EncodeFSDefault(string)
                          : PyUnicode_AsEncodedString(string, "utf-8", "surrogateescape");
    return *ret_held ? PyBytes_AS_STRING(*ret_held) : "";
}

bool mpr_is_comprehension_name(const char *name)
{
    static const char *const names[] = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

struct line_search {
    uint32_t last;
    int depth;
};

/* The location table (Objects/locations.md): a run of entries, each a byte 1 cccc lll with the kind
 * c, then bytes without the top bit. Only the line deltas matter here. */
enum { LOCATION_ONE_LINE = 10, LOCATION_NO_COLUMNS = 13, LOCATION_LONG = 14, LOCATION_NONE = 15 };

static int signed_varint(const unsigned char *at, const unsigned char *end)
{
    unsigned value = 0;
    for (unsigned shift = 0; at < end && shift < 30; shift += 6, at++) {
        value |= (*at & 63u) << shift;
        if (!(*at & 64u))
            break;
    }
    return (value & 1) ? -(int)(value >> 1) : (int)(value >> 1);
}

static int line_delta(const unsigned char *entry, const unsigned char *end)
{
    unsigned kind = (*entry >> 3) & 15u;
    if (kind == LOCATION_LONG || kind == LOCATION_NO_COLUMNS)
        return signed_varint(entry + 1, end);
    if (kind >= LOCATION_ONE_LINE && kind < LOCATION_NO_COLUMNS)
        return (int)kind - LOCATION_ONE_LINE;
    return 0;
}

uint32_t mpr_code_line(const PyCodeObject *code, int unit, struct mpr_line_walk *walk)
{
    const unsigned char *table = (const unsigned char *)PyBytes_AS_STRING(code->co_linetable);
    const unsigned char *end = table + PyBytes_GET_SIZE(code->co_linetable);
    if (unit < 0)
        return code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 0;
    if (walk->code != code || unit < walk->unit)
        *walk = (struct mpr_line_walk){code, 0, 0, code->co_firstlineno};
    while (table + walk->at < end) {
        const unsigned char *at = table + walk->at;
        int units = (*at & 7) + 1;
        int line = walk->line + line_delta(at, end);
        bool none = ((*at >> 3) & 15u) == LOCATION_NONE;
        if (unit < walk->unit + units)
            return none || line <= 0 ? 0 : (uint32_t)line;
        walk->unit += units;
        walk->line = line;
        for (at++; at < end && !(*at & 128u); at++)
            ;
        walk->at = at - table;
    }
    return 0;
}

PyCodeObject *mpr_code_running(uint32_t *ret_line)
{
    const PyThreadState *holder = mpr_gil_holder();
    const _PyInterpreterFrame *frame = mpr_frame_of_python(mpr_frame_current(holder));
    if (!frame)
        return NULL;
    PyCodeObject *code = mpr_frame_code(frame);
    struct mpr_line_walk walk = {NULL, 0, 0, 0};
    *ret_line = mpr_code_line(code, (int)(mpr_frame_at(frame) - _PyCode_CODE(code)), &walk);
    return code;
}

/* The lines of a code object's own. */
static inline void each_own_line(
    const PyCodeObject *code, void (*visit)(uint32_t line, void *data), void *data)
{
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(code->co_linetable);
    const unsigned char *end = at + PyBytes_GET_SIZE(code->co_linetable);
    int64_t line = code->co_firstlineno;
    while (at < end) {
        line += line_delta(at, end);
        if (((*at >> 3) & 15u) != LOCATION_NONE && line > 0 && line <= INT32_MAX)
            visit((uint32_t)line, data);
        for (at++; at < end && !(*at & 128u); at++)
            ;
    }
}

static void keep_largest(uint32_t line, void *data)
{
    uint32_t *last = data;
    if (line > *last)
        *last = line;
}

static uint32_t own_last_line(const PyCodeObject *code)
{
    uint32_t last = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    each_own_line(code, keep_largest, &last);
    return last;
}

static void note_last_line(PyCodeObject *code, void *data)
{
    struct line_search *search = data;
    uint32_t last = own_last_line(code);
    if (last > search->last)
        search->last = last;
    if (search->depth >= MAX_NESTING)
        return;
    search->depth++;
    mpr_code_each_nested(code, note_last_line, search);
    search->depth--;
}

struct line_visit {
    void (*visit)(uint32_t line, void *data);
    void *data;
    int depth;
};

static void visit_lines(PyCodeObject *code, void *data)
{
    struct line_visit *visit = data;
    each_own_line(code, visit->visit, visit->data);
    if (visit->depth >= MAX_NESTING)
        return;
    visit->depth++;
    mpr_code_each_nested(code, visit_lines, visit);
    visit->depth--;
}

void mpr_code_each_line(PyCodeObject *code, void (*visit)(uint32_t line, void *data), void *data)
{
    visit_lines(code, &(struct line_visit){visit, data, 0});
}

void mpr_code_each_nested(
    PyCodeObject *code, void (*visit)(PyCodeObject *nested, void *data), void *data)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(constant))
            visit((PyCodeObject *)constant, data);
    }
}

/* Borrowed; NULL if there is none. */
static PyObject *global_item(PyObject *globals, const char *name)
{
    PyObject *key = PyUnicode_FromString(name);
    if (!key)
        return NULL;
    PyObject *value =
        globals && PyDict_Check(globals) ? PyDict_GetItemWithError(globals, key) : NULL;
    Py_DECREF(key);
    return value;
}

void mpr_code_describe(PyCodeObject *code, PyObject *globals, struct mpr_code *ret)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    memset(ret, 0, sizeof *ret);
    ret->code = code;
    ret->file = text_of(code->co_filename, true, &ret->held[0]);
    ret->qualname = text_of(code->co_qualname, false, &ret->held[1]);
    ret->module = text_of(global_item(globals, "__name__"), false, &ret->held[2]);
    const char *dot = strrchr(ret->qualname, '.');
    ret->comprehension = mpr_is_comprehension_name(dot ? dot + 1 : ret->qualname);
    ret->is_module = PyUnicode_CompareWithASCIIString(code->co_name, "<module>") == 0;
    ret->first_line = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    struct line_search search = {ret->first_line, 0};
    note_last_line(code, &search);
    ret->last_line = search.last;
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

void mpr_code_forget(struct mpr_code *described)
{
    for (size_t i = 0; i < sizeof described->held / sizeof *described->held; i++)
        Py_CLEAR(described->held[i]);
}

void mpr_globals_file(PyObject *globals, char *path, size_t size)
{
    PyObject *type, *value, *traceback, *held = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    snprintf(path, size, "%s", text_of(global_item(globals, "__file__"), true, &held));
    Py_XDECREF(held);
    PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

bool mpr_code_in_main(PyObject *globals)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *main = modules ? PyDict_GetItemString(modules, "__main__") : NULL;
    return main && PyModule_Check(main) && PyModule_GetDict(main) == globals;
}
