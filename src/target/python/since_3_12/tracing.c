/* SPDX-License-Identifier: MIT */
/* CPython 3.12 and later: what it allocates only because it is monitored, and whose GIL is held. */
#include "mprun/heap.h"
#include "mprun/python.h"
#include "mprun/python_heap.h"

struct mpr_gils mpr_gils;

void mpr_gil_seen(const PyThreadState *ts)
{
    if (ts && mpr_gils.main)
        mpr_gils.many = true;
}

void mpr_gils_start(void)
{
    mpr_gils.main = PyInterpreterState_Main();
    mpr_gils.many = PyInterpreterState_Head() != mpr_gils.main; /* the newest comes first */
}

/* Made for this very event: it was allocated last, at the instruction where the frame is. A freed
 * one that CPython had kept was not, and goes back there. */
void mpr_python_exclude_number(PyObject *number)
{
    struct mpr_thread *thread = &mpr_thread_block;
    if (__builtin_expect(thread->heap.last_block != number, 1))
        return;
    const _PyInterpreterFrame *frame = mpr_frame_current(mpr_gil_holder());
    if (!frame || thread->heap.last_at != mpr_frame_at(frame))
        return;
    if (MPR_INTS_ARE_KEPT)
        mpr_python_keep_number(number, mpr_heap_exclude(thread, number));
    else
        mpr_heap_exclude(thread, number);
}

void mpr_python_exclude_tables(PyCodeObject *code)
{
    if (code->_co_monitoring)
        mpr_heap_exclude(&mpr_thread_block, code->_co_monitoring);
}
