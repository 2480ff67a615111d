/* SPDX-License-Identifier: MIT */
/* CPython 3.12 and later: what mprun keeps of code objects, in a table by their addresses. Cold: an
 * entry is made at a code object's first start or first allocation, and goes when it dies. */
#include "mprun/python.h"

#include <string.h>

#include "mprun/probe.h"

#define FIRST_BUCKETS 1024u
#define MAX_STEPS 64 /* of one who reads a chain while it may change */

_Static_assert(sizeof((struct mpr_code_entry *)0)->value / sizeof(void *) == MPR_CODE_SLOTS,
    "a value for each slot");

static struct {
    uint32_t changes;                    /* odd while the table changes; never starts anew */
    struct mpr_code_entry *no_bucket[1]; /* of an empty table */
    struct mpr_code_entry *free;
    size_t used;
    void (*on_death[MPR_CODE_SLOTS])(void *value);
    int watcher;
    bool watching;
} state;
struct mpr_code_table mpr_code_table = {state.no_bucket, 0};

static void begin_change(void)
{
    __atomic_store_n(&state.changes, state.changes + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_change(void)
{
    __atomic_store_n(&state.changes, state.changes + 1, __ATOMIC_RELEASE);
}

static struct mpr_code_entry **place_of(const PyCodeObject *code)
{
    struct mpr_code_entry **at = &mpr_code_table.bucket[mpr_code_hash(code) & mpr_code_table.mask];
    while (*at && (*at)->code != code)
        at = &(*at)->next;
    return at;
}

/* The old buckets stay behind: doubling bounds the waste by what is in use. */
static bool grow(void)
{
    struct mpr_code_table old = mpr_code_table;
    size_t count = old.mask ? (old.mask + 1) * 2 : FIRST_BUCKETS;
    struct mpr_code_entry **bucket = mpr_probe_alloc(count * sizeof(struct mpr_code_entry *));
    if (!bucket)
        return old.mask != 0;
    begin_change();
    mpr_code_table = (struct mpr_code_table){bucket, count - 1};
    for (size_t i = 0; i <= old.mask; i++) {
        for (struct mpr_code_entry *entry = old.bucket[i], *next; entry; entry = next) {
            struct mpr_code_entry **head = &bucket[mpr_code_hash(entry->code) & (count - 1)];
            next = entry->next;
            entry->next = *head;
            *head = entry;
        }
    }
    end_change();
    return true;
}

static struct mpr_code_entry *add(const PyCodeObject *code)
{
    struct mpr_code_entry *entry = state.free;
    if (state.used > mpr_code_table.mask && !grow())
        return NULL;
    if (entry)
        state.free = entry->next;
    else if (!(entry = mpr_probe_alloc(sizeof *entry)))
        return NULL;
    begin_change();
    struct mpr_code_entry **head =
        &mpr_code_table.bucket[mpr_code_hash(code) & mpr_code_table.mask];
    *entry = (struct mpr_code_entry){.code = code, .next = *head};
    *head = entry;
    end_change();
    state.used++;
    return entry;
}

bool mpr_code_set(PyCodeObject *code, enum mpr_code_slot slot, void *value)
{
    struct mpr_code_entry *entry = *place_of(code);
    if (!entry && !(entry = add(code)))
        return false;
    __atomic_store_n(&entry->value[slot], value, __ATOMIC_RELEASE);
    return true;
}

/* Own memory stays mapped and entries stay entries, so that a chain can be walked while it changes;
 * what was found counts only if it has not. */
void *mpr_code_slot_unlocked(const PyCodeObject *code, int slot)
{
    uint32_t before = __atomic_load_n(&state.changes, __ATOMIC_ACQUIRE);
    if (before & 1)
        return NULL;
    size_t mask = __atomic_load_n(&mpr_code_table.mask, __ATOMIC_ACQUIRE);
    struct mpr_code_entry **bucket = __atomic_load_n(&mpr_code_table.bucket, __ATOMIC_ACQUIRE);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    if (__atomic_load_n(&state.changes, __ATOMIC_RELAXED) != before)
        return NULL;
    const struct mpr_code_entry *entry =
        __atomic_load_n(&bucket[mpr_code_hash(code) & mask], __ATOMIC_ACQUIRE);
    for (int steps = 0; entry && entry->code != code && steps < MAX_STEPS; steps++)
        entry = __atomic_load_n(&entry->next, __ATOMIC_ACQUIRE);
    void *value = entry && entry->code == code
                      ? __atomic_load_n(&entry->value[slot], __ATOMIC_ACQUIRE)
                      : NULL;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&state.changes, __ATOMIC_RELAXED) == before ? value : NULL;
}

static void forget(const PyCodeObject *code)
{
    struct mpr_code_entry **at = place_of(code), *entry = *at;
    if (!entry)
        return;
    begin_change();
    *at = entry->next;
    end_change();
    for (int i = 0; i < MPR_CODE_SLOTS; i++)
        if (entry->value[i] && state.on_death[i])
            state.on_death[i](entry->value[i]);
    entry->code = NULL;
    entry->next = state.free;
    state.free = entry;
    state.used--;
}

/* In a child as well, which may close the session: its table is a copy, and its code dies, too. */
static int code_event(PyCodeEvent event, PyCodeObject *code)
{
    if (event == PY_CODE_EVENT_DESTROY && state.watching)
        forget(code);
    return 0;
}

int mpr_code_reserve(enum mpr_code_slot slot, void (*died)(void *value))
{
    if (!state.watching && (state.watcher = PyCode_AddWatcher(code_event)) < 0) {
        PyErr_Clear();
        return -1;
    }
    state.watching = true;
    state.on_death[slot] = died;
    return 0;
}

void mpr_code_each(int slot, void (*visit)(PyCodeObject *code))
{
    for (size_t i = 0; i <= mpr_code_table.mask; i++)
        for (struct mpr_code_entry *entry = mpr_code_table.bucket[i]; entry; entry = entry->next)
            if (entry->value[slot])
                visit((PyCodeObject *)entry->code);
}

void mpr_code_slots_stop(void)
{
    PyObject *type, *value, *traceback;
    begin_change();
    state.no_bucket[0] = NULL; /* it has had the first entry */
    mpr_code_table = (struct mpr_code_table){state.no_bucket, 0};
    end_change();
    PyErr_Fetch(&type, &value, &traceback);
    if (state.watching && PyCode_ClearWatcher(state.watcher) < 0)
        PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    state.free = NULL;
    state.used = 0;
    memset(state.on_death, 0, sizeof state.on_death);
    state.watching = false;
}
