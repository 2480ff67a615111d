/* SPDX-License-Identifier: MIT */
/* Each interpreter of a process gets its builtins: with a module that every one of them makes as it
 * starts, before any code of the program's (and of site). Its definition, reached by the table of
 * modules that CPython was built with, gets one step more. In the limited API, as names.c. */
#include <Python.h>
#include <string.h>

#include "mprun/names.h"

#ifdef Py_LIMITED_API
struct _inittab {
    const char *name;
    PyObject *(*initfunc)(void);
};
#pragma weak PyImport_Inittab
PyAPI_DATA(struct _inittab *) PyImport_Inittab;
#endif

/* importlib needs it to find files. */
#define EARLY_MODULE "posix"

#define MAX_SLOTS 16

static struct {
    PyObject *(*early_module)(void);
    int (*install)(void);
    PyModuleDef_Slot slots[MAX_SLOTS + 2]; /* the module's, and one more */
} state;

/* Without its builtins an interpreter runs as bare. */
static int step(PyObject *module)
{
    (void)module;
    if (state.install() < 0)
        PyErr_Clear();
    return 0;
}

/* From 3.13 on a definition is asked for in the main interpreter on behalf of all; its steps run in
 * each. */
static void add_step(PyModuleDef *definition)
{
    size_t count = 0;
    if (!definition->m_slots || definition->m_slots == state.slots)
        return;
    for (; definition->m_slots[count].slot; count++) {
        if (count == MAX_SLOTS)
            return;
        state.slots[count] = definition->m_slots[count];
    }
    state.slots[count] = (PyModuleDef_Slot){Py_mod_exec, (void *)step};
    state.slots[count + 1] = (PyModuleDef_Slot){0, NULL};
    definition->m_slots = state.slots;
}

static PyObject *define_module(void)
{
    PyObject *definition = state.early_module();
    if (definition && PyObject_IsInstance(definition, (PyObject *)&PyModuleDef_Type) == 1)
        add_step((PyModuleDef *)definition);
    return definition;
}

void mpr_names_everywhere(int (*install)(void))
{
    for (struct _inittab *entry = PyImport_Inittab; entry && entry->name; entry++) {
        if (strcmp(entry->name, EARLY_MODULE) != 0 || entry->initfunc == define_module)
            continue;
        state.install = install;
        state.early_module = entry->initfunc;
        entry->initfunc = define_module;
        return;
    }
}
