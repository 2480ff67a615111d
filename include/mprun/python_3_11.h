/* SPDX-License-Identifier: MIT */
/* CPython 3.11: inline access to frames and to the word in a code object. Internal headers, since
 * 3.11 offers no public way to a frame that has no frame object, and a frame object for each call
 * would be memory that the program did not ask for. */
#ifndef MPRUN_PYTHON_3_11_H
#define MPRUN_PYTHON_3_11_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE_MODULE 1
#endif
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#if PY_VERSION_HEX < 0x030b0000 || PY_VERSION_HEX >= 0x030c0000
#error "this header is for CPython 3.11"
#endif

#include <frameobject.h>
#include <internal/pycore_code.h>
#include <internal/pycore_frame.h>
#include <internal/pycore_genobject.h>
#include <opcode.h>

/* Objects/codeobject.c of 3.11 keeps this to itself; _PyCode_GetExtra costs a call and a look-up of
 * the interpreter at each start of a function. */
struct mpr_code_extra_3_11 {
    Py_ssize_t size;
    void *word[];
};

extern Py_ssize_t mpr_code_word_index;

static inline uintptr_t mpr_code_word(const PyCodeObject *code)
{
    const struct mpr_code_extra_3_11 *extra = (const struct mpr_code_extra_3_11 *)code->co_extra;
    if (!extra || extra->size <= mpr_code_word_index)
        return 0;
    return (uintptr_t)extra->word[mpr_code_word_index];
}

/* Does the frame belong to a generator, coroutine or async generator? */
static inline bool mpr_frame_resumable(const _PyInterpreterFrame *frame)
{
    return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* At a call event: has none of its lines run? */
static inline bool mpr_frame_fresh(const _PyInterpreterFrame *frame)
{
    return _PyInterpreterFrame_LASTI(frame) <= frame->f_code->_co_firsttraceable;
}

/* At a return event of a resumable frame: does it yield rather than return? */
static inline bool mpr_frame_yields(_PyInterpreterFrame *frame)
{
    return mpr_frame_resumable(frame) &&
           _PyFrame_GetGenerator(frame)->gi_frame_state == FRAME_SUSPENDED;
}

/* Bare CPython 3.11 hands a call's arguments over from the caller's stack to the new frame. With an
 * evaluator installed it leaves a reference on the stack until the call returns, so that what the
 * callee drops would live on, and RSS with it. These make up for that. */

/* Depth of the value stack before the instruction at `index` (in code units) runs; -1 if no path
 * leads there or the code is too long to ask. */
int mpr_code_depth_at(const PyCodeObject *code, int index);

/* Two calls lie at least seven units apart (PRECALL, CALL and their caches), so that a byte for
 * four units tells the stack depth at each. */
#define MPR_UNITS_PER_DEPTH 4
#define MPR_DEPTH_UNKNOWN 255

static inline size_t mpr_code_call_depths_size(const PyCodeObject *code)
{
    return (size_t)Py_SIZE(code) / MPR_UNITS_PER_DEPTH + 1;
}

/* Fill ret_depths, that many bytes. Cost: a few passes over the code. */
void mpr_code_call_depths(const PyCodeObject *code, uint8_t *ret_depths);

/* Does the caller stand at a CALL? Then a fresh frame may be what it calls. */
static inline bool mpr_frame_calls(const _PyInterpreterFrame *caller)
{
    int opcode = _Py_OPCODE(*caller->prev_instr);
    return opcode == CALL || opcode == CALL_ADAPTIVE || opcode == CALL_PY_EXACT_ARGS ||
           opcode == CALL_PY_WITH_DEFAULTS;
}

/* Take the arguments off the caller's stack (None is left in their places) if the caller stands at
 * the very call that made the fresh frame. `depths` is the caller's. */
static inline void mpr_frame_hand_over(
    _PyInterpreterFrame *frame, _PyInterpreterFrame *caller, const uint8_t *depths)
{
    const _Py_CODEUNIT *call = caller->prev_instr;
    int depth = depths[(call - _PyCode_CODE(caller->f_code)) / MPR_UNITS_PER_DEPTH];
    int argument = _Py_OPARG(*call);
    if (depth == MPR_DEPTH_UNKNOWN || depth < argument + 2)
        return;
    PyObject **top = _PyFrame_Stackbase(caller) + depth;
    int total = argument + (top[-argument - 2] != NULL); /* a method: self is an argument too */
    if (top[-total - 1] != (PyObject *)frame->f_func)
        return;
    Py_SET_REFCNT(Py_None, Py_REFCNT(Py_None) + total);
    for (PyObject **at = top - total; at < top; at++) {
        PyObject *object = *at;
        *at = Py_None;
        Py_DECREF(object); /* the new frame has a reference of its own */
    }
}

/* Has nothing of the frame run, not even its first instruction? */
static inline bool mpr_frame_new(const _PyInterpreterFrame *frame)
{
    return frame->prev_instr == _PyCode_CODE(frame->f_code) - 1;
}

#endif
