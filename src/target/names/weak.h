/* SPDX-License-Identifier: MIT */
/* Put in front of the files that use CPython's limited API in the children's library: a program
 * that is no Python has none of these names, and must start all the same. A name that is missing
 * here is an error of the linker's. */
#ifndef MPRUN_NAMES_WEAK_H
#define MPRUN_NAMES_WEAK_H

#pragma weak PyArg_ParseTupleAndKeywords
#pragma weak PyBytes_AsString
#pragma weak PyBytes_Size
#pragma weak PyCMethod_New
#pragma weak PyCallable_Check
#pragma weak PyDict_DelItemString
#pragma weak PyDict_GetItemString
#pragma weak PyDict_New
#pragma weak PyDict_SetItemString
#pragma weak PyErr_Clear
#pragma weak PyErr_ExceptionMatches
#pragma weak PyErr_Format
#pragma weak PyErr_Occurred
#pragma weak PyErr_SetString
#pragma weak PyEval_EvalCode
#pragma weak PyEval_GetBuiltins
#pragma weak PyExc_AttributeError
#pragma weak PyExc_NameError
#pragma weak PyExc_TypeError
#pragma weak PyImport_AddModule
#pragma weak PyImport_GetModule
#pragma weak PyImport_ImportModule
#pragma weak PyInterpreterState_Get
#pragma weak PyInterpreterState_GetID
#pragma weak PyList_Append
#pragma weak PyList_GetItem
#pragma weak PyList_New
#pragma weak PyList_SetSlice
#pragma weak PyList_Size
#pragma weak PyLong_AsLong
#pragma weak PyLong_FromLongLong
#pragma weak PyMem_Free
#pragma weak PyMem_Malloc
#pragma weak PyModuleDef_Type
#pragma weak PyModule_GetDict
#pragma weak PyObject_Call
#pragma weak PyObject_CallFunction
#pragma weak PyObject_CallFunctionObjArgs
#pragma weak PyObject_CallMethod
#pragma weak PyObject_CallObject
#pragma weak PyObject_ClearWeakRefs
#pragma weak PyObject_Free
#pragma weak PyObject_GC_Del
#pragma weak PyObject_GC_Track
#pragma weak PyObject_GC_UnTrack
#pragma weak PyObject_GenericGetAttr
#pragma weak PyObject_GenericSetAttr
#pragma weak PyObject_GetAttr
#pragma weak PyObject_GetAttrString
#pragma weak PyObject_SetAttrString
#pragma weak PyObject_IsInstance
#pragma weak PyObject_Type
#pragma weak PyStructSequence_New
#pragma weak PyStructSequence_NewType
#pragma weak PyStructSequence_SetItem
#pragma weak PySys_GetObject
#pragma weak PyThread_get_thread_ident
#pragma weak PyTuple_GetItem
#pragma weak PyTuple_GetSlice
#pragma weak PyTuple_New
#pragma weak PyTuple_SetItem
#pragma weak PyTuple_Size
#pragma weak PyType_FromSpec
#pragma weak PyType_GenericAlloc
#pragma weak PyType_GetFlags
#pragma weak PyType_GetName
#pragma weak PyType_GetSlot
#pragma weak PyUnicode_AsEncodedString
#pragma weak PyUnicode_CompareWithASCIIString
#pragma weak PyUnicode_FromFormat
#pragma weak PyUnicode_FromString
#pragma weak Py_CompileString
#pragma weak Py_DecRef
#pragma weak Py_IncRef
#pragma weak Py_Version
#pragma weak _PyObject_GC_New
#pragma weak _PyObject_New
#pragma weak _Py_NoneStruct

#endif
