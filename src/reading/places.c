/* SPDX-License-Identifier: MIT */
/* Places: the code that allocated, and what is none. Those of the recording come first, in its
 * order, then one of each kind that is no code. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* --- to functions --- */

static int by_identity(const void *left, const void *right)
{
    const struct mpr_named *a = *(const struct mpr_named *const *)left;
    const struct mpr_named *b = *(const struct mpr_named *const *)right;
    if (a->id->first_line != b->id->first_line)
        return a->id->first_line < b->id->first_line ? -1 : 1;
    int order =
        strcmp(mpr_rec_text(a->head, a->id->qualname), mpr_rec_text(b->head, b->id->qualname));
    return order ? order
                 : strcmp(mpr_rec_text(a->head, a->id->file), mpr_rec_text(b->head, b->id->file));
}

/* Which places are functions that have rows. False: no memory. */
static bool find_functions(struct mpr_builder *b)
{
    size_t count = 0;
    const struct mpr_named **sorted = malloc((b->functions.count + 1) * sizeof *sorted);
    if (!sorted)
        return false;
    for (size_t i = 0; i < b->functions.count; i++)
        if (b->functions.item[i].listed)
            sorted[count++] = &b->functions.item[i];
    qsort(sorted, count, sizeof *sorted, by_identity);
    for (size_t i = 0; i < b->place_count; i++) {
        const struct mpr_named wanted = {.head = &b->places[i]->head, .id = &b->places[i]->id};
        const struct mpr_named *key = &wanted;
        const struct mpr_named **found = bsearch(&key, sorted, count, sizeof *sorted, by_identity);
        if (found)
            b->profile->places[i].function = (*found)->function;
    }
    free(sorted);
    return true;
}

/* --- names --- */

static bool set_package(const struct mpr_rec_place *recorded, struct mpr_profile_place *place)
{
    const char *inside = mpr_rec_text(&recorded->head, recorded->package);
    if (place->origin == MPR_ORIGIN_USER || recorded->package < sizeof *recorded || !inside[0])
        return true;
    place->package = mpr_build_text(inside, mpr_origin_package_len(place->origin, inside));
    return place->package != NULL;
}

static bool set_code(const struct mpr_builder *b, const struct mpr_rec_place *recorded,
    struct mpr_profile_place *place)
{
    const char *file = mpr_rec_text(&recorded->head, recorded->id.file);
    const char *qualname = mpr_rec_text(&recorded->head, recorded->id.qualname);
    place->origin = recorded->origin < MPR_ORIGINS ? recorded->origin : MPR_ORIGIN_USER;
    place->first_line = recorded->id.first_line;
    place->last_line = recorded->id.last_line;
    place->file = mpr_build_path(b->run->cwd, file);
    place->qualname = mpr_build_text(qualname, strlen(qualname));
    return place->file && place->qualname && set_package(recorded, place);
}

static struct mpr_profile_place *add(struct mpr_profile *profile, enum mpr_place_kind kind)
{
    struct mpr_profile_place *place = &profile->places[profile->place_count++];
    place->kind = kind;
    place->function = MPR_NONE;
    return place;
}

int mpr_build_places(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile *profile = b->profile;
    profile->places = calloc(b->place_count + MPR_AT_KINDS, sizeof *profile->places);
    if (!profile->places)
        return mpr_build_nomem(err);
    for (size_t i = 0; i < b->place_count; i++)
        if (!set_code(b, b->places[i], add(profile, MPR_AT_CODE)))
            return mpr_build_nomem(err);
    for (int kind = MPR_AT_CODE + 1; kind < MPR_AT_KINDS; kind++) {
        struct mpr_profile_place *place = add(profile, (enum mpr_place_kind)kind);
        place->qualname = mpr_strdup(mpr_place_kind_name(place->kind));
        if (!place->qualname)
            return mpr_build_nomem(err);
    }
    return find_functions(b) ? 0 : mpr_build_nomem(err);
}

/* --- from numbers --- */

static enum mpr_place_kind kind_of(const struct mpr_builder *b, uint32_t recorded)
{
    static const enum mpr_place_kind kinds[MPR_SPECIAL_PLACES] = {
        [0] = MPR_AT_STARTUP,
        [MPR_PLACE_INTERPRETER - MPR_PLACE_STARTUP] = MPR_AT_INTERPRETER,
        [MPR_PLACE_NATIVE_THREAD - MPR_PLACE_STARTUP] = MPR_AT_NATIVE_THREAD,
        [MPR_PLACE_FOLDED - MPR_PLACE_STARTUP] = MPR_AT_FOLDED,
    };
    if (recorded >= MPR_PLACE_STARTUP && recorded <= MPR_PLACE_FOLDED)
        return kinds[recorded - MPR_PLACE_STARTUP];
    return recorded > 0 && recorded <= b->place_count ? MPR_AT_CODE : MPR_AT_UNKNOWN;
}

size_t mpr_build_place(const struct mpr_builder *b, uint32_t recorded)
{
    enum mpr_place_kind kind = kind_of(b, recorded);
    return kind == MPR_AT_CODE ? recorded - 1 : b->place_count + kind - 1;
}
