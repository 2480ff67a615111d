/* SPDX-License-Identifier: MIT */
/* In the children's library: is this program a Python? All of its names are weak here (weak.h): in
 * another program they are none, and nothing is missing. */
#include <Python.h>

#include "mprun/children.h"
#include "mprun/names.h"

/* Of the free-threaded build, whose objects look otherwise. */
#pragma weak _Py_DecRefShared
extern void _Py_DecRefShared(PyObject *object);

static int install(void)
{
    int status = mpr_names_install(NULL, false);
    return status < 0 ? status : mpr_names_find();
}

/* 3.11 brought Py_Version. */
void mpr_children_offer_names(void)
{
    if (&Py_Version && !_Py_DecRefShared)
        mpr_names_everywhere(install);
}
