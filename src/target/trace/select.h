/* SPDX-License-Identifier: MIT */
/* Selection: every code object is judged once, at its first start; the verdict lies in its extra
 * slot. GIL held; no Python code runs in here. */
#ifndef MPRUN_TRACE_SELECT_H
#define MPRUN_TRACE_SELECT_H

#include "activation.h"
#include "mprun/python.h"
#include "mprun/trace.h"

/* The verdict on a selected code object. It lives as long as the code object's extra slot; nothing
 * points from it to the code, so nothing has to hold that. */
struct mpr_selected {
    struct mpr_function_rows *table;
    uint32_t generation; /* the verdict is void when this is not the current one */
    uint32_t serial;     /* the code object's number while it lives; 0: it has none */
    bool own;            /* the function's own code, not a comprehension in it */
    bool subscript;      /* __getitem__: see settrace.c */
    struct mpr_selected *next_free;
};

/* What a backend is told of code objects; each but the first may be NULL. Called with the GIL held,
 * from inside of an event or of a code object's end: they let no Python code run. */
struct mpr_select_ops {
    /* Call `visit` for each code object that has been judged and lives. */
    void (*each_judged)(void (*visit)(PyCodeObject *code));
    /* A number by which the backend keeps what it knows of a code object. Taken at the first
     * verdict on it, whatever that is; 0 if there are no more, and then nothing is kept of that
     * one. */
    uint32_t (*take_serial)(PyCodeObject *code);
    /* The code object dies: forget what is kept by its number, which may be another's from now on.
     */
    void (*give_serial_back)(uint32_t serial);
    /* The verdict is in the code's slot now: its lines are wanted, from this very call on. */
    void (*selected)(PyCodeObject *code);
    /* It was selected under an older verdict and is not any more. */
    void (*unselected)(PyCodeObject *code);
    /* The verdict "not selected" is void: the next start of the code must reach mpr_select_judge.
     */
    void (*forgotten)(PyCodeObject *code);
};

/* What mpr_trace_start was given; `ops` is borrowed. */
int mpr_select_start(
    const struct mpr_trace_config *config, const struct mpr_select_ops *ops, struct mpr_error *err);

/* Judge no more: no code object keeps a verdict. */
void mpr_select_stop(void);

/* The verdict on the code of a frame that starts with these globals; NULL: not selected. */
const struct mpr_selected *mpr_select_judge(PyCodeObject *code, PyObject *globals);

/* --- the one module whose beginning and end are told (struct mpr_trace_watch) --- */

extern struct mpr_watched_module {
    bool awaited;                /* it has not started yet */
    const PyCodeObject *running; /* it has; to compare with */
} mpr_watched_module;

bool mpr_module_entered(PyCodeObject *code, PyObject *globals);

/* Code is about to start. True: it is that module's. */
static inline bool mpr_module_enters(PyCodeObject *code, PyObject *globals)
{
    return __builtin_expect(mpr_watched_module.awaited, 0) && mpr_module_entered(code, globals);
}

/* Is its end yet to be told? */
static inline bool mpr_module_is_watched(const PyCodeObject *code)
{
    return code == mpr_watched_module.running;
}

void mpr_module_leaves(void);

/* No event will come from here on. */
void mpr_watch_blinded(void);

/* @profile on a function's code: select it and what is nested in it. */
void mpr_select_decorate(PyCodeObject *code, PyObject *globals);

/* What trace keeps of a code object. */
static inline uintptr_t mpr_code_extra(const PyCodeObject *code)
{
    return (uintptr_t)mpr_code_slot(code, MPR_SLOT_VERDICT);
}

/* A block begins or ends: while one is open, the user's functions that start are selected as by
 * decorator. True: code that was judged before may be selected now, and must be judged again. */
bool mpr_select_block(bool open);

/* A code object's extra slot: a pointer to its mpr_selected, or, not selected, its serial above the
 * mark of the generation that judged it. Marks are odd, so no pointer looks like one. */
static inline bool mpr_select_is_unselected(uintptr_t extra)
{
    return (uint32_t)extra == mpr_probe->trace.selection_generation;
}

/* Is the extra slot a verdict that selects, of this generation or of an older one? */
static inline bool mpr_select_is_selected(uintptr_t extra)
{
    return extra && !(extra & 1);
}

/* The serial of a code object that has been judged, 0 if it has not. */
static inline uint32_t mpr_select_serial(const PyCodeObject *code)
{
    uintptr_t extra = mpr_code_extra(code);
    if (mpr_select_is_selected(extra))
        return ((const struct mpr_selected *)extra)->serial;
    return (uint32_t)(extra >> 32);
}

/* The verdict from the code's extra slot alone; judges only when it must. */
static inline const struct mpr_selected *mpr_select(PyCodeObject *code, PyObject *globals)
{
    uintptr_t extra = mpr_code_extra(code);
    if (__builtin_expect(mpr_select_is_unselected(extra), 1))
        return NULL;
    const struct mpr_selected *selected = (const struct mpr_selected *)extra;
    if (mpr_select_is_selected(extra) &&
        selected->generation == mpr_probe->trace.selection_generation)
        return selected;
    return mpr_select_judge(code, globals);
}

#endif
