/* SPDX-License-Identifier: MIT */
/* Patterns that matched nothing, each with the names that come nearest, or with some of those that
 * there are. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "mprun/pattern.h"

/* More misses than this say no more by naming neighbours. */
#define NEAREST_LIMIT ((size_t)64)

struct near {
    const struct mpr_named *named;
    size_t distance;
};

static const char *pattern_text(const struct mpr_builder *b, size_t index)
{
    return mpr_rec_text(&b->patterns[index]->head, sizeof(struct mpr_rec_pattern));
}

static const char *field(const struct mpr_named *named, uint32_t offset)
{
    return mpr_rec_text(named->head, offset);
}

/* A function that several patterns match names only one of them: ask the others. */
static bool matches(const struct mpr_pattern *pattern, const struct mpr_named *named)
{
    struct mpr_subject subject = {
        .module = field(named, named->id->module),
        .qualname = field(named, named->id->qualname),
        .file = field(named, named->id->file),
        .users_code = true,
    };
    return named->id->selected_by != MPR_REC_BY_NONE && mpr_pattern_match(pattern, &subject);
}

static bool matches_any(const struct mpr_pattern *pattern, const struct mpr_named_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (matches(pattern, &list->item[i]))
            return true;
    }
    return false;
}

static void offer(struct near best[3], const struct mpr_named *named, size_t distance)
{
    size_t at = 3;
    for (size_t i = 0; i < 3; i++) {
        if (best[i].named && mpr_named_same(best[i].named, named))
            return;
    }
    while (at > 0 && (!best[at - 1].named || distance < best[at - 1].distance))
        at--;
    if (at == 3)
        return;
    for (size_t i = 2; i > at; i--)
        best[i] = best[i - 1];
    best[at] = (struct near){named, distance};
}

static void search(
    const struct mpr_pattern *pattern, const struct mpr_named_list *list, struct near best[3])
{
    for (size_t i = 0; i < list->count; i++) {
        const struct mpr_named *named = &list->item[i];
        size_t distance = mpr_pattern_distance(
            pattern, field(named, named->id->module), field(named, named->id->qualname));
        if (distance != SIZE_MAX)
            offer(best, named, distance);
    }
}

/* Of the user's own code, and with a name that a pattern can be made of. */
static bool is_own(const struct mpr_builder *b, const struct mpr_named *named)
{
    struct mpr_pattern pattern;
    uint32_t by = named->id->selected_by;
    if (field(named, named->id->qualname)[0] == '<')
        return false;
    return by >= b->pattern_count ||
           (mpr_pattern_parse(pattern_text(b, by), &pattern, NULL) == 0 && !pattern.scope);
}

/* Some functions that there are, where no name comes near: in the order of their definition. */
static void take_any(
    const struct mpr_builder *b, const struct mpr_named_list *list, struct near best[3])
{
    for (size_t i = 0; i < list->count && !best[2].named; i++) {
        if (is_own(b, &list->item[i]))
            offer(best, &list->item[i], 0);
    }
}

/* "qualname (file:line)" */
static char *describe(const struct mpr_builder *b, const struct mpr_named *named)
{
    const char *qualname = field(named, named->id->qualname);
    char *path = mpr_build_path(b->run->cwd, field(named, named->id->file));
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_text_append(&text, qualname, strlen(qualname));
    if (path)
        mpr_buf_printf(&text, " (%s:%u)", mpr_path_relative(b->profile->cwd, path),
            (unsigned)named->id->first_line);
    char *result = path ? mpr_buf_steal(&text) : NULL;
    mpr_buf_release(&text);
    free(path);
    return result;
}

static int add_unmatched(
    struct mpr_builder *b, size_t index, const struct mpr_pattern *pattern, struct mpr_error *err)
{
    struct mpr_profile_unmatched *miss = &b->profile->unmatched[b->profile->unmatched_count++];
    const char *text = pattern_text(b, index);
    miss->pattern = mpr_build_text(text, strlen(text));
    if (!miss->pattern)
        return mpr_build_nomem(err);
    struct near best[3] = {{0}};
    miss->scoped = pattern && pattern->scope;
    if (pattern && b->profile->unmatched_count <= NEAREST_LIMIT) {
        search(pattern, &b->candidates, best);
        search(pattern, &b->functions, best);
        miss->none_near = !best[0].named;
    }
    if (miss->none_near) {
        take_any(b, &b->candidates, best);
        take_any(b, &b->functions, best);
    }
    for (size_t i = 0; i < 3 && best[i].named; i++) {
        miss->nearest[i] = describe(b, best[i].named);
        if (!miss->nearest[i])
            return mpr_build_nomem(err);
    }
    return 0;
}

static void mark(const struct mpr_builder *b, const struct mpr_named_list *list, bool *matched)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].id->selected_by < b->pattern_count)
            matched[list->item[i].id->selected_by] = true;
    }
}

/* Parses into *ret_pattern. A pattern that does not parse is not matched either. */
static bool is_matched(
    const struct mpr_builder *b, size_t index, struct mpr_pattern *ret_pattern, bool *ret_valid)
{
    *ret_valid = mpr_pattern_parse(pattern_text(b, index), ret_pattern, NULL) == 0;
    return *ret_valid &&
           (matches_any(ret_pattern, &b->functions) || matches_any(ret_pattern, &b->candidates));
}

int mpr_build_unmatched(struct mpr_builder *b, struct mpr_error *err)
{
    int status = 0;
    if (b->pattern_count == 0 || b->detail >= MPR_DETAIL_NO_FUNCTIONS ||
        b->header->notes & (MPR_NOTE_NO_TOOL | MPR_NOTE_TOOL_LOST))
        return 0;
    b->profile->unmatched = calloc(b->pattern_count, sizeof *b->profile->unmatched);
    bool *matched = calloc(b->pattern_count, sizeof *matched);
    if (!matched || !b->profile->unmatched) {
        status = mpr_build_nomem(err);
        goto out;
    }
    mark(b, &b->functions, matched);
    mark(b, &b->candidates, matched);
    for (size_t i = 0; status == 0 && i < b->pattern_count; i++) {
        struct mpr_pattern pattern;
        bool valid = false;
        if (!matched[i] && !is_matched(b, i, &pattern, &valid))
            status = add_unmatched(b, i, valid ? &pattern : NULL, err);
    }
out:
    free(matched);
    return status;
}
