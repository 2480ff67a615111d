/* SPDX-License-Identifier: MIT */
/* Marks, snapshots and sections in a recording made by hand. */
#ifndef MPRUN_TESTS_MADE_MARKS_H
#define MPRUN_TESTS_MADE_MARKS_H

#include "made_recording.h"

static uint32_t label_count;

static inline uint32_t add_label(const char *name)
{
    size_t len = strlen(name) + 1;
    struct mpr_rec_label *label = add_record(MPR_KIND_LABEL, sizeof *label + len);
    memcpy(label->text, name, len);
    return ++label_count;
}

/* NULL: it gets no name yet. `ns` after arming. */
static inline struct mpr_rec_mark *add_mark(const char *name, uint64_t ns, uint64_t snapshot)
{
    uint32_t label = name ? add_label(name) : 0;
    struct mpr_rec_mark *mark = add_record(MPR_KIND_MARK, sizeof *mark);
    mark->label = label;
    mark->tick = header()->clock.start.tick + ns;
    mark->python = MIB(1);
    mark->native = MIB(2);
    mark->heap_peak = MIB(4);
    mark->rss = MIB(12);
    mark->rss_peak = MPR_REC_NO_FIGURE;
    mark->snapshot = snapshot;
    return mark;
}

static inline struct mpr_rec_snapshot *add_snapshot(uint32_t count)
{
    struct mpr_rec_snapshot *snapshot =
        add_record(MPR_KIND_SNAPSHOT, sizeof *snapshot + count * sizeof snapshot->held[0]);
    snapshot->count = count;
    return snapshot;
}

static inline struct mpr_rec_section *add_section(uint32_t label, uint64_t calls)
{
    struct mpr_rec_section *section = add_record(MPR_KIND_SECTION, sizeof *section);
    section->label = label;
    section->calls = calls;
    return section;
}

/* "loaded", "halfway" with what the first site and one in a row of made_heap() held, a section. */
static inline void made_marks_of_heap(void)
{
    label_count = 0;
    add_mark("loaded", 5000, 0);
    struct mpr_rec_snapshot *snapshot = add_snapshot(2);
    snapshot->held[0] = (struct mpr_rec_held){1, 2, 100};
    snapshot->held[1] = (struct mpr_rec_held){4, 1, 50};
    add_mark("halfway", 6000, (uint64_t)((char *)snapshot - region.bytes));
    struct mpr_rec_section *section = add_section(1, 3);
    section->ticks = 7000;
    section->heap = -5;
    section->rss = 4096;
    section->spike = 99;
}

#endif
