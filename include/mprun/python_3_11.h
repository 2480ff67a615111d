/* SPDX-License-Identifier: MIT */
/* CPython 3.11: inline access to frames and to the slots of a code object. Internal headers, since
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
#include <internal/pycore_runtime.h>
#include <opcode.h>

/* Objects/codeobject.c keeps this to itself; the function that reads it (_PyCode_GetExtra) costs a
 * call and a look-up of the interpreter at each start of a function. */
struct mpr_code_extra {
    Py_ssize_t size;
    void *value[];
};

/* Where each slot is in there; enum mpr_code_slot. */
extern Py_ssize_t mpr_code_extra_index[];

static inline void *mpr_code_slot(const PyCodeObject *code, int slot)
{
    const struct mpr_code_extra *extra = (const struct mpr_code_extra *)code->co_extra;
    Py_ssize_t index = mpr_code_extra_index[slot];
    return extra && extra->size > index ? extra->value[index] : NULL;
}

static inline void *mpr_code_slot_unlocked(const PyCodeObject *code, int slot)
{
    return mpr_code_slot(code, slot);
}

/* An event allocates no int for its line. */
#define MPR_EVENTS_BRING_INTS false
#define MPR_INTS_ARE_KEPT false

/* Who holds the GIL; NULL if nobody does. There is one GIL in 3.11, whatever the interpreter. */
static inline const PyThreadState *mpr_gil_holder(void)
{
    return (const PyThreadState *)_Py_atomic_load_relaxed(&_PyRuntime.gilstate.tstate_current);
}

/* Micro releases have not moved the interpreter's state. */
static inline bool mpr_state_is_known(void)
{
    return true;
}

/* The state of this thread if it holds the GIL, else NULL. */
static inline PyThreadState *mpr_state_if_held(void)
{
    PyThreadState *own = PyGILState_GetThisThreadState();
    return own && own == mpr_gil_holder() ? own : NULL;
}

/* Does the holder hold another GIL than the main interpreter's? And has anybody done so yet? There
 * is one. */
static inline bool mpr_gil_is_foreign(const PyThreadState *ts)
{
    (void)ts;
    return false;
}

static inline bool mpr_gils_are_many(void)
{
    return false;
}

static inline void mpr_gils_start(void)
{
}

/* Where the holder stands, for those who know no Python. */
static inline void *const *mpr_gil_holder_place(void)
{
    return (void *const *)&_PyRuntime.gilstate.tstate_current;
}

static inline bool mpr_python_finalizing(void)
{
    return _Py_IsFinalizing();
}

static inline _PyInterpreterFrame *mpr_frame_current(const PyThreadState *ts)
{
    return ts->cframe->current_frame;
}

static inline PyCodeObject *mpr_frame_code(const _PyInterpreterFrame *frame)
{
    return frame->f_code;
}

static inline PyObject *mpr_frame_globals(const _PyInterpreterFrame *frame)
{
    return frame->f_globals;
}

/* The instruction that the frame is at. */
static inline const _Py_CODEUNIT *mpr_frame_at(const _PyInterpreterFrame *frame)
{
    return frame->prev_instr;
}

/* The frame itself, or the first around it that runs Python code; NULL if there is none. */
static inline _PyInterpreterFrame *mpr_frame_of_python(_PyInterpreterFrame *frame)
{
    return frame;
}

/* Does the frame belong to a generator, coroutine or async generator? */
static inline bool mpr_frame_resumable(const _PyInterpreterFrame *frame)
{
    return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* The frame that runs it. */
static inline _PyInterpreterFrame *mpr_frame_caller(const _PyInterpreterFrame *frame)
{
    return frame->previous;
}

/* Is the frame, run by another one, entered from C code that runs in between? */
static inline bool mpr_frame_from_c(const _PyInterpreterFrame *frame)
{
    return !mpr_frame_resumable(frame);
}

/* Is that frame at an instruction that resumes a generator by itself? Where C code does, nothing
 * tells when that goes on. */
static inline bool mpr_frame_resumes(const _PyInterpreterFrame *frame)
{
    int opcode = _Py_OPCODE(*frame->prev_instr);
    return opcode == FOR_ITER || opcode == SEND;
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

/* What is known of a call site. Two calls lie at least seven units apart (PRECALL, CALL and their
 * caches), so that one entry for four units tells it of each. */
#define MPR_UNITS_PER_SITE 4
#define MPR_DEPTH_UNKNOWN 255

struct mpr_call_site {
    uint8_t depth;    /* of the value stack at the call, or MPR_DEPTH_UNKNOWN */
    uint8_t keywords; /* how many of the arguments are passed by name */
};

static inline size_t mpr_code_site_count(const PyCodeObject *code)
{
    return (size_t)Py_SIZE(code) / MPR_UNITS_PER_SITE + 1;
}

/* Fill that many entries. Cost: a few passes over the code. */
void mpr_code_call_sites(const PyCodeObject *code, struct mpr_call_site *ret_sites);

/* Does the caller stand at a CALL? Then a fresh frame may be what it calls. */
static inline bool mpr_frame_calls(const _PyInterpreterFrame *caller)
{
    int opcode = _Py_OPCODE(*caller->prev_instr);
    return opcode == CALL || opcode == CALL_ADAPTIVE || opcode == CALL_PY_EXACT_ARGS ||
           opcode == CALL_PY_WITH_DEFAULTS;
}

/* What a frame that stands at a CALL calls; NULL where the depth of its stack is not known. */
static inline const PyObject *mpr_frame_callee(
    _PyInterpreterFrame *frame, const struct mpr_call_site *sites)
{
    const _Py_CODEUNIT *call = frame->prev_instr;
    struct mpr_call_site site = sites[(call - _PyCode_CODE(frame->f_code)) / MPR_UNITS_PER_SITE];
    int argument = _Py_OPARG(*call);
    if (site.depth == MPR_DEPTH_UNKNOWN || site.depth < argument + 2)
        return NULL;
    PyObject *const *top = _PyFrame_Stackbase(frame) + site.depth;
    return top[-argument - 2] ? top[-argument - 2] : top[-argument - 1];
}

/* Are arguments past the positional parameters, and those passed by name, where the frame has them:
 * in *args, in parameters, in **kwargs? `first` is the first argument on the stack. */
bool mpr_frame_holds_rest(
    const _PyInterpreterFrame *frame, PyObject *const *first, int positional, int total);

/* Take the arguments off the caller's stack (None is left in their places) if the caller stands at
 * the very call that made the fresh frame. Python code also runs while a call is being prepared or
 * cleaned up (garbage collection, finalizers, signal handlers), and its frames find the caller at
 * the same place: so each argument on the stack must be found in the frame before one is taken. */
static inline void mpr_frame_hand_over(
    _PyInterpreterFrame *frame, _PyInterpreterFrame *caller, const struct mpr_call_site *sites)
{
    const _Py_CODEUNIT *call = caller->prev_instr;
    struct mpr_call_site site = sites[(call - _PyCode_CODE(caller->f_code)) / MPR_UNITS_PER_SITE];
    int argument = _Py_OPARG(*call);
    if (site.depth == MPR_DEPTH_UNKNOWN || site.depth < argument + 2)
        return;
    PyObject **top = _PyFrame_Stackbase(caller) + site.depth;
    int total = argument + (top[-argument - 2] != NULL); /* a method: self is an argument too */
    PyObject **first = top - total;
    if (first[-1] != (PyObject *)frame->f_func || site.keywords > total)
        return;
    int positional = total - site.keywords;
    int named = frame->f_code->co_argcount;
    for (int i = 0; i < positional && i < named; i++)
        if (first[i] != frame->localsplus[i])
            return;
    if ((positional > named || site.keywords > 0) &&
        !mpr_frame_holds_rest(frame, first, positional, total))
        return;
    Py_SET_REFCNT(Py_None, Py_REFCNT(Py_None) + total);
    for (PyObject **at = first; at < top; at++) {
        PyObject *object = *at;
        *at = Py_None;
        Py_DECREF(object); /* the frame has a reference of its own */
    }
}

/* Has nothing of the frame run, not even its first instruction? */
static inline bool mpr_frame_new(const _PyInterpreterFrame *frame)
{
    return frame->prev_instr == _PyCode_CODE(frame->f_code) - 1;
}

#endif
