/* SPDX-License-Identifier: MIT */
/* The slots of one object. Cold. */
#include "mprun/rebind.h"

#include <string.h>

#include "loaded.h"

struct search {
    const void *address;
    const char *name;
    mpr_function *function;
    bool found;
};

static void fill_if_named(
    const struct mpr_loaded *object, void **slot, const char *name, bool unbound, void *data)
{
    struct search *search = data;
    (void)unbound;
    if (strcmp(name, search->name) == 0)
        search->found |= mpr_loaded_fill(object, slot, (void *)search->function);
}

static bool redirect_if_holds(const struct mpr_loaded *object, void *data)
{
    const struct search *search = data;
    if (!mpr_loaded_holds(object, search->address))
        return true;
    mpr_loaded_slots(object, MPR_ANY_FUNCTION, fill_if_named, data);
    return false;
}

bool mpr_rebind(const void *address, const char *name, mpr_function *function)
{
    struct search search = {address, name, function, false};
    mpr_loaded_each(redirect_if_holds, &search);
    return search.found;
}
