/* SPDX-License-Identifier: MIT */
/* One walk over the recording: what is in it, by kind. A damaged log ends the walk, and what was
 * read until then is reported. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* Room for one more item in an array of pointers or structs; grows by doubling. */
static bool make_room(void **array, size_t count, size_t *capacity, size_t each)
{
    if (count < *capacity)
        return true;
    size_t grown = *capacity ? *capacity * 2 : 64;
    void *moved = realloc(*array, grown * each);
    if (!moved)
        return false;
    *array = moved;
    *capacity = grown;
    return true;
}

static bool add_named(struct mpr_builder *b, struct mpr_named_list *list,
    const struct mpr_rec_head *head, const struct mpr_rec_identity *id)
{
    if (!make_room((void **)&list->item, list->count, &list->capacity, sizeof *list->item))
        return false;
    list->item[list->count++] =
        (struct mpr_named){.head = head, .id = id, .offset = mpr_rec_offset(b->reader, head)};
    return true;
}

static bool add_function(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    const struct mpr_rec_function *fn = (const void *)head;
    return add_named(b, &b->functions, head, &fn->id);
}

static bool add_candidate(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    const struct mpr_rec_candidate *candidate = (const void *)head;
    return add_named(b, &b->candidates, head, &candidate->id);
}

static bool add_pointer(
    const void ***array, size_t *count, size_t *capacity, const struct mpr_rec_head *head)
{
    if (!make_room((void **)array, *count, capacity, sizeof **array))
        return false;
    (*array)[(*count)++] = head;
    return true;
}

static bool add_pattern(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->patterns, &b->pattern_count, &b->pattern_capacity, head);
}

static bool add_slots(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->slots, &b->slots_count, &b->slots_capacity, head);
}

static bool add_place(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->places, &b->place_count, &b->place_capacity, head);
}

static bool add_sites(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->sites, &b->sites_count, &b->sites_capacity, head);
}

static bool add_nodes(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->nodes, &b->nodes_count, &b->nodes_capacity, head);
}

static bool add_thread(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->threads, &b->threads_count, &b->threads_capacity, head);
}

static bool add_source(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->texts, &b->texts_count, &b->texts_capacity, head);
}

static bool add_undecorated(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer(
        (const void ***)&b->undecorated, &b->undecorated_count, &b->undecorated_capacity, head);
}

static bool add_label(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer((const void ***)&b->labels, &b->labels_count, &b->labels_capacity, head);
}

static bool add_mark(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return b->marks_count >= MPR_REC_MARKS_MAX ||
           add_pointer((const void ***)&b->marks, &b->marks_count, &b->marks_capacity, head);
}

static bool add_snapshot(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return add_pointer(
        (const void ***)&b->snapshots, &b->snapshots_count, &b->snapshots_capacity, head);
}

static bool add_section(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return b->sections_count >= MPR_REC_MARKS_MAX ||
           add_pointer(
               (const void ***)&b->sections, &b->sections_count, &b->sections_capacity, head);
}

static bool add_intervals(struct mpr_builder *b, const struct mpr_rec_head *head)
{
    return b->intervals_count >= MPR_REC_INTERVALS_MAX / MPR_REC_INTERVALS_EACH ||
           add_pointer(
               (const void ***)&b->intervals, &b->intervals_count, &b->intervals_capacity, head);
}

static bool (*const collectors[])(struct mpr_builder *, const struct mpr_rec_head *) = {
    [MPR_KIND_PATTERN] = add_pattern,
    [MPR_KIND_FUNCTION] = add_function,
    [MPR_KIND_CANDIDATE] = add_candidate,
    [MPR_KIND_SLOTS] = add_slots,
    [MPR_KIND_PLACE] = add_place,
    [MPR_KIND_SITES] = add_sites,
    [MPR_KIND_NODES] = add_nodes,
    [MPR_KIND_THREAD] = add_thread,
    [MPR_KIND_SOURCE] = add_source,
    [MPR_KIND_UNDECORATED] = add_undecorated,
    [MPR_KIND_LABEL] = add_label,
    [MPR_KIND_MARK] = add_mark,
    [MPR_KIND_SNAPSHOT] = add_snapshot,
    [MPR_KIND_SECTION] = add_section,
    [MPR_KIND_INTERVALS] = add_intervals,
};

static bool is_wanted(const struct mpr_builder *b, uint32_t kind)
{
    if (kind >= sizeof collectors / sizeof *collectors || !collectors[kind])
        return false;
    bool names = kind == MPR_KIND_FUNCTION || kind == MPR_KIND_CANDIDATE || kind == MPR_KIND_PLACE;
    return !names || b->detail < MPR_DETAIL_NO_FUNCTIONS;
}

static int walk(struct mpr_builder *b, struct mpr_error *err)
{
    uint64_t cursor = 0;
    const struct mpr_rec_head *head = NULL;
    for (;;) {
        int status = mpr_rec_next(b->reader, &cursor, &head, NULL);
        if (status <= 0) {
            /* The last record that is seen of a cut log is cut too. */
            b->cut = mpr_rec_is_cut(b->reader);
            b->damaged = status < 0 && !b->cut;
            return 0;
        }
        if (is_wanted(b, head->kind) && !collectors[head->kind](b, head))
            return mpr_build_nomem(err);
    }
}

int mpr_build_collect(struct mpr_builder *b, struct mpr_error *err)
{
    int status = walk(b, err);
    for (size_t i = 0; status == 0 && i < b->functions.count; i++) {
        struct mpr_named *named = &b->functions.item[i];
        const struct mpr_rec_function *fn = (const void *)named->head;
        if (fn->flags & MPR_REC_FN_WITHDRAWN)
            continue;
        status = mpr_build_add_function(b, named, fn->calls, fn->row_count, err);
        if (status == 0 && fn->rss_entry != 0 && !b->rss_off)
            b->profile->functions[named->function].rss_entry = mpr_add(fn->rss_entry, 0);
        if (status == 0 && !b->heap_off)
            b->profile->functions[named->function].freed_on_return =
                mpr_add(fn->freed_on_return, 0);
    }
    return status;
}

/* Index into builder->functions, SIZE_MAX if there is none. */
static size_t find(const struct mpr_builder *b, uint64_t offset)
{
    size_t low = 0;
    size_t high = b->functions.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->functions.item[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->functions.count && b->functions.item[low].offset == offset ? low : SIZE_MAX;
}

size_t mpr_build_listed(const struct mpr_builder *b, uint64_t offset)
{
    size_t record = find(b, offset);
    if (record == SIZE_MAX || !b->functions.item[record].listed)
        return MPR_NONE;
    return b->functions.item[record].function;
}
