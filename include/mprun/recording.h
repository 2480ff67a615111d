/* SPDX-License-Identifier: MIT */
/* The recording: the shared-memory region that the target's probes write and the supervisor reads.
 *
 * A sparse memfd of fixed size, sealed against resizing: one header page, then an append-only log
 * of records. A record starts with its kind and its size; the header's `log_used` is published
 * (release) after a record is complete, so a reader may look at any moment. Counters inside
 * records go on changing after that: 8-byte aligned, written by one thread at a time (under the
 * GIL; fields called nogil: by any thread, atomically), read without tearing on x86-64.
 *
 * Here is the layout; recording_writer.h has the target's side, recording_reader.h the
 * supervisor's. Writer and reader trust nothing of each other but this layout: the reader checks
 * every offset. Sizes are bytes, offsets count from the start of the region, text is NUL-terminated
 * bytes. */
#ifndef MPRUN_RECORDING_H
#define MPRUN_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mprun/file_state.h"
#include "mprun/law.h"
#include "mprun/recording_header.h"
#include "mprun/recording_intervals.h"
#include "mprun/recording_marks.h"

/* A --func pattern, in command-line order; written by the supervisor. */
struct mpr_rec_pattern {
    struct mpr_rec_head head;
    char text[];
};

/* rss_max of a row that opened or closed while RSS could not be read: above any size, so that no
 * later close takes it back. Its rss and its sum of RSS mean nothing
 * then. */
#define MPR_REC_RSS_UNKNOWN INT64_MAX

/* A line of a selected function. rss == 0: never closed. */
struct mpr_rec_row {
    uint64_t hits;
    int64_t sum[MPR_COUNTERS]; /* over hits, by the law */
    int64_t rss;               /* when it last closed */
    int64_t rss_max;           /* highest close */
    int64_t spike;             /* largest of one hit */
};

#define MPR_REC_FN_WITHDRAWN 1u /* selected by default, then decorators took over: not reported */

/* Lines that follow one another, and the first one's row. */
struct mpr_rec_stretch {
    uint32_t line;
    uint32_t count;
    uint32_t row;
};

/* A selected function that started. It has a row for each line from the first to the last, but for
 * long stretches that its code has no line in. */
struct mpr_rec_function {
    struct mpr_rec_head head;
    struct mpr_rec_identity id;
    uint32_t flags;
    uint32_t row_count;
    uint32_t rows;          /* offset of the rows from the record's start, 8-byte aligned */
    uint32_t stretch_count; /* 0: row i is line first_line + i, for all i */
    uint32_t stretches;     /* offset of the stretches, by line; 4-byte aligned */
    uint32_t at_start;      /* so many rows are of the lines from first_line on; the target's own */
    uint64_t calls;
    int64_t rss_entry;       /* RSS at the first call's entry, 0 before */
    int64_t freed_on_return; /* heap that calls released between their last row and their return */
};

/* A function of the user's code that was seen (at most 4096), or that a pattern matched and that
 * may never have started: for "never called" and for the nearest names. */
struct mpr_rec_candidate {
    struct mpr_rec_head head;
    struct mpr_rec_identity id;
};

/* A decorator that was given an object without a Python function in it. */
struct mpr_rec_undecorated {
    struct mpr_rec_head head;
    uint32_t line; /* of the decorator, 1-based; 0 unknown */
    uint32_t file; /* co_filename there, file-system bytes */
    uint32_t type; /* name of the object's type, UTF-8 */
    uint32_t reserved;
};

/* A thread that ran selected code; once it has ended, the next one that does. */
struct mpr_rec_thread {
    struct mpr_rec_head head;
    uint32_t tid;
    uint32_t is_main;
    uint64_t current; /* offset of the mpr_rec_activation last active in it, 0 none */
    struct mpr_rec_heap_counts heap;
};

enum mpr_rec_activation_state { MPR_ACT_FREE = 0, MPR_ACT_OPEN = 1, MPR_ACT_SUSPENDED = 2 };

/* One running interval of a selected code object's frame, with the row that is open in it. */
struct mpr_rec_activation {
    struct mpr_interval interval; /* of the open row */
    int64_t outer_high;           /* the thread's high mark of what encloses the open row */
    uint64_t entered;             /* tick from which it has been running; 0: no row opened, or it
                                     is part of the call around it */
    int64_t entered_rss;          /* RSS then */
    uint64_t seq;                 /* order of opening and resuming, process-wide */
    uint64_t function;            /* offset of its mpr_rec_function */
    uint32_t state;               /* enum mpr_rec_activation_state */
    uint32_t line;                /* of the open row, 0 none */
    uint32_t thread;              /* tid */
    uint32_t reserved;
};

/* A block of activation slots. */
struct mpr_rec_slots {
    struct mpr_rec_head head;
    uint32_t count;
    uint32_t reserved;
    struct mpr_rec_activation slot[];
};

/* Code that has rows or sites: the identity they hang on. Its number is the order of PLACE records,
 * from 1. `selected_by` means nothing here. */
struct mpr_rec_place {
    struct mpr_rec_head head;
    struct mpr_rec_identity id;
    uint32_t origin;  /* enum mpr_origin */
    uint32_t package; /* offset of the part of `file` that begins with its top package; 0 none */
};

/* What the target knows of a file's text. At most one record with STAMPED or ABSENT a file, from
 * when its code was first seen; the text may follow in a record of its own. */
#define MPR_SOURCE_STAMPED 1u /* it was a file, or a member of one, in this state */
#define MPR_SOURCE_ABSENT 2u  /* there was none */
#define MPR_SOURCE_TEXT 4u    /* the record has the text */
#define MPR_SOURCE_CHANGED 8u /* which is that of another state of the file */

struct mpr_rec_source {
    struct mpr_rec_head head;
    uint32_t file; /* offset of co_filename, file-system bytes */
    uint32_t flags;
    struct mpr_file_state state;
    uint32_t text; /* offset of the text: UTF-8, any bytes, no NUL at its end */
    uint32_t text_size;
};

/* The row of a line, UINT32_MAX if it has none. Of a record that the target has written. */
uint32_t mpr_rec_row_of(const struct mpr_rec_function *function, uint32_t line);

const struct mpr_rec_row *mpr_rec_rows(const struct mpr_rec_function *function);
/* NULL: there are none. */
const struct mpr_rec_stretch *mpr_rec_stretches(const struct mpr_rec_function *function);

/* Now. The tick is the TSC, or nanoseconds. */
struct mpr_rec_moment mpr_rec_moment_now(bool ticks_are_ns);

/* What the ticks did while the machine slept: what processors, kernels and hypervisors make of the
 * TSC then differs. */
enum mpr_rec_sleep {
    MPR_SLEPT_NOT,     /* it did not sleep */
    MPR_SLEPT_OUT,     /* stood still: no time has the sleep in it */
    MPR_SLEPT_IN,      /* went on: the time of what was open then has it */
    MPR_SLEPT_ANEW,    /* began anew: the time of what was open then means nothing */
    MPR_SLEPT_UNKNOWN, /* stood still or went on: the sleep was too short a part of the run to tell
                        */
};

struct mpr_rec_pace {
    double ns_per_tick;
    enum mpr_rec_sleep sleep;
    uint64_t slept_ns;
    struct mpr_rec_moment end; /* the moment that told it; zeros: none did, and a tick is 1 ns */
};

/* By the moment of the target's end, or, where it did not come so far, by that at which its end was
 * `seen`, on the TSC. */
struct mpr_rec_pace mpr_rec_pace(
    const struct mpr_rec_clock *clock, const struct mpr_rec_moment *seen);

/* "faults", "user-faults", "rusage", "every-line", "off"; "auto". NULL if out of range. */
const char *mpr_rss_tier_name(enum mpr_rss_tier tier);
/* 0 or MPR_ERR_INVALID. */
int mpr_rss_tier_parse(const char *name, enum mpr_rss_tier *ret_tier);

#endif
