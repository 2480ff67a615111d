/* SPDX-License-Identifier: MIT */
/* Put in front of the files that use CPython's limited API in the children's library: a program
 * that is no Python has none of these names, and must start all the same. A name that is missing
 * here is an error of the linker's. */
#ifndef MPRUN_NAMES_WEAK_H
#define MPRUN_NAMES_WEAK_H

#pragma weak PyArg_ParseTupleAndKeywords
#pragma weak PyDict_DelItemString
#pragma weak PyDict_GetItemString
#pragma weak PyDict_SetItemString
#pragma weak PyErr_Clear
#pragma weak PyErr_Occurred
#pragma weak PyErr_SetString
#pragma weak PyEval_GetBuiltins
#pragma weak PyExc_AttributeError
#pragma weak PyExc_NameError
#pragma weak PyExc_TypeError
#pragma weak PyImport_AddModule
#pragma weak PyImport_GetModule
#pragma weak PyImport_ImportModule
#pragma weak PyInterpreterState_Get
#pragma weak PyInterpreterState_GetID
#pragma weak PyModuleDef_Type
#pragma weak PyModule_GetDict
#pragma weak PyObject_Call
#pragma weak PyObject_CallFunctionObjArgs
#pragma weak PyObject_CallMethod
#pragma weak PyObject_GetAttrString
#pragma weak PyObject_IsInstance
#pragma weak PyObject_Type
#pragma weak PyTuple_GetItem
#pragma weak PyTuple_GetSlice
#pragma weak PyTuple_Size
#pragma weak PyType_FromSpec
#pragma weak PyType_GenericAlloc
#pragma weak PyUnicode_FromFormat
#pragma weak PyUnicode_FromString
#pragma weak Py_DecRef
#pragma weak Py_IncRef
#pragma weak Py_Version
#pragma weak _Py_NoneStruct

#endif
