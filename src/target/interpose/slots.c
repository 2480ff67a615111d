/* SPDX-License-Identifier: MIT */
/* In front of the C library's functions in a process that runs: the loader has filled a slot for
 * each object that calls one, and the slots of all objects are filled anew. What another allocator
 * or tool stands in front of already stays its own: a slot is taken only where it leads to the very
 * function that a call by name finds, or nowhere yet.
 *
 * The loader's lock is held in a walk, so nothing here allocates but by raw system calls. */
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#include "bound.h"
#include "loaded.h"
#include "mprun/interpose.h"
#include "mprun/own.h"
#include "mprun/sys.h"

#define LATE_ROWS MPR_NEXT_DLOPEN /* what comes from there on is left alone */

/* A slot that was taken, and what was in it. */
struct taken {
    void **slot;
    void *before;
};

static struct {
    bool started;
    const void *interpreter;
    struct mpr_functions theirs,
        ours; /* the functions that are stood in front of, and what stands there */
    struct taken *taken;
    size_t count, room, bytes; /* what was taken, and how much may be */
    size_t wanted;             /* slots that a walk would take */
} state;

/* --- the walk --- */

struct walk {
    struct mpr_functions functions;
    mpr_slot_fn *visit;
};

/* The loader has its own allocator until others are there, and the kernel's object calls nothing.
 */
static bool is_left_alone(const struct mpr_loaded *object)
{
    return mpr_loaded_holds(object, &state) ||
           mpr_loaded_holds(object, (const void *)getauxval(AT_BASE)) ||
           mpr_loaded_holds(object, (const void *)getauxval(AT_SYSINFO_EHDR));
}

static bool walk_object(const struct mpr_loaded *object, void *data)
{
    const struct walk *walk = data;
    if (!is_left_alone(object))
        mpr_loaded_slots(object, walk->functions, walk->visit, NULL);
    return true;
}

static void walk_all(struct mpr_functions functions, mpr_slot_fn *visit)
{
    struct walk walk = {functions, visit};
    mpr_loaded_each(walk_object, &walk);
}

/* --- taking --- */

static void take(const struct mpr_loaded *object, void **slot, void *ours)
{
    state.wanted++;
    if (state.count == state.room)
        return;
    state.taken[state.count] = (struct taken){slot, *slot};
    if (mpr_loaded_fill(object, slot, ours))
        state.count++;
}

static void *late_dlopen(const char *file, int mode);

static void take_if_row(
    const struct mpr_loaded *object, void **slot, const char *name, bool unbound, void *unused)
{
    (void)unused;
    const struct mpr_bound *row = mpr_bound_find(name);
    if (!row || (!unbound && *slot != mpr_next_table[row->next]))
        return;
    if (row->next < LATE_ROWS)
        take(object, slot, row->ours);
    else if (row->next == MPR_NEXT_DLOPEN && mpr_loaded_holds(object, state.interpreter))
        take(object, slot, (void *)late_dlopen);
}

static bool make_room(size_t room)
{
    size_t bytes;
    struct taken *more = mpr_own_map(room * sizeof *more, &bytes);
    if (!more)
        return false;
    if (state.taken) {
        memcpy(more, state.taken, state.count * sizeof *more);
        mpr_sys_munmap(state.taken, state.bytes);
    }
    mpr_probe_count_own((int64_t)bytes - (int64_t)state.bytes);
    state.taken = more;
    state.bytes = bytes;
    state.room = bytes / sizeof *more;
    return true;
}

/* What finds no room at first does when it is known how much there is. False: there is no memory,
 * and some slots stay what they are. */
static bool take_all(void)
{
    size_t before = state.count;
    state.wanted = 0;
    walk_all(state.theirs, take_if_row);
    if (state.count - before == state.wanted)
        return true;
    if (!make_room(before + state.wanted))
        return false;
    walk_all(state.theirs, take_if_row);
    return true;
}

/* The interpreter loads an extension module, by its path: whose search it is does not matter. */
static void *late_dlopen(const char *file, int mode)
{
    void *(*next)(const char *, int) = (void *(*)(const char *, int))mpr_next_of(MPR_NEXT_DLOPEN);
    void *handle = next(file, mode);
    if (handle && state.started && mpr_probe->header && !take_all())
        mpr_note(MPR_NOTE_HEAP_LOST);
    return handle;
}

/* --- giving back --- */

static void *before(void *const *slot)
{
    for (size_t i = state.count; i-- > 0;)
        if (state.taken[i].slot == slot)
            return state.taken[i].before;
    return NULL;
}

/* Of an object that is still loaded, or loaded where another one was. */
static void give_back(
    const struct mpr_loaded *object, void **slot, const char *name, bool unbound, void *unused)
{
    (void)unbound, (void)unused;
    const struct mpr_bound *row = mpr_bound_find(name);
    bool ours = row && (*slot == row->ours || *slot == (void *)late_dlopen);
    void *there = ours ? before(slot) : NULL;
    if (there)
        mpr_loaded_fill(object, slot, there);
}

/* --- interface --- */

static void widen(struct mpr_functions *range, const void *address)
{
    uintptr_t at = (uintptr_t)address;
    if (!address)
        return;
    if (range->high == 0 || at < range->low)
        range->low = at;
    if (at > range->high)
        range->high = at;
}

/* A call by name leads there, and ours go on there. */
static void find_functions(void)
{
    state.theirs = state.ours = (struct mpr_functions){0, 0};
    widen(&state.ours, (const void *)late_dlopen);
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++) {
        const struct mpr_bound *row = &mpr_bound[i];
        void *found = row->next > LATE_ROWS ? NULL : mpr_first_definition(row->name);
        if (!found)
            continue;
        mpr_next_table[row->next] = found;
        widen(&state.theirs, found);
        widen(&state.ours, row->ours);
    }
}

static bool is_preloaded(void)
{
    const struct mpr_bound *row = mpr_bound_find("malloc");
    return dlsym(RTLD_DEFAULT, "malloc") == row->ours;
}

int mpr_interpose_start(const void *interpreter, struct mpr_error *err)
{
    if (is_preloaded())
        return 0;
    state.interpreter = interpreter;
    find_functions();
    state.started = true;
    if (take_all())
        return 0;
    mpr_interpose_stop();
    return mpr_error_set(err, MPR_ERR_NOMEM, "no memory to stand in front of malloc");
}

void mpr_interpose_stop(void)
{
    if (!state.started)
        return;
    state.started = false;
    walk_all(state.ours, give_back);
    if (state.taken)
        mpr_sys_munmap(state.taken, state.bytes);
    state.taken = NULL;
    state.count = state.room = state.bytes = 0;
}
