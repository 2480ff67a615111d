/* SPDX-License-Identifier: MIT */
/* CPython 3.11: line events through the trace function, in selected frames only.
 *
 * A PEP 523 evaluator sees each Python frame before it runs. Around a selected one it makes our
 * callback the thread's trace function and sets use_tracing; around all others it takes both away
 * again, so that their instructions, calls and exceptions run as if nobody traced. Another's trace
 * function is kept and called after ours, with c_traceobj left as its owner set it, so that
 * sys.gettrace() and the debugger or coverage tool behind it see no difference. Threads are armed
 * by these fields, not by PyEval_SetTrace, whose audit event the script could see.
 *
 * Cost: an unselected call in unselected code, three loads and a jump; a line event in selected
 * code, CPython's own detour plus a hash-free look-up, RSS and the law (activation.c). */
#include "mprun/python.h"

#include <internal/pycore_interp.h>
#include <internal/pycore_pystate.h>

#include "bound_methods_3_11.h"
#include "call_args_3_11.h"
#include "frames.h"
#include "greenlet_hook.h"
#include "leaving.h"
#include "mprun/decorate.h"
#include "mprun/python_heap.h"
#include "mprun/rss.h"
#include "mprun/trace.h"
#include "slots.h"
#include "subscript_3_11.h"
#include "wrapped.h"

const char mpr_trace_engine[] = "settrace";

static struct {
    _PyFrameEvalFunction next;   /* evaluator */
    bool taken;                  /* ours is there, or behind another since */
    bool behind_another;         /* another evaluator goes on to ours */
    bool late;                   /* frames may have run before the session */
    unsigned deep_calls;         /* evaluators that have withdrawn themselves; under the GIL */
    PyThreadState *deep_head;    /* newest thread when the others were armed */
    struct mpr_wrapped settrace; /* sys.settrace */
} state;

static int on_event(PyObject *self, PyFrameObject *object, int what, PyObject *arg);
static PyObject *evaluate(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing);

/* What _PyThreadState_UpdateTracingState does, but that our function alone needs no tracing in
 * frames that are not selected (`ours` false). */
static void update_tracing(PyThreadState *ts, bool ours)
{
    bool wanted = ts->c_profilefunc || (ts->c_tracefunc && (ours || ts->c_tracefunc != on_event));
    ts->cframe->use_tracing = ts->tracing == 0 && wanted ? 255 : 0;
}

static void hook(PyThreadState *ts)
{
    if (ts->c_tracefunc != on_event) {
        mpr_thread_block.trace.next_trace = (void *)ts->c_tracefunc;
        ts->c_tracefunc = on_event;
    }
    update_tracing(ts, true);
}

static void unhook(PyThreadState *ts)
{
    if (ts->c_tracefunc == on_event) {
        ts->c_tracefunc = (Py_tracefunc)mpr_thread_block.trace.next_trace;
        mpr_thread_block.trace.next_trace = NULL;
    }
    update_tracing(ts, false);
}

/* In a child, and after the session, nothing is watched: leave no trace of ourselves. */
static void disarm(PyThreadState *ts)
{
    if (_PyInterpreterState_GetEvalFrameFunc(ts->interp) == evaluate)
        _PyInterpreterState_SetEvalFrameFunc(ts->interp, state.next);
    if (ts->c_tracefunc == on_event)
        unhook(ts);
}

static void restore_caller(PyThreadState *ts, bool selected)
{
    if (!mpr_probe->armed)
        disarm(ts);
    else if (selected)
        hook(ts);
    else
        unhook(ts);
}

static bool caller_selected(const PyThreadState *ts)
{
    return ts->c_tracefunc == on_event && (ts->cframe->use_tracing || ts->tracing);
}

/* --- events --- */

/* While the evaluator is away, selected frames of other threads would run unseen: they are traced
 * everywhere, too, unless they have a trace function of their own. What was armed in vain disarms
 * itself at its next event. */
static void arm_others(PyThreadState *self)
{
    state.deep_head = PyInterpreterState_ThreadHead(self->interp);
    for (PyThreadState *ts = state.deep_head; ts; ts = PyThreadState_Next(ts)) {
        if (ts == self || ts->c_tracefunc)
            continue;
        ts->c_tracefunc = on_event;
        update_tracing(ts, true);
    }
}

/* The frame's object came into being for this event, unless a generator has it from an earlier one,
 * or somebody holds it. */
static void exclude_new_object(PyFrameObject *object, bool started)
{
    bool old = started && mpr_slots_find((uint64_t)(uintptr_t)object->f_frame);
    if (!old && Py_REFCNT(object) == 1)
        mpr_python_exclude_object((PyObject *)object);
}

/* What Cython has compiled with line tracing calls trace functions itself, with frames in which
 * nothing runs. */
static bool runs(const _PyInterpreterFrame *frame)
{
    return mpr_gil_holder()->cframe->current_frame == frame;
}

static void frame_called(PyFrameObject *object)
{
    _PyInterpreterFrame *frame = object->f_frame;
    if (__builtin_expect(!runs(frame), 0))
        return;
    const struct mpr_selected *selected = mpr_select(frame->f_code, frame->f_globals);
    if (!selected)
        return;
    struct mpr_thread *thread = mpr_frames_thread();
    bool started = mpr_frame_resumable(frame) && !mpr_frame_fresh(frame);
    if (mpr_probe->heap)
        exclude_new_object(object, started);
    mpr_frames_enter(thread, selected, (uint64_t)(uintptr_t)frame, started);
}

static inline struct mpr_activation *activation_of(
    const struct mpr_thread *thread, const _PyInterpreterFrame *frame)
{
    return mpr_frames_running(thread, (uint64_t)(uintptr_t)frame);
}

/* The verdict on a frame that ran before the session; NULL: not selected, or there is none such. */
static const struct mpr_selected *select_running(const _PyInterpreterFrame *frame)
{
    return state.late ? mpr_select(frame->f_code, frame->f_globals) : NULL;
}

/* A line of a frame without activation, and no recursion is deep: this thread was armed while one
 * was, or ran before the session. It stays so as long as a selected frame waits below, which no
 * evaluator has seen start. */
__attribute__((cold, noinline)) static void stray_line(void)
{
    PyThreadState *ts = PyThreadState_Get();
    if (state.deep_calls > 0 || mpr_thread_block.trace.next_trace)
        return;
    for (const _PyInterpreterFrame *at = ts->cframe->current_frame; at; at = at->previous)
        if (mpr_slots_find((uint64_t)(uintptr_t)at) || select_running(at))
            return;
    ts->c_tracefunc = NULL;
}

/* Before a row closes: what tracing took for it is taken out, and what somebody else has got hold
 * of meanwhile, so that it would exist without tracing, belongs to that row after all. */
static inline void settle_frame(const struct mpr_activation *act, PyFrameObject *object)
{
    if (__builtin_expect(act->last_line == 0, 0))
        mpr_python_exclude_lines(object);
    if (__builtin_expect(Py_REFCNT(object) > 1, 0))
        mpr_python_include_frame(object);
}

__attribute__((cold, noinline)) static struct mpr_activation *adopt(
    const _PyInterpreterFrame *frame)
{
    const struct mpr_selected *selected = runs(frame) ? select_running(frame) : NULL;
    return selected ? mpr_frames_adopt(selected, (uint64_t)(uintptr_t)frame) : NULL;
}

static inline void line_reached(struct mpr_thread *thread, PyFrameObject *object)
{
    struct mpr_activation *act = activation_of(thread, object->f_frame);
    uint32_t line = (uint32_t)object->f_lineno;
    if (__builtin_expect(!act, 0) && !(act = adopt(object->f_frame))) {
        stray_line();
        return;
    }
    if (act->last_line == line)
        return;
    mpr_probe->header->counts.events++;
    if (mpr_probe->heap)
        settle_frame(act, object);
    mpr_activation_line(act, thread, line, mpr_rss_sample(thread));
}

static void frame_left(struct mpr_thread *thread, PyFrameObject *object)
{
    _PyInterpreterFrame *frame = object->f_frame;
    if (mpr_probe->heap && Py_REFCNT(object) > 1)
        mpr_python_include_frame(object);
    struct mpr_activation *act = activation_of(thread, frame);
    if (!act)
        return;
    struct mpr_sample now = mpr_rss_sample(thread);
    if (mpr_frame_yields(frame))
        mpr_activation_suspend(act, thread, now);
    else
        mpr_leaving_end(act, thread, now, frame);
}

/* Also the first that is seen of code, where it is thrown into a generator that never ran. */
static void exception_passes(PyFrameObject *object)
{
    if (!mpr_probe->heap || !runs(object->f_frame))
        return;
    mpr_python_exclude_lines(object);
    mpr_python_include_frame(object);
}

/* In a deep recursion, threads may start that nobody has armed. */
static void watch_threads(void)
{
    PyThreadState *ts = PyThreadState_Get();
    if (PyInterpreterState_ThreadHead(ts->interp) != state.deep_head)
        arm_others(ts);
}

/* Ours is done; now the trace function that was there before. It may put itself out of action
 * (CPython removes a Python trace function that raises), and may set another one. */
static int call_next(
    Py_tracefunc next, PyObject *self, PyFrameObject *object, int what, PyObject *arg)
{
    int result = next(self, object, what, arg);
    PyThreadState *ts = PyThreadState_Get();
    if (ts->c_tracefunc != on_event) {
        mpr_thread_block.trace.next_trace = (void *)ts->c_tracefunc;
        ts->c_tracefunc = on_event;
    }
    if (mpr_probe->armed && !object->f_trace_lines) /* no line events for it: none for us either */
        mpr_note(MPR_NOTE_TRACER_REPLACED);
    return result;
}

/* In a child, and after the session: an event more, until there is nothing of ours. */
__attribute__((cold, noinline)) static int last_event(
    PyObject *self, PyFrameObject *object, int what, PyObject *arg)
{
    Py_tracefunc next = (Py_tracefunc)mpr_thread_block.trace.next_trace;
    disarm(PyThreadState_Get());
    return next ? next(self, object, what, arg) : 0;
}

static int on_event(PyObject *self, PyFrameObject *object, int what, PyObject *arg)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (__builtin_expect(!mpr_probe->armed, 0))
        return last_event(self, object, what, arg);
    if (__builtin_expect(state.deep_calls > 0, 0))
        watch_threads();
    if (__builtin_expect(what == PyTrace_LINE, 1))
        line_reached(thread, object);
    else if (what == PyTrace_CALL)
        frame_called(object);
    else if (what == PyTrace_RETURN)
        frame_left(thread, object);
    else if (what == PyTrace_EXCEPTION)
        exception_passes(object);
    Py_tracefunc next = (Py_tracefunc)thread->trace.next_trace;
    return __builtin_expect(next != NULL, 0) ? call_next(next, self, object, what, arg) : 0;
}

/* --- the evaluator --- */

/* Less than half of the C stack remains. An evaluator puts every Python call on it; without one,
 * CPython 3.11 runs Python calls in one C frame. So it steps aside until this call returns, and
 * everything below is traced, the callback telling selected frames from others. */
static PyObject *evaluate_deep(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    bool selected = caller_selected(ts);
    mpr_note(MPR_NOTE_DEEP_STACK);
    if (state.deep_calls++ == 0)
        _PyInterpreterState_SetEvalFrameFunc(ts->interp, state.next);
    hook(ts);
    arm_others(ts);
    PyObject *result = state.next(ts, frame, throwing);
    if (--state.deep_calls == 0 && mpr_probe->armed)
        _PyInterpreterState_SetEvalFrameFunc(ts->interp, evaluate);
    restore_caller(ts, selected);
    return result;
}

/* The frame's activation ends with it, also where its return event was not delivered; that of a
 * generator which has only yielded waits. `resumable`: the frame is one's, which still holds it. */
static void close_left_open(_PyInterpreterFrame *frame, bool resumable)
{
    struct mpr_thread *thread = &mpr_thread_block;
    struct mpr_activation *act = mpr_slots_find((uint64_t)(uintptr_t)frame);
    if (__builtin_expect(!act || act->slot->state != MPR_ACT_OPEN, 1))
        return;
    struct mpr_sample now = mpr_rss_sample(thread);
    if (!mpr_activation_settle(act, thread, now))
        return;
    if (resumable && mpr_frame_yields(frame))
        mpr_activation_suspend(act, thread, now);
    else
        mpr_leaving_end(act, thread, now, frame);
}

/* A trace function is set, and yet CPython does not trace here: so it is in what a trace function
 * runs by sys.call_tracing(). That stays as it is. */
static bool muted(const PyThreadState *ts)
{
    bool others = ts->c_tracefunc == on_event ? mpr_thread_block.trace.next_trace != NULL
                                              : ts->c_tracefunc != NULL;
    return others && !ts->tracing && !ts->cframe->use_tracing;
}

static PyObject *evaluate_selected(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    if (muted(ts))
        return state.next(ts, frame, throwing);
    bool selected = caller_selected(ts);
    bool resumable = mpr_frame_resumable(frame);
    uint32_t generation = mpr_probe->trace.selection_generation;
    hook(ts);
    PyObject *result = state.next(ts, frame, throwing);
    if (mpr_probe->armed) {
        close_left_open(frame, resumable);
        /* By PyEval_SetTrace, from C; unless the frame was withdrawn meanwhile and left alone. */
        if (ts->c_tracefunc != on_event && mpr_probe->trace.selection_generation == generation)
            mpr_note(MPR_NOTE_TRACER_REPLACED);
    }
    restore_caller(ts, selected);
    return result;
}

static PyObject *evaluate_unselected(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    if (!mpr_probe->armed) { /* the page's zero looks like code never judged */
        disarm(ts);
        return state.next(ts, frame, throwing);
    }
    if (ts->c_tracefunc != on_event) /* there is nothing of ours to take away */
        return state.next(ts, frame, throwing);
    bool selected = caller_selected(ts);
    unhook(ts);
    PyObject *result = state.next(ts, frame, throwing);
    restore_caller(ts, selected);
    return result;
}

/* The module whose end is to be told. */
static PyObject *evaluate_module(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    PyObject *result = evaluate(ts, frame, throwing);
    if (!mpr_probe->armed)
        return result;
    mpr_module_leaves();
    if (_PyInterpreterState_GetEvalFrameFunc(ts->interp) != evaluate)
        mpr_note(MPR_NOTE_FOREIGN_EVALUATOR);
    return result;
}

static PyObject *evaluate_rarely(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    if (!mpr_probe->armed) {
        disarm(ts);
        return state.next(ts, frame, throwing);
    }
    if (mpr_thread_block.trace.stack_low == (char *)UINTPTR_MAX)
        mpr_thread_enter(&mpr_thread_block);
    if ((char *)__builtin_frame_address(0) < mpr_thread_block.trace.stack_low)
        return evaluate_deep(ts, frame, throwing);
    if (__builtin_expect(mpr_module_enters(frame->f_code, frame->f_globals), 0))
        return evaluate_module(ts, frame, throwing);
    const struct mpr_selected *selected = mpr_select(frame->f_code, frame->f_globals);
    if (!selected)
        return evaluate_unselected(ts, frame, throwing);
    if (selected->subscript)
        mpr_subscript_show(frame->f_func);
    return evaluate_selected(ts, frame, throwing);
}

/* Is the fresh frame the callee of the caller's CALL? Then it gets the arguments for itself. Not in
 * what a trace function runs: it is called in front of an instruction that has yet to run. */
static inline void hand_over_arguments(const PyThreadState *ts, _PyInterpreterFrame *frame)
{
    _PyInterpreterFrame *caller = ts->cframe->current_frame;
    if (!caller || !mpr_frame_calls(caller) || ts->tracing)
        return;
    uint32_t serial = mpr_select_serial(caller->f_code);
    const struct mpr_call_site *sites = serial ? mpr_callsites_of(caller->f_code, serial) : NULL;
    if (sites)
        mpr_frame_hand_over(frame, caller, sites);
}

static PyObject *evaluate(PyThreadState *ts, _PyInterpreterFrame *frame, int throwing)
{
    if (mpr_frame_new(frame))
        hand_over_arguments(ts, frame);
    if (__builtin_expect(mpr_select_is_unselected(mpr_code_extra(frame->f_code)) &&
                             (char *)__builtin_frame_address(0) >= mpr_thread_block.trace.stack_low,
            1)) {
        if (__builtin_expect(ts->c_tracefunc != on_event, 1))
            return state.next(ts, frame, throwing);
        return evaluate_unselected(ts, frame, throwing);
    }
    return evaluate_rarely(ts, frame, throwing);
}

/* --- sys.settrace --- */

/* The same builtin, its C function wrapped: settrace(None) in a selected frame must not end our
 * rows there, and a new trace function has to be chained to. */
static PyObject *settrace(PyObject *self, PyObject *function)
{
    PyObject *result = state.settrace.builtin(self, function);
    PyThreadState *ts = PyThreadState_Get();
    const _PyInterpreterFrame *frame = ts->cframe->current_frame;
    if (!result || !mpr_probe->armed || !frame || ts->interp != PyInterpreterState_Main())
        return result;
    if (state.deep_calls > 0 || mpr_select(frame->f_code, frame->f_globals))
        hook(ts);
    else
        mpr_thread_block.trace.next_trace = NULL;
    return result;
}

static void wrap_settrace(void)
{
    PyObject *object = PySys_GetObject("settrace");
    if (object && PyCFunction_CheckExact(object))
        mpr_wrap(&state.settrace, ((PyCFunctionObject *)object)->m_ml, settrace);
}

static void unwrap_settrace(void)
{
    mpr_unwrap(&state.settrace, settrace);
}

/* --- greenlets --- */

/* Each has a C stack, and frames of its own there that are selected or not, but the trace function
 * is the thread's. What uses it now is what has switched. */
static void leave_greenlet(struct mpr_thread *thread)
{
    if (thread->stack != &mpr_no_stack)
        thread->stack->traced = PyThreadState_Get()->c_tracefunc == on_event;
}

/* use_tracing follows from the trace function when greenlet has done with its own. */
static void enter_greenlet(struct mpr_thread *thread)
{
    if (thread->stack->traced || state.deep_calls > 0)
        hook(PyThreadState_Get());
    else
        unhook(PyThreadState_Get());
}

/* greenlet has CPython make the frame's object, if there was none but for being traced. */
static PyFrameObject *frame_for_greenlet(PyThreadState *ts)
{
    PyFrameObject *object = PyThreadState_GetFrame(ts);
    if (object && mpr_probe->heap)
        mpr_python_include_frame(object);
    return object;
}

static const struct mpr_switch_ops switch_ops = {
    leave_greenlet, enter_greenlet, frame_for_greenlet};

/* --- interface --- */

/* Another evaluator in front of ours may still go on to it, also in the next session. */
static void take_evaluator(PyInterpreterState *interp)
{
    _PyFrameEvalFunction now = _PyInterpreterState_GetEvalFrameFunc(interp);
    state.taken = true;
    if (now == evaluate || (state.behind_another && now != _PyEval_EvalFrameDefault))
        return;
    state.next = now;
    _PyInterpreterState_SetEvalFrameFunc(interp, evaluate);
}

static void give_evaluator_back(PyInterpreterState *interp)
{
    state.taken = false;
    state.behind_another = _PyInterpreterState_GetEvalFrameFunc(interp) != evaluate;
    if (!state.behind_another)
        _PyInterpreterState_SetEvalFrameFunc(interp, state.next);
}

static bool runs_selected(const PyThreadState *ts)
{
    for (const _PyInterpreterFrame *at = ts->cframe->current_frame; at; at = at->previous)
        if (select_running(at))
            return true;
    return false;
}

/* Threads that run selected code, and have no trace function of their own; and this one. */
static void arm_running(PyInterpreterState *interp)
{
    PyThreadState *self = PyThreadState_Get();
    for (PyThreadState *ts = PyInterpreterState_ThreadHead(interp); ts;
         ts = PyThreadState_Next(ts)) {
        if ((ts != self && ts->c_tracefunc) || !runs_selected(ts))
            continue;
        if (ts == self)
            hook(ts);
        ts->c_tracefunc = on_event;
        update_tracing(ts, true);
    }
    mpr_greenlet_hook_arm();
}

int mpr_trace_start(const struct mpr_trace_config *config, struct mpr_error *err)
{
    PyInterpreterState *interp = PyInterpreterState_Main();
    int status = mpr_select_start(config, &mpr_call_args_ops, err);
    if (status < 0)
        return status;
    mpr_frames_start();
    mpr_greenlet_hook_start(&switch_ops);
    wrap_settrace();
    if (mpr_probe->heap)
        mpr_bound_start();
    mpr_probe->armed = 1;
    take_evaluator(interp);
    state.late = config->late;
    if (state.late)
        arm_running(interp);
    return 0;
}

/* The trace functions of a thread, which hang behind ours, are in its block. */
static void disarm_thread(struct mpr_thread *thread, void *data)
{
    PyThreadState *ts = data;
    if (thread->tid != ts->native_thread_id || ts->c_tracefunc != on_event)
        return;
    ts->c_tracefunc = (Py_tracefunc)thread->trace.next_trace;
    thread->trace.next_trace = NULL;
    update_tracing(ts, false);
}

static void disarm_threads(PyInterpreterState *interp)
{
    PyThreadState *ts = PyInterpreterState_ThreadHead(interp);
    for (; ts; ts = PyThreadState_Next(ts)) {
        mpr_thread_each(disarm_thread, ts);
        if (ts->c_tracefunc != on_event)
            continue;
        ts->c_tracefunc = NULL; /* a thread that never entered has none behind ours */
        update_tracing(ts, false);
    }
}

void mpr_trace_stop(void)
{
    PyInterpreterState *interp = PyInterpreterState_Main();
    mpr_probe->armed = 0;
    state.late = false;
    if (state.taken)
        give_evaluator_back(interp);
    disarm_threads(interp);
    unwrap_settrace();
    mpr_bound_stop();
    mpr_greenlet_hook_stop();
    mpr_frames_stop();
    mpr_select_stop();
    mpr_sites_stop();
}

void mpr_trace_decorate(PyFunctionObject *function)
{
    PyCodeObject *code = (PyCodeObject *)function->func_code;
    if (!mpr_probe->armed)
        return;
    mpr_select_decorate(code, function->func_globals);
    if (PyUnicode_CompareWithASCIIString(code->co_name, "__getitem__") == 0)
        mpr_subscript_show(function);
}

void mpr_trace_block(bool open)
{
    if (mpr_probe->armed)
        (void)mpr_select_block(open); /* each start asks */
}
