/* SPDX-License-Identifier: MIT */
/* From nodes to Python objects: their sums by site, with names. */
#include "mprun/python.h"

#include <string.h>

#include "held.h"
#include "mprun/nodes.h"
#include "mprun/recording.h"

struct sum {
    const struct mpr_rec_site *site; /* NULL: nothing was found of it */
    int64_t bytes;
    uint64_t blocks;
};

/* By number of the site; sites that come meanwhile, of threads without the GIL, are not in. */
struct sums {
    struct sum *sum;
    uint32_t count;
};

static bool is_site(const struct mpr_rec_node *node)
{
    return node->site != MPR_NODE_ROW;
}

static bool add_up(struct sums *sums)
{
    uint32_t nodes = mpr_nodes_count();
    for (uint32_t number = 1; number <= nodes; number++) {
        const struct mpr_rec_node *node = mpr_node_at(number);
        if (is_site(node) && node->site >= sums->count)
            sums->count = node->site + 1;
    }
    sums->sum = PyMem_RawCalloc(sums->count + 1, sizeof *sums->sum);
    if (!sums->sum)
        return false;
    for (uint32_t number = 1; number <= nodes; number++) {
        const struct mpr_rec_node *node = mpr_node_at(number);
        struct mpr_held held;
        if (!is_site(node))
            continue;
        mpr_node_held(node, &held);
        struct sum *sum = &sums->sum[node->site];
        sum->site = mpr_node_site(node);
        sum->bytes += held.bytes;
        sum->blocks += held.blocks;
    }
    return true;
}

static const char *special_name(uint32_t place)
{
    static const char *const names[MPR_SPECIAL_PLACES] = {
        [0] = "<startup>",
        [MPR_PLACE_INTERPRETER - MPR_PLACE_STARTUP] = "<interpreter>",
        [MPR_PLACE_NATIVE_THREAD - MPR_PLACE_STARTUP] = "<native thread>",
        [MPR_PLACE_FOLDED - MPR_PLACE_STARTUP] = "<folded>",
    };
    bool known = place >= MPR_PLACE_STARTUP && place <= MPR_PLACE_FOLDED;
    return known ? names[place - MPR_PLACE_STARTUP] : "<unknown>";
}

/* (file, function); new reference. */
static PyObject *make_name(uint32_t place)
{
    const struct mpr_rec_place *record = mpr_node_place_record(place);
    const char *special = special_name(place);
    if (!record)
        return Py_BuildValue("(ss)", special, special);
    const char *text = (const char *)record, *qualname = text + record->id.qualname;
    PyObject *file = PyUnicode_DecodeFSDefault(text + record->id.file);
    PyObject *function =
        PyUnicode_DecodeUTF8(qualname, (Py_ssize_t)strlen(qualname), "backslashreplace");
    PyObject *name = file && function ? PyTuple_Pack(2, file, function) : NULL;
    Py_XDECREF(file);
    Py_XDECREF(function);
    return name;
}

/* The same name for all lines of a place. Borrowed. */
static PyObject *name_of(PyObject *names, uint32_t place)
{
    PyObject *key = PyLong_FromUnsignedLong(place);
    PyObject *name = key ? PyDict_GetItemWithError(names, key) : NULL;
    if (key && !name && !PyErr_Occurred()) {
        PyObject *made = make_name(place);
        if (made && PyDict_SetItem(names, key, made) == 0)
            name = made;
        Py_XDECREF(made);
    }
    Py_XDECREF(key);
    return name;
}

static PyObject *make_entry(PyObject *names, const struct sum *sum)
{
    static const char *const domains[MPR_HEAP_DOMAINS] = {
        [MPR_HEAP_PYTHON] = "python", [MPR_HEAP_NATIVE] = "native", [MPR_HEAP_MMAP] = "mmap"};
    PyObject *name = name_of(names, sum->site->place);
    if (!name)
        return NULL;
    return Py_BuildValue("(OIOsLK)", PyTuple_GET_ITEM(name, 0), sum->site->line,
        PyTuple_GET_ITEM(name, 1), domains[sum->site->domain], (long long)sum->bytes,
        (unsigned long long)sum->blocks);
}

static int fill(PyObject *list, PyObject *names, const struct sums *sums)
{
    for (uint32_t i = 0; i < sums->count; i++) {
        const struct sum *sum = &sums->sum[i];
        if (!sum->site || (sum->bytes == 0 && sum->blocks == 0))
            continue;
        PyObject *entry = make_entry(names, sum);
        int status = entry ? PyList_Append(list, entry) : -1;
        Py_XDECREF(entry);
        if (status < 0)
            return -1;
    }
    return 0;
}

PyObject *mpr_names_held(void)
{
    struct sums sums = {NULL, 0};
    PyObject *list = PyList_New(0), *names = PyDict_New();
    if (!list || !names || !add_up(&sums)) {
        if (!PyErr_Occurred())
            PyErr_NoMemory();
        Py_CLEAR(list);
    } else if (fill(list, names, &sums) < 0) {
        Py_CLEAR(list);
    }
    PyMem_RawFree(sums.sum);
    Py_XDECREF(names);
    return list;
}
