/* SPDX-License-Identifier: MIT */
/* Which line allocates. What is known of a code object lies in its slot and dies with it, as does
 * what the cache has of its code units. Cold but for the look-up in nodes.h. */
#include "nodes.h"

#include <errno.h>
#include <string.h>

#include "mprun/activation.h"
#include "mprun/heap.h"
#include "mprun/imports.h"
#include "mprun/python_heap.h"
#include "mprun/runtime.h"

#define TEXT_MAX ((size_t)4096)

struct mpr_cached_node mpr_node_cache[1u << MPR_CACHE_BITS];

/* What is known of a code object that allocated, in its slot; dies with it. */
struct allocating_code {
    const _Py_CODEUNIT *start;
    uint32_t units;
    uint32_t place;
    struct allocating_code *next_free;
    struct allocating_code *next; /* of all */
};

static struct {
    struct allocating_code *all, *free; /* `start` of one that is free is NULL; under the GIL */
    struct mpr_line_walk walk;          /* the same */
    /* These two stay when the session is over. */
    uint64_t deaths; /* of code objects with a slot, and of contexts */
    struct mpr_heap_runtime runtime;
} state;

/* A thread whose context is old comes by the slow ways next, and is told there. */
static void contexts_changed(void)
{
    memset(mpr_node_cache, 0, sizeof mpr_node_cache);
    __atomic_add_fetch(&state.deaths, 1, __ATOMIC_RELAXED);
}

/* Another thread has taken out what this one had as its context. */
static void renew_context(struct mpr_thread *thread)
{
    struct mpr_stack *stack = thread->stack;
    if (__builtin_expect(!MPR_READ(stack->changed), 1))
        return;
    __atomic_store_n(&stack->changed, false, __ATOMIC_RELAXED);
    const struct mpr_activation *innermost = MPR_READ(stack->innermost);
    thread->heap.context = innermost ? innermost->inside : 0;
}

static void give_back(struct allocating_code *code)
{
    code->start = NULL;
    code->next_free = state.free;
    state.free = code;
}

static struct allocating_code *take(void)
{
    struct allocating_code *code = state.free;
    if (code) {
        state.free = code->next_free;
        return code;
    }
    code = mpr_probe_alloc(sizeof *code);
    if (!code)
        return NULL;
    code->next = state.all;
    state.all = code;
    return code;
}

/* In a child as well, which may close the session: what is listed there is to be alive. The stop
 * leaves no list. */
static void code_died(void *value)
{
    struct allocating_code *code = value;
    if (!code || !state.all)
        return;
    for (uint32_t i = 0; i < code->units; i++) {
        struct mpr_cached_node *entry = mpr_cached_at(code->start + i);
        if (entry->at == code->start + i)
            entry->key = 0;
    }
    if (state.walk.code && _PyCode_CODE(state.walk.code) == code->start)
        state.walk.code = NULL;
    __atomic_add_fetch(&state.deaths, 1, __ATOMIC_RELAXED);
    give_back(code);
}

/* A string's text without CPython's help, which would allocate and might keep what it made: UTF-8,
 * lone surrogates as the bytes that they stand for (PEP 383). */
static void copy_text(PyObject *string, char *text)
{
    size_t used = 0;
    if (!string || !PyUnicode_Check(string)) {
        *text = '\0';
        return;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(string);
    int kind = PyUnicode_KIND(string);
    const void *data = PyUnicode_DATA(string);
    for (Py_ssize_t i = 0; i < length && used + 5 < TEXT_MAX; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c < 0x80) {
            text[used++] = (char)c;
        } else if (c < 0x800) {
            text[used++] = (char)(0xc0 | c >> 6);
            text[used++] = (char)(0x80 | (c & 0x3f));
        } else if (c >= 0xdc80 && c <= 0xdcff) {
            text[used++] = (char)(c & 0xff);
        } else if (c < 0x10000) {
            text[used++] = (char)(0xe0 | c >> 12);
            text[used++] = (char)(0x80 | (c >> 6 & 0x3f));
            text[used++] = (char)(0x80 | (c & 0x3f));
        } else {
            text[used++] = (char)(0xf0 | c >> 18);
            text[used++] = (char)(0x80 | (c >> 12 & 0x3f));
            text[used++] = (char)(0x80 | (c >> 6 & 0x3f));
            text[used++] = (char)(0x80 | (c & 0x3f));
        }
    }
    text[used] = '\0';
}

static uint32_t find_place(const PyCodeObject *code)
{
    char file[TEXT_MAX], qualname[TEXT_MAX];
    uint32_t first_line = code->co_firstlineno > 0 ? (uint32_t)code->co_firstlineno : 1;
    copy_text(code->co_filename, file);
    copy_text(code->co_qualname, qualname);
    return mpr_node_place(file, qualname, first_line, first_line);
}

/* With the GIL. NULL where nothing could be remembered. */
static const struct allocating_code *remember_code(PyCodeObject *code, uint32_t place)
{
    struct allocating_code *known = take();
    if (!known)
        return NULL;
    known->start = _PyCode_CODE(code);
    known->units = (uint32_t)Py_SIZE(code);
    known->place = place;
    if (mpr_code_set(code, MPR_SLOT_PLACE, known))
        return known;
    give_back(known);
    return NULL;
}

static bool imports(const PyCodeObject *code)
{
    PyObject *file = code->co_filename;
    return PyUnicode_IS_COMPACT_ASCII(file) &&
           mpr_imports_file(
               (const char *)PyUnicode_1BYTE_DATA(file), (size_t)PyUnicode_GET_LENGTH(file));
}

/* Is its call not over yet? What that makes, cells and the objects of generators and coroutines, is
 * the caller's: CPython, too, leaves such a frame out of tracebacks (_PyFrame_IsIncomplete). */
static bool is_called(const _PyInterpreterFrame *frame)
{
    const PyCodeObject *code = mpr_frame_code(frame);
    return !mpr_frame_resumable(frame) &&
           mpr_frame_at(frame) < _PyCode_CODE(code) + code->_co_firsttraceable;
}

/* The frame whose line allocates, from the running one outwards: it runs Python code that is not
 * the import system's. NULL if there is none. A frame that is passed costs some
 * twenty instructions, so nothing is kept of it. */
static const _PyInterpreterFrame *frame_in_charge(_PyInterpreterFrame *frame)
{
    frame = mpr_frame_of_python(frame);
    while (frame && (is_called(frame) || imports(mpr_frame_code(frame))))
        frame = mpr_frame_of_python(frame->previous);
    return frame;
}

/* Slots are the main interpreter's. In another one, and where one cannot be set, nothing is kept
 * that could outlive the code. */
static struct mpr_rec_node *find_node(struct mpr_thread *thread, const PyThreadState *ts,
    const _PyInterpreterFrame *frame, uint32_t domain, bool gil, bool *ret_kept)
{
    PyCodeObject *code = mpr_frame_code(frame);
    const struct allocating_code *known = NULL;
    bool main = ts->interp == PyInterpreterState_Main();
    if (main)
        known = gil ? mpr_code_slot(code, MPR_SLOT_PLACE)
                    : mpr_code_slot_unlocked(code, MPR_SLOT_PLACE);
    uint32_t place = known ? known->place : find_place(code);
    if (!known && gil && main)
        known = remember_code(code, place);
    *ret_kept = known != NULL;
    struct mpr_line_walk fresh = {NULL, 0, 0, 0};
    int unit = (int)(mpr_frame_at(frame) - _PyCode_CODE(code));
    uint32_t line = mpr_code_line(code, unit, known && gil ? &state.walk : &fresh);
    return mpr_node_leaf(mpr_node_around(thread), place, line, domain);
}

struct mpr_rec_node *mpr_node_find_and_cache(
    struct mpr_thread *thread, _PyInterpreterFrame *frame, uint32_t domain)
{
    bool kept;
    int saved = errno;
    renew_context(thread);
    uint64_t key = mpr_cache_key(thread, domain);
    const _PyInterpreterFrame *charged = frame_in_charge(frame);
    if (!charged)
        return mpr_node_special(MPR_PLACE_INTERPRETER, domain);
    const void *at = mpr_frame_at(charged);
    struct mpr_cached_node *entry = mpr_cached_at(at);
    if (entry->at == at && entry->key == key)
        return entry->node;
    struct mpr_rec_node *node = find_node(thread, mpr_gil_holder(), charged, domain, true, &kept);
    if (kept)
        *entry = (struct mpr_cached_node){at, key, node};
    errno = saved;
    return node;
}

static bool gil_held(struct mpr_thread *thread)
{
    PyThreadState *own = mpr_state_if_held();
    if (!own || mpr_gil_is_foreign(own))
        return false;
    thread->heap.python = own;
    return true;
}

/* Without the GIL a thread's own frames stand still: it alone runs them. Once the interpreter ends,
 * thread states go away under their threads. */
static const PyThreadState *state_without_gil(void)
{
    const PyThreadState *held = mpr_state_if_held(); /* a GIL, if not the main interpreter's */
    if (held)
        return held;
    return mpr_python_finalizing() ? NULL : PyGILState_GetThisThreadState();
}

static struct mpr_rec_node *node_unlocked(struct mpr_thread *thread, uint32_t domain)
{
    bool kept;
    const PyThreadState *own = state_without_gil();
    if (!own)
        return mpr_node_special(MPR_PLACE_NATIVE_THREAD, domain);
    const _PyInterpreterFrame *frame = frame_in_charge(mpr_frame_current(own));
    if (!frame)
        return mpr_node_special(MPR_PLACE_INTERPRETER, domain);
    const void *at = mpr_frame_at(frame);
    uint64_t dead = __atomic_load_n(&state.deaths, __ATOMIC_RELAXED);
    renew_context(thread);
    if (thread->heap.last_code == at && thread->heap.last_key == mpr_cache_key(thread, domain) &&
        thread->heap.last_deaths == dead && thread->heap.last_node)
        return thread->heap.last_node;
    struct mpr_rec_node *node = find_node(thread, own, frame, domain, false, &kept);
    thread->heap.last_node = kept ? node : NULL;
    thread->heap.last_code = at;
    thread->heap.last_key = mpr_cache_key(thread, domain);
    thread->heap.last_deaths = dead;
    return node;
}

static struct mpr_rec_node *node_here(struct mpr_thread *thread, uint32_t domain, bool gil)
{
    return gil ? mpr_node_of(thread, mpr_gil_holder(), domain) : node_unlocked(thread, domain);
}

int mpr_python_heap_start(void)
{
    if (mpr_code_reserve(MPR_SLOT_PLACE, code_died) < 0)
        return -1;
    mpr_gils_start();
    state.runtime = (struct mpr_heap_runtime){
        .gil_holder = mpr_gil_holder_place(),
        .thread_id_offset = offsetof(PyThreadState, thread_id),
        .gil_held = gil_held,
        .node_here = node_here,
        .contexts_changed = contexts_changed,
    };
    mpr_heap_set_runtime(&state.runtime);
    return 0;
}

static PyCodeObject *code_of(const struct allocating_code *known)
{
    return (PyCodeObject *)((char *)known->start - offsetof(PyCodeObject, co_code_adaptive));
}

void mpr_python_heap_stop(void)
{
    for (const struct allocating_code *known = state.all; known; known = known->next)
        if (known->start)
            mpr_code_set(code_of(known), MPR_SLOT_PLACE, NULL);
    state.all = state.free = NULL;
    state.walk = (struct mpr_line_walk){NULL, 0, 0, 0};
    memset(mpr_node_cache, 0, sizeof mpr_node_cache);
    __atomic_add_fetch(&state.deaths, 1, __ATOMIC_RELAXED);
    mpr_code_slots_stop();
    if (MPR_INTS_ARE_KEPT)
        mpr_python_keep_no_number();
}
