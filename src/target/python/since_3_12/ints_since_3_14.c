/* SPDX-License-Identifier: MIT */
/* CPython 3.14 and later keep freed ints for the next ones
 * (Include/internal/pycore_freelist_state.h). An int that was made for an event goes there, too:
 * the program would find it, and allocate one less than by itself. Held back it would be missing
 * when the next event needs one and memory is exhausted, where any other tool goes on.
 *
 * So it stays there, as nobody's, and CPython's reference tracer (PyRefTracer_SetTracer) says when
 * it is made use of again: from then on it is an allocation like any other, and if it was the next
 * event that took it, that one undoes it. The tracer sees every object that is made or dies: after
 * a few it is taken out again together with the int. All with the GIL, in the one interpreter that
 * has events. */
#include "mprun/python.h"

#include <internal/pycore_interp.h>
#include <internal/pycore_runtime.h>

#include "mprun/blocks.h"
#include "mprun/heap.h"
#include "mprun/python_heap.h"

/* As many objects as come and go between two events where memory runs out; fewer than ints have
 * room (Py_ints_MAXFREELIST): the place that this one takes is missed by none of the program's. */
#define PATIENCE 48
_Static_assert(PATIENCE < Py_ints_MAXFREELIST - 1, "an int of the program's may find no room");

static struct {
    PyObject *loose;   /* an int where CPython keeps freed ones; NULL: there is none */
    uint64_t bytes;    /* as it was allocated */
    unsigned patience; /* objects until it and the tracer are taken out again */
    PyObject *held;    /* an int that is nowhere: another reference tracer is at work */
} state;

static int object_passes(PyObject *object, PyRefTracerEvent event, void *unused);

/* There is one place for a tracer, and one for all interpreters: with several GILs it is called in
 * all of them at once. */
static bool can_follow(void)
{
    PyRefTracer there = _PyRuntime.ref_tracer.tracer_func;
    return (!there || there == object_passes) && !mpr_gils.many && mpr_state_is_known();
}

static PyObject *follow_no_more(void)
{
    PyObject *number = state.loose;
    state.loose = NULL;
    if (_PyRuntime.ref_tracer.tracer_func == object_passes)
        _PyRuntime.ref_tracer.tracer_func = NULL;
    return number;
}

/* Back to its allocator. It is not there any more where CPython has emptied its lists; a block in a
 * row is the program's that got the place since. */
static void take_out(PyObject *number)
{
    struct _Py_freelist *ints = &PyInterpreterState_Main()->object_state.freelists.ints;
    void **at = &ints->freelist;
    while (*at && *at != number)
        at = *at;
    const uint32_t *word = mpr_block_word(number);
    if (!*at || (word && *word))
        return;
    *at = *(void **)number;
    ints->size--;
    PyObject_Free(number);
}

static int object_passes(PyObject *object, PyRefTracerEvent event, void *unused)
{
    (void)unused;
    if (mpr_gils.many || mpr_thread_block.heap.guard)
        return 0; /* what mprun itself takes there goes back there */
    if (!mpr_probe->armed)
        follow_no_more();
    else if (object == state.loose && event == PyRefTracer_CREATE)
        mpr_heap_include(&mpr_thread_block, follow_no_more(), state.bytes);
    else if (!object || --state.patience == 0)
        take_out(follow_no_more());
    return 0;
}

/* Given back to its allocator when the next one comes, past the place where CPython keeps them;
 * unless another tool, which got the same int, has held on to it. */
static void hold(PyObject *number)
{
    if (state.held && Py_REFCNT(state.held) == 1)
        PyObject_Free(state.held);
    else
        Py_XDECREF(state.held);
    state.held = Py_XNewRef(number);
}

void mpr_python_keep_number(PyObject *number, uint64_t bytes)
{
    hold(can_follow() ? NULL : number);
    if (state.held)
        return;
    state.loose = number;
    state.bytes = bytes;
    state.patience = PATIENCE;
    _PyRuntime.ref_tracer.tracer_func = object_passes;
}

void mpr_python_keep_no_number(void)
{
    follow_no_more();
    hold(NULL);
}
