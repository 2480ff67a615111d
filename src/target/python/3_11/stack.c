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
#include <string.h>

#include "mprun/python.h"
#include "stack.h"

#define MAX_UNITS 16384 /* longer code is left alone */
#define UNKNOWN (-1)

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

static void follow(struct flow *flow, int at, int opcode, int argument)
{
    int effective = opcode >= HAVE_ARGUMENT ? argument : 0;
    int target = jump_target(opcode, argument, at);
    if (target >= 0)
        reach(flow, at, target,
            flow->depth[at] + PyCompile_OpcodeStackEffectWithJump(opcode, effective, 1));
    if (falls_through(opcode))
        reach(flow, at, at + 1 + _PyOpcode_Caches[opcode],
            flow->depth[at] + PyCompile_OpcodeStackEffectWithJump(opcode, effective, 0));
}

/* One pass over all instructions. Units behind one may be its inline cache: only a forward walk
 * tells what is an instruction and what is data. */
static void pass(struct flow *flow)
{
    int extended = 0;
    for (int at = 0; at < flow->count;) {
        int opcode = opcode_at(flow, at);
        int argument = _Py_OPARG(flow->unit[at]) | extended;
        extended = opcode == EXTENDED_ARG ? argument << 8 : 0;
        if (flow->depth[at] != UNKNOWN)
            follow(flow, at, opcode, argument);
        at += 1 + _PyOpcode_Caches[opcode];
    }
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

const int16_t *mpr_code_depths(const PyCodeObject *code)
{
    struct flow flow = {_PyCode_CODE(code), (int)Py_SIZE(code), scratch, true};
    if (flow.count > MAX_UNITS)
        return NULL;
    for (int i = 0; i <= flow.count; i++)
        flow.depth[i] = UNKNOWN;
    bool resumable = code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR);
    flow.depth[0] = resumable; /* what is sent at the first resume */
    reach_handlers(&flow, code);
    while (flow.again) {
        flow.again = false;
        pass(&flow);
    }
    return scratch;
}

/* How many names KW_NAMES gives the call behind it. */
static int keyword_count(const PyCodeObject *code, int argument)
{
    if (argument >= PyTuple_GET_SIZE(code->co_consts))
        return UINT8_MAX;
    PyObject *names = PyTuple_GET_ITEM(code->co_consts, argument);
    return PyTuple_CheckExact(names) && PyTuple_GET_SIZE(names) < UINT8_MAX
               ? (int)PyTuple_GET_SIZE(names)
               : UINT8_MAX;
}

/* Stack effects take a call's arguments off at PRECALL already, so the depth that counts is the one
 * before it. Wide arguments (EXTENDED_ARG) are left alone. */
void mpr_code_call_sites(const PyCodeObject *code, struct mpr_call_site *ret_sites)
{
    const _Py_CODEUNIT *unit = _PyCode_CODE(code);
    int count = (int)Py_SIZE(code), previous = 0, keywords = 0;
    memset(ret_sites, MPR_DEPTH_UNKNOWN, mpr_code_site_count(code) * sizeof *ret_sites);
    const int16_t *depth = mpr_code_depths(code);
    if (!depth)
        return;
    for (int at = 0; at < count;) {
        int opcode = _PyOpcode_Deopt[_Py_OPCODE(unit[at])];
        int call = at + 1 + _PyOpcode_Caches[PRECALL];
        if (opcode == KW_NAMES)
            keywords =
                previous == EXTENDED_ARG ? UINT8_MAX : keyword_count(code, _Py_OPARG(unit[at]));
        if (opcode == PRECALL && previous != EXTENDED_ARG && keywords < UINT8_MAX && call < count &&
            depth[at] >= 0 && depth[at] < MPR_DEPTH_UNKNOWN && depth[at] <= code->co_stacksize)
            ret_sites[call / MPR_UNITS_PER_SITE] =
                (struct mpr_call_site){(uint8_t)depth[at], (uint8_t)keywords};
        if (opcode == CALL)
            keywords = 0;
        previous = opcode;
        at += 1 + _PyOpcode_Caches[opcode];
    }
}

static bool in_dict(PyObject *dict, const PyObject *wanted)
{
    PyObject *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, NULL, &value))
        if (value == wanted)
            return true;
    return false;
}

static bool holds_keyword(
    const _PyInterpreterFrame *frame, int parameters, PyObject *kwargs, const PyObject *value)
{
    for (int i = 0; i < parameters; i++)
        if (frame->localsplus[i] == value)
            return true;
    return kwargs && PyDict_CheckExact(kwargs) && in_dict(kwargs, value);
}

bool mpr_frame_holds_rest(
    const _PyInterpreterFrame *frame, PyObject *const *first, int positional, int total)
{
    const PyCodeObject *code = frame->f_code;
    int extra = positional - code->co_argcount;
    int parameters = code->co_argcount + code->co_kwonlyargcount;
    bool star = code->co_flags & CO_VARARGS, stars = code->co_flags & CO_VARKEYWORDS;
    PyObject *args = star ? frame->localsplus[parameters] : NULL;
    PyObject *kwargs = stars ? frame->localsplus[parameters + star] : NULL;
    if (extra > 0 && (!args || !PyTuple_CheckExact(args) || PyTuple_GET_SIZE(args) != extra))
        return false;
    for (int i = 0; i < extra; i++)
        if (PyTuple_GET_ITEM(args, i) != first[code->co_argcount + i])
            return false;
    for (int i = positional; i < total; i++)
        if (!holds_keyword(frame, parameters, kwargs, first[i]))
            return false;
    return true;
}
