/* SPDX-License-Identifier: MIT */
/* Marks, snapshots and sections. A snapshot belongs to one mark: a recording that says otherwise
 * does not get its figures twice. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* The name of that number; a fresh string, NULL without memory. */
static char *name_of(const struct mpr_builder *b, uint32_t label)
{
    const char *text = "?";
    if (label > 0 && label <= b->labels_count) {
        const struct mpr_rec_label *record = b->labels[label - 1];
        text = mpr_rec_text(&record->head, offsetof(struct mpr_rec_label, text));
    }
    return mpr_build_text(text, strnlen(text, MPR_REC_NAME_MAX));
}

static int64_t figure(int64_t recorded)
{
    return recorded == MPR_REC_NO_FIGURE ? MPR_UNKNOWN : mpr_add(recorded, 0);
}

/* --- snapshots --- */

/* NULL: there is none. They stand in the order of offsets. */
static const struct mpr_rec_snapshot *find_snapshot(const struct mpr_builder *b, uint64_t offset)
{
    size_t low = 0, high = b->snapshots_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mpr_rec_snapshot *snapshot = b->snapshots[middle];
        if (mpr_rec_offset(b->reader, &snapshot->head) < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < b->snapshots_count && mpr_rec_offset(b->reader, &b->snapshots[low]->head) == offset
               ? b->snapshots[low]
               : NULL;
}

static size_t room_for_held(const struct mpr_builder *b)
{
    size_t room = 1;
    for (size_t i = 0; b->node_index && i < b->snapshots_count; i++)
        room += b->snapshots[i]->count;
    return room;
}

static bool is_site(const struct mpr_builder *b, uint32_t number, uint32_t *ret_index)
{
    if (number == 0 || number >= b->node_numbers)
        return false;
    *ret_index = b->node_index[number];
    return *ret_index < b->profile->node_count &&
           b->profile->nodes[*ret_index].kind == MPR_PATH_SITE;
}

/* Numbers ascend, and so do indices. */
static void copy_held(struct mpr_builder *b, const struct mpr_rec_snapshot *snapshot)
{
    struct mpr_profile *profile = b->profile;
    uint32_t before = 0, index = 0;
    for (uint32_t i = 0; i < snapshot->count; i++) {
        const struct mpr_rec_held *held = &snapshot->held[i];
        if (held->node <= before || !is_site(b, held->node, &index))
            continue;
        before = held->node;
        profile->held[profile->held_count++] =
            (struct mpr_profile_held){index, mpr_add(held->bytes, 0), held->blocks};
    }
}

/* --- marks --- */

static void set_held(struct mpr_builder *b, uint64_t offset, struct mpr_profile_mark *mark)
{
    const struct mpr_rec_snapshot *snapshot = find_snapshot(b, offset);
    mark->held = b->profile->held_count;
    mark->snapshot = snapshot && b->node_index;
    if (!mark->snapshot)
        return;
    copy_held(b, snapshot);
    mark->held_count = b->profile->held_count - mark->held;
}

static bool add_mark(struct mpr_builder *b, const struct mpr_rec_mark *recorded, uint64_t snapshot)
{
    struct mpr_profile *profile = b->profile;
    struct mpr_profile_mark *mark = &profile->marks[profile->mark_count];
    bool heap = recorded->python != MPR_REC_NO_FIGURE && recorded->native != MPR_REC_NO_FIGURE;
    uint64_t t_ns = (uint64_t)mpr_build_since_start(b, recorded->tick);
    *mark = (struct mpr_profile_mark){
        .name = name_of(b, recorded->label),
        .t_ns = profile->mark_count && mark[-1].t_ns > t_ns ? mark[-1].t_ns : t_ns,
        .heap = heap ? mpr_add(recorded->python, recorded->native) : MPR_UNKNOWN,
        .python = heap ? mpr_add(recorded->python, 0) : MPR_UNKNOWN,
        .native = heap ? mpr_add(recorded->native, 0) : MPR_UNKNOWN,
        .heap_peak = heap ? figure(recorded->heap_peak) : MPR_UNKNOWN,
        .rss = figure(recorded->rss),
        .rss_peak = figure(recorded->rss_peak),
    };
    profile->mark_count++;
    set_held(b, snapshot, mark);
    return mark->name;
}

/* Offsets that ascend: no snapshot is found twice. */
static bool add_marks(struct mpr_builder *b)
{
    uint64_t last = 0;
    for (size_t i = 0; i < b->marks_count; i++) {
        uint64_t snapshot = b->marks[i]->snapshot > last ? b->marks[i]->snapshot : 0;
        last = snapshot ? snapshot : last;
        if (!add_mark(b, b->marks[i], snapshot))
            return false;
    }
    return true;
}

/* --- sections --- */

static bool add_section(struct mpr_builder *b, const struct mpr_rec_section *recorded)
{
    struct mpr_profile_section *section = &b->profile->sections[b->profile->section_count];
    *section = (struct mpr_profile_section){
        .name = name_of(b, recorded->label),
        .calls = recorded->calls,
        .time_ns = mpr_build_ns(b, recorded->ticks),
        .heap_delta = b->heap_off ? MPR_UNKNOWN : figure(recorded->heap),
        .rss_delta = b->rss_off || recorded->unread ? MPR_UNKNOWN : figure(recorded->rss),
        .spike = b->heap_off ? MPR_UNKNOWN : figure(recorded->spike),
        .live_at_end = b->section_live && recorded->label <= b->labels_count
                           ? b->section_live[recorded->label]
                           : MPR_UNKNOWN,
    };
    b->profile->section_count++;
    return section->name;
}

static bool add_sections(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->sections_count; i++)
        if (!add_section(b, b->sections[i]))
            return false;
    return true;
}

int mpr_build_marks(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile *profile = b->profile;
    profile->marks = calloc(b->marks_count + 1, sizeof *profile->marks);
    profile->held = calloc(room_for_held(b), sizeof *profile->held);
    profile->sections = calloc(b->sections_count + 1, sizeof *profile->sections);
    bool done =
        profile->marks && profile->held && profile->sections && add_marks(b) && add_sections(b);
    return done ? 0 : mpr_build_nomem(err);
}
