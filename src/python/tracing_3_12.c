/* SPDX-License-Identifier: MIT */
/* CPython 3.12 and later: what it allocates only because it is monitored, and whose GIL is held. */
#include "mprun/heap.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"

const PyInterpreterState *mpr_main_interpreter;
bool mpr_other_gils;

void mpr_gil_seen(const PyThreadState *ts)
{
    if (ts && mpr_main_interpreter)
        mpr_other_gils = true;
}

void mpr_gils_start(void)
{
    mpr_main_interpreter = PyInterpreterState_Main();
}

/* An int that nobody will take from where CPython keeps freed ones. */
static PyObject *kept_away;

/* Where freed ints are kept, one that was made for an event would be found by the program
 * afterwards, which then would allocate one less. So it is held until the next one is, and given
 * back to its allocator past the place where CPython keeps them; unless another tool, which got the
 * same int, has held on to it. */
static void keep_away(PyObject *number)
{
    if (kept_away && Py_REFCNT(kept_away) == 1)
        PyObject_Free(kept_away);
    else
        Py_XDECREF(kept_away);
    kept_away = Py_NewRef(number);
}

/* Made for this very event: it was allocated last, at the instruction where the frame is. A freed
 * one that CPython had kept was not, and goes back there. */
void mpr_python_disown_number(PyObject *number)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (__builtin_expect(thread->last_block != number, 1))
        return;
    const _PyInterpreterFrame *frame = mpr_frame_current(mpr_gil_holder());
    if (!frame || thread->last_at != mpr_frame_at(frame))
        return;
    mpr_probe->heap_ops->disown(thread, number);
    if (MPR_INTS_ARE_KEPT)
        keep_away(number);
}

void mpr_python_disown_tables(PyCodeObject *code)
{
    if (code->_co_monitoring)
        mpr_probe->heap_ops->disown(&mpr_thread_block, code->_co_monitoring);
}
