/* SPDX-License-Identifier: MIT */
/* What all CPythons from 3.12 on have in common, behind the header of a family, which includes this
 * at its end. */
#ifndef MPRUN_PYTHON_SINCE_3_12_H
#define MPRUN_PYTHON_SINCE_3_12_H

/* An event allocates an int for its line or offset. */
#define MPR_EVENTS_BRING_INTS true

/* What is kept of code objects, by their addresses: chains of entries in own memory, which are used
 * again when a code watcher (PyCode_AddWatcher) tells of a death. Under the GIL. */
struct mpr_code_entry {
    const PyCodeObject *code;
    struct mpr_code_entry *next;
    void *value[2]; /* enum mpr_code_slot */
};

struct mpr_code_table {
    struct mpr_code_entry **bucket;
    size_t mask;
};

extern struct mpr_code_table mpr_code_table;

/* Code objects are some two hundred bytes apart. */
static inline size_t mpr_code_hash(const PyCodeObject *code)
{
    return (size_t)((uintptr_t)code * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static inline void *mpr_code_slot(const PyCodeObject *code, int slot)
{
    const struct mpr_code_entry *entry =
        mpr_code_table.bucket[mpr_code_hash(code) & mpr_code_table.mask];
    while (entry && entry->code != code)
        entry = entry->next;
    return entry ? entry->value[slot] : NULL;
}

void *mpr_code_slot_unlocked(const PyCodeObject *code, int slot);

/* Call `visit` for each code object whose slot is not NULL. It may change slots, and end no code
 * object's life. */
void mpr_code_each(int slot, void (*visit)(PyCodeObject *code));

/* Interpreters may have a GIL each (PEP 684). What is counted without locks is counted under the
 * main one's. */
extern struct mpr_gils {
    const PyInterpreterState *main; /* once the heap is tracked */
    bool many;                      /* another interpreter was there then, or held its own since */
} mpr_gils;
__attribute__((cold)) void mpr_gil_seen(const PyThreadState *ts);

/* From here on all interpreters but the present one are others. GIL held. */
void mpr_gils_start(void);

/* In a thread that holds a GIL: its state. */
static inline const PyThreadState *mpr_gil_holder(void)
{
    return mpr_state_if_held();
}

/* Does the holder (NULL: nobody) run another interpreter than the main one? It may have a GIL of
 * its own, and is counted as if it had. And has anybody done so yet? */
static inline bool mpr_gil_is_foreign(const PyThreadState *ts)
{
    if (__builtin_expect(ts && ts->interp == mpr_gils.main, 1))
        return false;
    mpr_gil_seen(ts);
    return true;
}

static inline bool mpr_gils_are_many(void)
{
    return mpr_gils.many;
}

/* Where the holder stands, for those who know no Python: with the thread, so nowhere. */
static inline void *const *mpr_gil_holder_place(void)
{
    return NULL;
}

static inline PyObject *mpr_frame_globals(const _PyInterpreterFrame *frame)
{
    return frame->f_globals;
}

/* Between frames of Python lie those by which the interpreter's loop is entered, and some with code
 * of the interpreter's own, which may be read-only and has no line. */
static inline bool mpr_frame_is_shim(const _PyInterpreterFrame *frame)
{
    if (mpr_frame_is_entry(frame))
        return true;
    const PyCodeObject *code = mpr_frame_code(frame);
    return code->_co_firsttraceable >= Py_SIZE(code);
}

/* Does the frame belong to a generator, coroutine or async generator? */
static inline bool mpr_frame_resumable(const _PyInterpreterFrame *frame)
{
    return frame->owner == FRAME_OWNED_BY_GENERATOR;
}

/* The frame that runs it: where C code does, the frame of its entry. */
static inline _PyInterpreterFrame *mpr_frame_caller(const _PyInterpreterFrame *frame)
{
    return frame->previous;
}

/* Is the frame, run by another one, entered from C code that runs in between? */
static inline bool mpr_frame_from_c(const _PyInterpreterFrame *frame)
{
    return mpr_frame_is_entry(frame);
}

/* Does a frame of Python resume a generator that it runs? C code has a frame of its own. */
static inline bool mpr_frame_resumes(const _PyInterpreterFrame *frame)
{
    (void)frame;
    return true;
}

/* The frame itself, or the first around it that runs Python code; NULL if there is none. */
static inline _PyInterpreterFrame *mpr_frame_of_python(_PyInterpreterFrame *frame)
{
    while (frame && mpr_frame_is_shim(frame))
        frame = frame->previous;
    return frame;
}

#endif
