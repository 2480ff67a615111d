/* SPDX-License-Identifier: MIT */
/* CPython 3.12 and later: line events through sys.monitoring (PEP 669), in selected code only.
 *
 * Each code object is judged at its first start, by an event that is global and switched off
 * wherever it has been answered. Selected code gets local events; all other code runs as if nobody
 * watched. What enters a frame by throw(), which may not have started before, and up to 3.14 what
 * leaves one by an exception, is announced for all frames or none: the callbacks' first question is
 * whether the code is selected, and they must not ask to be switched off, since CPython would raise
 * that into the program.
 *
 * The callbacks are C functions, called without a Python frame: the current frame is the watched
 * one. They run no Python code.
 *
 * Cost: unselected code, nothing after its first start (but exceptions up to 3.14, a call and two
 * loads); a line event, CPython's own call, a hash-free look-up, the RSS sample and the law
 * (activation.c). */
#include "mprun/python.h"

#include <string.h>

#include "frames.h"
#include "greenlet_hook.h"
#include "leaving.h"
#include "mprun/decorate.h"
#include "mprun/python_heap.h"
#include "mprun/rss.h"
#include "mprun/trace.h"
#include "wrapped.h"

const char mpr_trace_engine[] = "monitoring";

/* 0, 1, 2 and 5 are meant for debuggers, coverage tools, profilers and optimizers. */
static const int tool_ids[] = {4, 3};

enum event { START, RESUME, RETURN, YIELD, LINE, THROW, UNWIND, EVENTS };
enum { FREE, CLEAR, WRAPPED };

static struct monitor {
    PyObject *module;    /* sys.monitoring */
    PyObject *set_local; /* its set_local_events */
    PyObject *disable;   /* the answer that switches an event off at its place */
    PyObject *tool;      /* number of our tool */
    PyObject *all;       /* local events of selected code */
    PyObject *end;       /* that a frame is left: of the module whose end is told */
    PyObject *none;      /* no events */
    PyObject *bit[EVENTS];
    PyCodeObject *told; /* the module whose end was to be told; to compare with */
    long global;        /* global events */
    bool late;          /* frames may have run before the session */
    bool paused;        /* without starts, for the moment */
    /* Two of CPython's functions, which stay: who has wrapped ours goes on to it. */
    struct mpr_wrapped wrapped[WRAPPED];
} monitor;

/* --- the interpreter's own functions --- */

static void set_local(PyCodeObject *code, PyObject *events)
{
    PyObject *args[] = {monitor.tool, (PyObject *)code, events};
    mpr_guard_begin(&mpr_thread_block);
    PyObject *result = PyObject_Vectorcall(monitor.set_local, args, 3, NULL);
    if (!result) {
        PyErr_Clear();
        if (mpr_probe->header)
            mpr_probe->header->counts.dropped++;
    }
    Py_XDECREF(result);
    mpr_guard_end(&mpr_thread_block);
}

/* Local events stay with their code, but nobody is called any more. */
static void end_events(void)
{
    PyObject *none = Py_None;
    for (size_t i = 0; i < EVENTS; i++)
        Py_XDECREF(PyObject_CallMethod(
            monitor.module, "register_callback", "OOO", monitor.tool, monitor.bit[i], none));
    Py_XDECREF(PyObject_CallMethod(monitor.module, "set_events", "Oi", monitor.tool, 0));
    PyErr_Clear();
}

/* In a child nothing is watched: the first event there gives the number and the global events back.
 */
static void give_number_back(void)
{
    end_events();
    Py_XDECREF(PyObject_CallMethod(monitor.module, "free_tool_id", "O", monitor.tool));
    PyErr_Clear();
}

/* --- events --- */

static void selected_code(PyCodeObject *code)
{
    set_local(code, monitor.all);
}

/* What was in flight has been dropped: nothing of it is to be seen any more. */
static void unselected_code(PyCodeObject *code)
{
    set_local(code, mpr_module_is_watched(code) ? monitor.end : monitor.none);
}

static void set_global(long events)
{
    mpr_guard_begin(&mpr_thread_block);
    Py_XDECREF(PyObject_CallMethod(monitor.module, "set_events", "Ol", monitor.tool, events));
    PyErr_Clear();
    mpr_guard_end(&mpr_thread_block);
}

/* A start that was switched off at its place is on again once CPython has taken it out of the code
 * and put it in anew: it does so where events of the code change. restart_events() would switch on
 * again what other tools have switched off. */
static void forgotten_code(PyCodeObject *code)
{
    if (!monitor.paused)
        set_global(monitor.global & ~PyLong_AsLong(monitor.bit[START]));
    monitor.paused = true;
    set_local(code, monitor.all);
    unselected_code(code);
}

static void resume_starts(void)
{
    if (monitor.paused)
        set_global(monitor.global);
    monitor.paused = false;
}

static void each_judged(void (*visit)(PyCodeObject *code))
{
    mpr_code_each(MPR_SLOT_VERDICT, visit);
}

static const struct mpr_select_ops select_ops = {
    .each_judged = each_judged,
    .selected = selected_code,
    .unselected = unselected_code,
    .forgotten = forgotten_code,
};

static inline _PyInterpreterFrame *frame_here(void)
{
    return mpr_frame_current(mpr_gil_holder());
}

static inline uint64_t number_of(const _PyInterpreterFrame *frame)
{
    return (uint64_t)(uintptr_t)frame;
}

/* At each event: is this the process that is watched? Then the number that came with the event is
 * not the program's. From 3.13 on C code may also fire events itself, with any object as the code
 * (PyMonitoring_EnterScope) and whatever frame happens to run: those begin and end nothing. NULL:
 * there is nothing to do. */
static inline _PyInterpreterFrame *frame_of(PyObject *const *args)
{
    if (__builtin_expect(!mpr_probe->armed, 0)) {
        give_number_back();
        return NULL;
    }
    if (mpr_probe->heap)
        mpr_python_exclude_number(args[1]);
    _PyInterpreterFrame *frame = frame_here();
    return __builtin_expect(frame && (PyObject *)mpr_frame_code(frame) == args[0], 1) ? frame
                                                                                      : NULL;
}

/* The activation of the frame that has the event. Where there is none its code may be selected no
 * longer: then the events end. */
static struct mpr_activation *stray(_PyInterpreterFrame *frame, PyCodeObject *code)
{
    mpr_select(code, mpr_frame_globals(frame));
    return NULL;
}

static inline struct mpr_activation *running(_PyInterpreterFrame *frame, PyCodeObject *code)
{
    struct mpr_activation *act = mpr_frames_running(&mpr_thread_block, number_of(frame));
    return __builtin_expect(act != NULL, 1) ? act : stray(frame, code);
}

static PyObject *on_start(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    if (!frame)
        Py_RETURN_NONE;
    if (mpr_probe->heap)
        mpr_python_exclude_tables(code);
    PyObject *globals = mpr_frame_globals(frame);
    if (__builtin_expect(mpr_module_enters(code, globals), 0)) {
        monitor.told = code;
        set_local(code, monitor.end);
    }
    const struct mpr_selected *selected = mpr_select(code, globals);
    if (!selected)
        return Py_NewRef(monitor.disable);
    mpr_frames_enter(mpr_frames_thread(), selected, number_of(frame), false);
    Py_RETURN_NONE;
}

/* A frame may also be thrown into before it has started. False: its code is not selected. */
static bool goes_on(_PyInterpreterFrame *frame, PyCodeObject *code)
{
    bool started = mpr_frame_at(frame) > _PyCode_CODE(code) + code->_co_firsttraceable;
    const struct mpr_selected *selected = mpr_select(code, mpr_frame_globals(frame));
    if (selected)
        mpr_frames_enter(mpr_frames_thread(), selected, number_of(frame), started);
    return selected != NULL;
}

static PyObject *on_resume(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    if (frame && !goes_on(frame, (PyCodeObject *)args[0]) && monitor.late)
        return Py_NewRef(monitor.disable);
    Py_RETURN_NONE;
}

__attribute__((cold, noinline)) static struct mpr_activation *adopt(
    _PyInterpreterFrame *frame, PyCodeObject *code)
{
    const struct mpr_selected *selected =
        monitor.late ? mpr_select(code, mpr_frame_globals(frame)) : NULL;
    return selected ? mpr_frames_adopt(selected, number_of(frame)) : NULL;
}

static PyObject *on_line(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    struct mpr_thread *thread = &mpr_thread_block;
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    if (__builtin_expect(!frame, 0))
        Py_RETURN_NONE;
    struct mpr_activation *act = running(frame, (PyCodeObject *)args[0]);
    uint32_t line = (uint32_t)PyLong_AsLong(args[1]);
    if (__builtin_expect(!act, 0))
        act = adopt(frame, (PyCodeObject *)args[0]);
    if (__builtin_expect(!act || act->last_line == line, 0))
        Py_RETURN_NONE;
    mpr_probe->header->counts.events++;
    mpr_activation_line(act, thread, line, mpr_rss_sample(thread));
    Py_RETURN_NONE;
}

static void leave(_PyInterpreterFrame *frame, PyCodeObject *code)
{
    struct mpr_thread *thread = &mpr_thread_block;
    struct mpr_activation *act = running(frame, code);
    if (act)
        mpr_leaving_end(act, thread, mpr_rss_sample(thread), frame);
    if (__builtin_expect(mpr_module_is_watched(code), 0))
        mpr_module_leaves();
}

static PyObject *on_return(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    if (frame)
        leave(frame, (PyCodeObject *)args[0]);
    Py_RETURN_NONE;
}

static PyObject *on_yield(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    struct mpr_thread *thread = &mpr_thread_block;
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    struct mpr_activation *act = frame ? running(frame, (PyCodeObject *)args[0]) : NULL;
    if (act)
        mpr_activation_suspend(act, thread, mpr_rss_sample(thread));
    Py_RETURN_NONE;
}

static PyObject *on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    if (frame && (mpr_select_is_selected(mpr_code_extra(code)) || mpr_module_is_watched(code)))
        leave(frame, code);
    Py_RETURN_NONE;
}

static PyObject *on_throw(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyCodeObject *code = (PyCodeObject *)args[0];
    _PyInterpreterFrame *frame = frame_of(args);
    (void)self, (void)count;
    /* Maybe one that has not started yet. */
    if (frame && !mpr_select_is_unselected(mpr_code_extra(code)))
        goes_on(frame, code);
    Py_RETURN_NONE;
}

/* --- the start --- */

#define CALLBACK(function)                                                                         \
    {                                                                                              \
        "mprun", (PyCFunction)(void (*)(void))(function), METH_FASTCALL, NULL                      \
    }

/* Where each event is wanted. UNWIND is wanted in selected code only, which is not to be had
 * everywhere. */
static struct {
    const char *name;
    PyMethodDef callback;
    bool selected; /* locally, in selected code */
    bool at_end;   /* locally, in code that is only to be seen ending */
    bool global;
} rows[EVENTS] = {
    [START] = {"PY_START", CALLBACK(on_start), .selected = true, .global = true},
    [RESUME] = {"PY_RESUME", CALLBACK(on_resume), .selected = true},
    [RETURN] = {"PY_RETURN", CALLBACK(on_return), .selected = true, .at_end = true},
    [YIELD] = {"PY_YIELD", CALLBACK(on_yield), .selected = true},
    [LINE] = {"LINE", CALLBACK(on_line), .selected = true},
    [THROW] = {"PY_THROW", CALLBACK(on_throw), .global = true},
    [UNWIND] = {"PY_UNWIND", CALLBACK(on_unwind), .selected = true, .at_end = true},
};

static bool take_tool(void)
{
    for (size_t i = 0; i < sizeof tool_ids / sizeof *tool_ids; i++) {
        PyObject *result =
            PyObject_CallMethod(monitor.module, "use_tool_id", "is", tool_ids[i], "mprun");
        if (result) {
            Py_DECREF(result);
            monitor.tool = PyLong_FromLong(tool_ids[i]);
            return monitor.tool != NULL;
        }
        PyErr_Clear();
    }
    return false;
}

static bool read_bits(void)
{
    PyObject *events = PyObject_GetAttrString(monitor.module, "events");
    for (size_t i = 0; events && i < EVENTS; i++)
        monitor.bit[i] = PyObject_GetAttrString(events, rows[i].name);
    Py_XDECREF(events);
    for (size_t i = 0; i < EVENTS; i++)
        if (!monitor.bit[i] || !PyLong_Check(monitor.bit[i]))
            return false;
    return true;
}

static bool register_callbacks(void)
{
    for (size_t i = 0; i < EVENTS; i++) {
        PyObject *callback = PyCFunction_New(&rows[i].callback, NULL);
        PyObject *result = callback ? PyObject_CallMethod(monitor.module, "register_callback",
                                          "OOO", monitor.tool, monitor.bit[i], callback)
                                    : NULL;
        Py_XDECREF(callback);
        if (!result)
            return false;
        Py_DECREF(result);
    }
    return true;
}

/* Up to 3.14 what leaves a frame by an exception is a global event: asked for locally, it is an
 * error. Nobody runs the code that is asked about. */
static bool unwind_is_local(void)
{
    PyCodeObject *code = PyCode_NewEmpty("mprun", "mprun", 1);
    PyObject *args[] = {monitor.tool, (PyObject *)code, monitor.bit[UNWIND]};
    PyObject *result = code ? PyObject_Vectorcall(monitor.set_local, args, 3, NULL) : NULL;
    bool local = result != NULL;
    PyErr_Clear();
    Py_XDECREF(result);
    Py_XDECREF(code);
    return local;
}

static bool set_events(void)
{
    long selected = 0, at_end = 0;
    if (!unwind_is_local()) {
        rows[UNWIND].selected = rows[UNWIND].at_end = false;
        rows[UNWIND].global = true;
    }
    for (size_t i = 0; i < EVENTS; i++) {
        long bit = PyLong_AsLong(monitor.bit[i]);
        selected |= rows[i].selected ? bit : 0;
        at_end |= rows[i].at_end ? bit : 0;
        monitor.global |= rows[i].global || (i == RESUME && monitor.late) ? bit : 0;
    }
    monitor.all = PyLong_FromLong(selected);
    monitor.end = PyLong_FromLong(at_end);
    monitor.none = PyLong_FromLong(0);
    PyObject *result =
        PyObject_CallMethod(monitor.module, "set_events", "Ol", monitor.tool, monitor.global);
    Py_XDECREF(result);
    return monitor.all && monitor.end && monitor.none && result;
}

/* --- a program that gives our number away --- */

/* From now on no event comes: rows that are open would stay so, and be charged all that follows. */
static void lose_tool(void)
{
    mpr_guard_begin(&mpr_thread_block);
    end_events();
    mpr_guard_end(&mpr_thread_block);
    mpr_activations_drop(&mpr_thread_block);
    mpr_watch_blinded();
    mpr_note(MPR_NOTE_TOOL_LOST);
}

/* Each interpreter has numbers of its own; mprun's is the main one's. */
static void check_given_away(PyObject *number)
{
    if (!mpr_in_main_interpreter())
        return;
    int same = mpr_probe->armed && PyLong_CheckExact(number)
                   ? PyObject_RichCompareBool(number, monitor.tool, Py_EQ)
                   : 0;
    if (same == 1 && !(mpr_probe->header->notes & MPR_NOTE_TOOL_LOST))
        lose_tool();
}

static PyObject *free_tool_id(PyObject *module, PyObject *number)
{
    check_given_away(number);
    return monitor.wrapped[FREE].builtin(module, number);
}

static PyObject *clear_tool_id(PyObject *module, PyObject *number)
{
    check_given_away(number);
    return monitor.wrapped[CLEAR].builtin(module, number);
}

/* The second came with 3.14. */
static const struct {
    const char *name;
    PyCFunction function;
} wrappers[WRAPPED] = {
    {"free_tool_id", free_tool_id},
    {"clear_tool_id", clear_tool_id},
};

/* The same builtins, their C functions wrapped. */
static void wrap_all(void)
{
    for (int i = 0; i < WRAPPED; i++) {
        PyObject *object = PyObject_GetAttrString(monitor.module, wrappers[i].name);
        if (object && PyCFunction_CheckExact(object))
            mpr_wrap(
                &monitor.wrapped[i], ((PyCFunctionObject *)object)->m_ml, wrappers[i].function);
        Py_XDECREF(object);
        PyErr_Clear();
    }
}

static void unwrap_all(void)
{
    for (int i = 0; i < WRAPPED; i++)
        mpr_unwrap(&monitor.wrapped[i], wrappers[i].function);
}

/* All starts that were switched off. */
static void restart_events(void)
{
    mpr_guard_begin(&mpr_thread_block);
    Py_XDECREF(PyObject_CallMethod(monitor.module, "restart_events", NULL));
    PyErr_Clear();
    mpr_guard_end(&mpr_thread_block);
}

/* What the number's last user has switched off is on again, and what selected code runs already has
 * its events. */
static void start_late(void)
{
    restart_events();
    PyThreadState *ts = PyInterpreterState_ThreadHead(PyInterpreterState_Main());
    for (; ts; ts = PyThreadState_Next(ts)) {
        _PyInterpreterFrame *frame = mpr_frame_of_python(mpr_frame_current(ts));
        for (; frame; frame = mpr_frame_of_python(frame->previous))
            mpr_select(mpr_frame_code(frame), mpr_frame_globals(frame));
    }
    mpr_greenlet_hook_arm();
}

int mpr_trace_start(const struct mpr_trace_config *config, struct mpr_error *err)
{
    int status = mpr_select_start(config, &select_ops, err);
    if (status < 0)
        return status;
    mpr_frames_start();
    mpr_greenlet_hook_start(NULL);
    monitor.module = Py_XNewRef(PySys_GetObject("monitoring"));
    if (!monitor.module)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "this Python has no sys.monitoring");
    if (!take_tool()) {
        mpr_note(MPR_NOTE_NO_TOOL);
        mpr_probe->armed = 1;
        return MPR_TRACE_BLIND;
    }
    monitor.late = config->late;
    monitor.set_local = PyObject_GetAttrString(monitor.module, "set_local_events");
    monitor.disable = PyObject_GetAttrString(monitor.module, "DISABLE");
    mpr_probe->armed = 1;
    if (!monitor.set_local || !monitor.disable || !read_bits() || !register_callbacks() ||
        !set_events()) {
        mpr_probe->armed = 0;
        PyErr_Clear();
        return mpr_error_set(
            err, MPR_ERR_UNSUPPORTED, "this Python's sys.monitoring does not work");
    }
    wrap_all();
    if (config->late)
        start_late();
    return 0;
}

static void forget_monitor(void)
{
    Py_XDECREF(monitor.module);
    Py_XDECREF(monitor.set_local);
    Py_XDECREF(monitor.disable);
    Py_XDECREF(monitor.tool);
    Py_XDECREF(monitor.all);
    Py_XDECREF(monitor.end);
    Py_XDECREF(monitor.none);
    for (size_t i = 0; i < EVENTS; i++)
        Py_XDECREF(monitor.bit[i]);
    memset(&monitor, 0, offsetof(struct monitor, wrapped));
}

static void forget_module(PyCodeObject *code)
{
    if (code == monitor.told)
        set_local(code, monitor.none);
}

/* Its own number is given back only if it has it still. */
static void stop_tool(bool lost)
{
    PyObject *type, *value, *traceback;
    unwrap_all();
    PyErr_Fetch(&type, &value, &traceback);
    if (monitor.tool && monitor.none && !lost)
        give_number_back();
    PyErr_Restore(type, value, traceback);
}

void mpr_trace_stop(void)
{
    bool lost = mpr_probe->header && (mpr_probe->header->notes & MPR_NOTE_TOOL_LOST);
    int collects = mpr_python_guard_begin();
    mpr_probe->armed = 0;
    if (monitor.tool)
        each_judged(forget_module);
    mpr_select_stop();
    stop_tool(lost);
    mpr_greenlet_hook_stop();
    mpr_frames_stop();
    forget_monitor();
    mpr_python_guard_end(collects);
}

static bool is_watching(void)
{
    return mpr_probe->armed && monitor.tool && !(mpr_probe->header->notes & MPR_NOTE_TOOL_LOST);
}

void mpr_trace_decorate(PyFunctionObject *function)
{
    if (!is_watching())
        return;
    mpr_select_decorate((PyCodeObject *)function->func_code, function->func_globals);
    resume_starts();
}

void mpr_trace_block(bool open)
{
    if (is_watching() && mpr_select_block(open))
        restart_events();
}
