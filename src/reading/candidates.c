/* SPDX-License-Identifier: MIT */
/* Functions that are selected and that never started: candidates without a FUNCTION record of the
 * same file, qualified name and first line. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "mprun/hash.h"

/* Open addressing over records; the key is the identity's file, qualname and first line. */
struct identity_set {
    const struct mpr_named **slot;
    size_t mask;
};

static size_t hash_named(const struct mpr_named *named)
{
    uint64_t hash = MPR_HASH_START ^ named->id->first_line;
    hash = mpr_hash_text(hash, mpr_rec_text(named->head, named->id->file));
    hash = mpr_hash_text(hash, mpr_rec_text(named->head, named->id->qualname));
    return (size_t)mpr_hash_fold(hash);
}

bool mpr_named_same(const struct mpr_named *a, const struct mpr_named *b)
{
    return a->id->first_line == b->id->first_line &&
           strcmp(mpr_rec_text(a->head, a->id->qualname), mpr_rec_text(b->head, b->id->qualname)) ==
               0 &&
           strcmp(mpr_rec_text(a->head, a->id->file), mpr_rec_text(b->head, b->id->file)) == 0;
}

/* False if it was there already. The set has room for all. */
static bool add(struct identity_set *set, const struct mpr_named *named)
{
    size_t at = hash_named(named) & set->mask;
    for (; set->slot[at]; at = (at + 1) & set->mask) {
        if (mpr_named_same(set->slot[at], named))
            return false;
    }
    set->slot[at] = named;
    return true;
}

static bool make_set(struct identity_set *set, size_t items)
{
    size_t size = 16;
    while (size < items * 2)
        size *= 2;
    set->slot = calloc(size, sizeof *set->slot);
    set->mask = size - 1;
    return set->slot != NULL;
}

/* Selected by a pattern, or decorated. */
static bool is_selected(const struct mpr_builder *b, const struct mpr_named *named)
{
    uint32_t by = named->id->selected_by;
    return by < b->pattern_count || by == MPR_REC_BY_DECORATOR;
}

int mpr_build_candidates(struct mpr_builder *b, struct mpr_error *err)
{
    struct identity_set set;
    if (b->candidates.count == 0)
        return 0;
    if (!make_set(&set, b->functions.count + b->candidates.count))
        return mpr_build_nomem(err);
    for (size_t i = 0; i < b->functions.count; i++)
        add(&set, &b->functions.item[i]);
    int status = 0;
    for (size_t i = 0; status == 0 && i < b->candidates.count; i++) {
        struct mpr_named *named = &b->candidates.item[i];
        /* Without rows: their number is all that they could say. */
        if (is_selected(b, named) && add(&set, named))
            status = mpr_build_add_function(b, named, 0, 0, err);
    }
    free(set.slot);
    return status;
}
