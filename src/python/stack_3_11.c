/* SPDX-License-Identifier: MIT */
/* CPython 3.11: how deep the value stack of a frame is at a call, found as the compiler found it:
 * stack effects followed along all paths from the start. And the hand-over of arguments, for which
 * that is needed. */
#define Py_BUILD_CORE_MODULE 1
#define NEED_OPCODE_TABLES
#include <Python.h>
#include <compile.h>
#include <opcode.h>

#include <internal/pycore_code.h>
#include <internal/pycore_opcode.h>

#include "mprun/python.h"

#define MAX_UNITS 16384 /* longer code is left alone */
#define UNKNOWN (-1)
#define SITES 1024 /* a power of two */
#define SHORT_TEXT 4096

struct flow {
    const _Py_CODEUNIT *unit;
    int count;
    int16_t *depth;
    bool again;
};

static int16_t scratch[MAX_UNITS + 1];

static int opcode_at(const struct flow *flow, int at)
{
    return _PyOpcode_Deopt[_Py_OPCODE(flow->unit[at])];
}

static int argument_at(const struct flow *flow, int at)
{
    int argument = _Py_OPARG(flow->unit[at]);
    for (int shift = 8; --at >= 0 && shift < 32 && opcode_at(flow, at) == EXTENDED_ARG; shift += 8)
        argument |= _Py_OPARG(flow->unit[at]) << shift;
    return argument;
}

/* Where it may jump to, or -1. */
static int jump_target(int opcode, int argument, int at)
{
    switch (opcode) {
    case JUMP_FORWARD:
    case FOR_ITER:
    case SEND:
    case JUMP_IF_FALSE_OR_POP:
    case JUMP_IF_TRUE_OR_POP:
    case POP_JUMP_FORWARD_IF_FALSE:
    case POP_JUMP_FORWARD_IF_TRUE:
    case POP_JUMP_FORWARD_IF_NONE:
    case POP_JUMP_FORWARD_IF_NOT_NONE:
        return at + 1 + argument;
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case POP_JUMP_BACKWARD_IF_FALSE:
    case POP_JUMP_BACKWARD_IF_TRUE:
    case POP_JUMP_BACKWARD_IF_NONE:
    case POP_JUMP_BACKWARD_IF_NOT_NONE:
        return at + 1 - argument;
    default:
        return -1;
    }
}

static bool falls_through(int opcode)
{
    switch (opcode) {
    case JUMP_FORWARD:
    case JUMP_BACKWARD:
    case JUMP_BACKWARD_NO_INTERRUPT:
    case RETURN_VALUE:
    case RAISE_VARARGS:
    case RERAISE:
        return false;
    default:
        return true;
    }
}

static void reach(struct flow *flow, int from, int to, int depth)
{
    if (to < 0 || to > flow->count || depth < 0 || depth > INT16_MAX || flow->depth[to] != UNKNOWN)
        return;
    flow->depth[to] = (int16_t)depth;
    flow->again |= to < from;
}

static void follow(struct flow *flow, int at)
{
    int opcode = opcode_at(flow, at), argument = argument_at(flow, at);
    int has_argument = opcode >= HAVE_ARGUMENT ? argument : 0;
    int target = jump_target(opcode, argument, at);
    if (target >= 0)
        reach(flow, at, target,
            flow->depth[at] + PyCompile_OpcodeStackEffectWithJump(opcode, has_argument, 1));
    if (falls_through(opcode))
        reach(flow, at, at + 1 + _PyOpcode_Caches[opcode],
            flow->depth[at] + PyCompile_OpcodeStackEffectWithJump(opcode, has_argument, 0));
}

static const unsigned char *varint(const unsigned char *at, const unsigned char *end, int *ret)
{
    int value = 0;
    while (at < end) {
        value = (value << 6) | (*at & 63);
        if (!(*at++ & 64))
            break;
    }
    *ret = value;
    return at;
}

/* An exception handler starts with what its table says, plus the exception and maybe the
 * instruction that raised it (Objects/exception_handling_notes.txt). */
static void reach_handlers(struct flow *flow, const PyCodeObject *code)
{
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(code->co_exceptiontable);
    const unsigned char *end = at + PyBytes_GET_SIZE(code->co_exceptiontable);
    while (at < end) {
        int start, size, handler, depth_and_lasti;
        at = varint(at, end, &start);
        at = varint(at, end, &size);
        at = varint(at, end, &handler);
        at = varint(at, end, &depth_and_lasti);
        reach(flow, 0, handler, (depth_and_lasti >> 1) + 1 + (depth_and_lasti & 1));
    }
}

int mpr_code_depth_at(const PyCodeObject *code, int index)
{
    struct flow flow = {_PyCode_CODE(code), (int)Py_SIZE(code), scratch, true};
    if (flow.count > MAX_UNITS || index < 0 || index >= flow.count)
        return UNKNOWN;
    for (int i = 0; i <= flow.count; i++)
        flow.depth[i] = UNKNOWN;
    bool resumable = code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
    flow.depth[0] = resumable; /* what is sent at the first resume */
    reach_handlers(&flow, code);
    while (flow.again) {
        flow.again = false;
        for (int i = 0; i < flow.count; i += 1 + _PyOpcode_Caches[opcode_at(&flow, i)])
            if (flow.depth[i] != UNKNOWN)
                follow(&flow, i);
    }
    return flow.depth[index];
}

/* Depths found so far. A code object's serial is never given to another one, where its address may
 * be. */
static struct site {
    uint32_t serial;
    int index;
    int depth;
} sites[SITES];

static int cached_depth(PyCodeObject *code, uint32_t serial, int index)
{
    struct site *site = &sites[(serial * 31u + (uint32_t)index) & (SITES - 1)];
    if (site->serial != serial || site->index != index)
        *site = (struct site){serial, index, mpr_code_depth_at(code, index)};
    return site->depth;
}

/* The stack pointer of a frame that stands at a CALL, or NULL if it does not. */
static PyObject **top_at_call(_PyInterpreterFrame *caller, uint32_t serial, int *ret_argument)
{
    PyCodeObject *code = caller->f_code;
    int index = _PyInterpreterFrame_LASTI(caller);
    int before = index - 1 - _PyOpcode_Caches[PRECALL];
    if (before < 0 || _PyOpcode_Deopt[_Py_OPCODE(_PyCode_CODE(code)[index])] != CALL ||
        _PyOpcode_Deopt[_Py_OPCODE(_PyCode_CODE(code)[before])] != PRECALL ||
        (before > 0 && _Py_OPCODE(_PyCode_CODE(code)[before - 1]) == EXTENDED_ARG))
        return NULL;
    *ret_argument = _Py_OPARG(_PyCode_CODE(code)[index]);
    /* Stack effects take the arguments off at PRECALL already: the depth is the one before it. */
    int depth = cached_depth(code, serial, before);
    if (depth < *ret_argument + 2 || depth > code->co_stacksize)
        return NULL;
    return _PyFrame_Stackbase(caller) + depth;
}

static bool is_local(const _PyInterpreterFrame *frame, int count, const PyObject *object)
{
    for (int i = 0; i < count; i++)
        if (frame->localsplus[i] == object)
            return true;
    return false;
}

/* Held by the caller's stack and the new frame alone, and of a kind whose end matters. */
static bool handed_over(PyObject *object)
{
    if (!object || Py_REFCNT(object) != 2 || PyLong_CheckExact(object) ||
        PyFloat_CheckExact(object))
        return false;
    return !PyUnicode_CheckExact(object) || !PyUnicode_IS_READY(object) ||
           PyUnicode_GET_LENGTH(object) >= SHORT_TEXT;
}

static int parameter_count(const PyCodeObject *code)
{
    return code->co_argcount + code->co_kwonlyargcount;
}

bool mpr_frame_has_handed_over(const _PyInterpreterFrame *frame)
{
    int count = parameter_count(frame->f_code);
    for (int i = 0; i < count; i++)
        if (handed_over(frame->localsplus[i]))
            return true;
    return false;
}

void mpr_frame_hand_over(
    _PyInterpreterFrame *frame, _PyInterpreterFrame *caller, uint32_t caller_serial)
{
    int argument;
    PyObject **top = top_at_call(caller, caller_serial, &argument);
    if (!top)
        return;
    int total = argument + (top[-argument - 2] != NULL); /* a method: self is an argument too */
    if (top[-total - 1] != (PyObject *)frame->f_func)
        return;
    int count = parameter_count(frame->f_code);
    for (PyObject **at = top - total; at < top; at++) {
        PyObject *object = *at;
        if (handed_over(object) && is_local(frame, count, object)) {
            Py_INCREF(Py_None);
            *at = Py_None;
            Py_DECREF(object);
        }
    }
}
