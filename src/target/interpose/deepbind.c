/* SPDX-License-Identifier: MIT */
/* Objects that are loaded with RTLD_DEEPBIND look for malloc among their own libraries first and
 * find the C library's. What they were bound to there is bound to mprun instead, in their tables of
 * addresses: only where it was the definition that mprun itself forwards to, or nothing yet; an
 * allocator of their own stays. Cold: once for each such dlopen. */
#include <dlfcn.h>
#include <string.h>

#include "bound.h"
#include "loaded.h"
#include "mprun/probe.h"
#include "pass_on.h"

/* What the walk needs, found before it. */
struct search {
    size_t known; /* objects that were there already come first in the list */
    size_t seen;
    bool plain[MPR_BOUND_COUNT]; /* by that name the new objects would find our next */
};

static void rebind_slot(
    const struct mpr_loaded *object, void **slot, const char *name, bool unbound, void *data)
{
    const struct search *search = data;
    const struct mpr_bound *bound = mpr_bound_find(name);
    if (bound && (unbound ? search->plain[bound - mpr_bound]
                          : *slot && *slot == mpr_next_table[bound->next]))
        mpr_loaded_fill(object, slot, bound->ours);
}

static bool rebind_if_new(const struct mpr_loaded *object, void *data)
{
    struct search *search = data;
    if (search->seen++ >= search->known)
        mpr_loaded_slots(object, MPR_ANY_FUNCTION, rebind_slot, search);
    return true;
}

static bool count_object(const struct mpr_loaded *object, void *data)
{
    (void)object;
    ++*(size_t *)data;
    return true;
}

static void rebind_new(void *handle, size_t known)
{
    struct search search = {.known = known};
    for (size_t i = 0; i < MPR_BOUND_COUNT; i++)
        search.plain[i] = dlsym(handle, mpr_bound[i].name) == mpr_bound[i].ours;
    mpr_loaded_each(rebind_if_new, &search);
}

static void note_deepbind(void)
{
    if (!mpr_hold_begin(&mpr_thread_block))
        return;
    mpr_note(MPR_NOTE_DEEPBIND);
    mpr_hold_end(&mpr_thread_block);
}

struct mpr_passed mpr_decide_dlopen(const char *file, int mode);

/* dlopen searches by its caller's RUNPATH and origin. Where a call needs either it goes on, and
 * with RTLD_DEEPBIND what it loads stays as it is, and the report tells of it. */
__attribute__((used)) struct mpr_passed mpr_decide_dlopen(const char *file, int mode)
{
    void *next = mpr_next_of(MPR_NEXT_DLOPEN);
    if (!(mode & RTLD_DEEPBIND) || !mpr_probe->heap)
        return (struct mpr_passed){next, NULL};
    if (!file || !strchr(file, '/') || strchr(file, '$')) {
        note_deepbind();
        return (struct mpr_passed){next, NULL};
    }
    size_t known = 0;
    mpr_loaded_each(count_object, &known);
    void *handle = ((void *(*)(const char *, int))next)(file, mode);
    if (handle)
        rebind_new(handle, known);
    return (struct mpr_passed){NULL, handle};
}

MPR_PASS_ON(dlopen, mpr_decide_dlopen);
