/* SPDX-License-Identifier: MIT */
/* What the program says of itself in the recording: named moments, what lived at them, and named
 * sections. Part of recording.h, whose rules hold here; written under the GIL. */
#ifndef MPRUN_RECORDING_MARKS_H
#define MPRUN_RECORDING_MARKS_H

#include <stdint.h>

#include "mprun/recording_record.h"

/* A figure that was not measured. */
#define MPR_REC_NO_FIGURE INT64_MIN

/* No program has more: those that come later are left out, and that is noted. Names are cut. */
#define MPR_REC_MARKS_MAX 200000u
#define MPR_REC_NAME_MAX 200u

/* A name, UTF-8. Numbered from 1 in the order of the records. */
struct mpr_rec_label {
    struct mpr_rec_head head;
    char text[];
};

/* A moment. Bytes; RSS without mprun's own pages. */
struct mpr_rec_mark {
    struct mpr_rec_head head;
    uint32_t label;
    uint32_t reserved;
    uint64_t tick;
    int64_t python, native; /* heap */
    int64_t heap_peak;      /* since the start, or since the program last began it anew */
    int64_t rss;
    int64_t rss_peak;
    uint64_t snapshot; /* offset of its mpr_rec_snapshot; 0: it has none */
};

/* What a node held. */
struct mpr_rec_held {
    uint32_t node; /* number */
    uint32_t blocks;
    int64_t bytes;
};

/* The nodes that held something at a moment. */
struct mpr_rec_snapshot {
    struct mpr_rec_head head;
    uint32_t count;
    uint32_t reserved;
    struct mpr_rec_held held[];
};

/* What ran under a name. Sums are over its runs, those within another of the same name and thread
 * left out; of the whole process. */
struct mpr_rec_section {
    struct mpr_rec_head head;
    uint32_t label;
    uint32_t reserved;
    uint64_t calls; /* begun */
    int64_t ticks;
    int64_t heap;    /* change; MPR_REC_NO_FIGURE: not measured */
    int64_t rss;     /* the same */
    int64_t spike;   /* of one run: how far the heap rose above both of its ends */
    uint64_t unread; /* runs whose RSS could not be read: `rss` is that of the others */
};

#endif
