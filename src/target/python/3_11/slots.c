/* SPDX-License-Identifier: MIT */
/* CPython 3.11: what mprun keeps of code objects, in their extra data (co_extra, PEP 523). */
#include <string.h>

#include "../nodes.h"
#include "mprun/probe.h"
#include "mprun/python.h"

Py_ssize_t mpr_code_extra_index[MPR_CODE_SLOTS] = {PY_SSIZE_T_MAX, PY_SSIZE_T_MAX};

int mpr_code_reserve(enum mpr_code_slot slot, void (*died)(void *value))
{
    if (mpr_code_extra_index[slot] != PY_SSIZE_T_MAX)
        return 0;
    Py_ssize_t index = _PyEval_RequestCodeExtraIndex(died);
    if (index < 0)
        return -1;
    mpr_code_extra_index[slot] = index;
    return 0;
}

static Py_ssize_t highest_index(void)
{
    Py_ssize_t highest = -1;
    for (int i = 0; i < MPR_CODE_SLOTS; i++)
        if (mpr_code_extra_index[i] != PY_SSIZE_T_MAX && mpr_code_extra_index[i] > highest)
            highest = mpr_code_extra_index[i];
    return highest;
}

/* CPython's own function for this allocates, which must not happen inside of an allocator: what
 * stands around it (tracemalloc) may hold a lock. And it makes room for the indices of all, so that
 * another user's function is called when code dies that this user has never touched. So the room is
 * for ours, and comes from the allocator below, to which CPython gives it back in the end. */
static struct mpr_code_extra *make_room(PyCodeObject *code)
{
    struct mpr_thread *thread = &mpr_thread_block;
    size_t count = (size_t)highest_index() + 1;
    size_t size = sizeof(struct mpr_code_extra) + count * sizeof(void *);
    mpr_guard_begin(thread);
    struct mpr_code_extra *extra = mpr_python_take(size);
    mpr_guard_end(thread);
    if (!extra)
        return NULL;
    memset(extra, 0, size);
    extra->size = (Py_ssize_t)count;
    code->co_extra = extra;
    return extra;
}

/* Written here: CPython's function would take it for the end of the old value, and tell. Where
 * somebody else has made less room, nothing is kept. */
bool mpr_code_set(PyCodeObject *code, enum mpr_code_slot slot, void *value)
{
    struct mpr_code_extra *extra = (struct mpr_code_extra *)code->co_extra;
    if (!extra)
        extra = make_room(code);
    if (!extra || extra->size <= mpr_code_extra_index[slot])
        return false;
    extra->value[mpr_code_extra_index[slot]] = value;
    return true;
}

/* CPython has no call to give an index back: they stay for the next session. Who has filled a slot
 * empties it. */
void mpr_code_slots_stop(void)
{
}
