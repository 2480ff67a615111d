/* SPDX-License-Identifier: MIT */
/* The profile: the finished model of a run. Built from a recording and the facts that the
 * supervisor gathered; everything in it is owned by it. Renderers only read it.
 *
 * Sizes are bytes, times nanoseconds. All text is valid UTF-8 (undecodable bytes are escaped as
 * \xNN). A size that was not measured is MPR_UNKNOWN and becomes null in JSON. */
#ifndef MPRUN_PROFILE_H
#define MPRUN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "mprun/base.h"
#include "mprun/recording_reader.h"
#include "mprun/timeline.h"

#define MPR_UNKNOWN INT64_MIN

/* How much of a run there is memory for: each holds less than the one before. */
enum mpr_detail {
    MPR_DETAIL_ALL,
    MPR_DETAIL_NO_SOURCE,    /* rows without their text */
    MPR_DETAIL_NO_SITES,     /* nor sites, nor who held the peak, nor what rows hold */
    MPR_DETAIL_NO_FUNCTIONS, /* the whole program only */
};

struct mpr_profile_row {
    uint32_t line;
    char *source;    /* display text without line end; NULL if unreadable; tabs kept */
    bool measured;   /* it closed at least once: the figures below are meaningful */
    bool ended_here; /* the row was open when the target ended */
    uint64_t hits;
    int64_t rss;
    int64_t rss_max;
    int64_t rss_delta;
    int64_t time_ns;
    /* The heap: MPR_UNKNOWN where it was not tracked. */
    int64_t heap_allocated;
    int64_t heap_freed;
    int64_t heap_delta; /* allocated - freed */
    int64_t allocations;
    int64_t spike;
    int64_t live_at_peak; /* of what the line and its callees allocated */
    int64_t live_at_end;
};

struct mpr_profile_function {
    char *file; /* absolute where it is known */
    char *name; /* last component of qualname */
    char *qualname;
    char *module;
    char *selected_by;    /* the pattern's text, "@profile" or "default" */
    char *source_problem; /* why lines have no source; NULL if they have */
    uint32_t first_line;
    uint32_t last_line;
    uint64_t calls; /* 0: matched, never called */
    int64_t time_ns;
    int64_t rss_entry;       /* MPR_UNKNOWN if never called or RSS is off */
    int64_t rss_delta;       /* net: sum of the rows */
    int64_t heap_delta;      /* the same */
    int64_t spike;           /* largest of its rows */
    int64_t freed_on_return; /* released between the last row of a call and its return */
    /* By line, from first_line on; long stretches without a line of code are left out. None if
     * it was never called. */
    struct mpr_profile_row *rows;
    size_t row_count;
};

struct mpr_profile_open {
    uint32_t thread; /* kernel thread id */
    size_t function; /* index into functions */
    uint32_t line;
};

/* A source line that allocated, or what is no line: before the program, a native thread, … */
struct mpr_profile_site {
    char *file;     /* NULL where it is no line */
    char *function; /* its qualified name; of what is no line, its name: "<startup>" */
    char *package;  /* top package of an imported file; NULL for the user's own code */
    uint32_t line;  /* 0: none, or all lines of a package */
    enum mpr_heap_domain domain;
    bool before; /* it is what stood before the program's first line */
    int64_t allocated;
    int64_t allocations;
    int64_t live_at_peak;
    int64_t live_at_end;
    int64_t blocks_at_end;
    int64_t peak; /* its own; MPR_UNKNOWN where lines were summed up */
    int64_t
        birth_ns; /* since the start, of the oldest path with live blocks; MPR_UNKNOWN if none */
};

struct mpr_profile_sum {
    int64_t allocated;
    int64_t freed;
    int64_t allocations;
    int64_t peak;
    int64_t end;
};

/* Who held the heap when it was highest: a row by what it and what it called allocated while it was
 * the innermost open one, or what is no row. Largest first. */
struct mpr_profile_holder {
    size_t function; /* index; SIZE_MAX: no row */
    uint32_t line;
    const char *name; /* of what is no row */
    int64_t live_at_peak;
};

struct mpr_profile_heap {
    bool tracked;
    struct mpr_profile_sum all, python, native;
    int64_t before;               /* bytes at the end that stem from before the program */
    struct mpr_profile_holder at; /* where the peak was reached; line 0 and no name: unknown */
    struct mpr_profile_holder *holders; /* of the peak */
    size_t holder_count;
    struct mpr_profile_site *sites; /* by what they held at the peak */
    size_t site_count;
    struct mpr_rec_reconciliation rss; /* as recorded; .valid */
    int64_t unexplained;               /* of rss.rss; MPR_UNKNOWN */
    char *allocator;                   /* owner of malloc; NULL: the C library */
    int64_t reserved, files, shared;   /* maps that are no heap: without access, of files, shared */
    bool after_collection;             /* the figures at the end are those of the last collection */
};

/* A pattern that matched nothing, with the nearest names. */
struct mpr_profile_unmatched {
    char *pattern;
    char *nearest[3]; /* "name (file:line)", best first, NULL-filled */
    bool none_near;   /* those are just some of the program's own functions */
    bool scoped;      /* it looked everywhere, not only in the user's own code */
};

struct mpr_profile {
    char **command; /* what the user asked to run: script and its arguments, NULL-terminated */
    char *cwd;
    uint32_t pid;
    char *python;            /* "3.11.2" */
    char *interpreter;       /* path */
    const char *host;        /* "interpreter" or "embedded" */
    struct timespec started; /* CLOCK_REALTIME */
    uint64_t duration_ns;
    int exit_status; /* -1 if a signal ended it */
    int exit_signal; /* 0 if none */
    uint64_t dropped;
    uint64_t children;        /* processes that the program started; none is measured */
    const char *trace_engine; /* NULL: none was armed */
    const char *rss_tier;
    int64_t rss_resolution;
    int64_t rss_start, rss_peak, rss_end, rss_own; /* MPR_UNKNOWN where RSS was not measured */
    /* Where the peak was seen; line 0 if no sample reached it. */
    size_t peak_function; /* index, SIZE_MAX unknown */
    uint32_t peak_line;
    uint64_t events, statm_reads;
    bool checked; /* --rss check */
    uint64_t check_changes, check_missed;
    uint64_t statm_failed;                  /* readings that gave nothing */
    struct mpr_profile_function *functions; /* in the report's order */
    size_t function_count;
    struct mpr_profile_open *open; /* rows that were open when the target ended */
    size_t open_count;
    struct mpr_profile_unmatched *unmatched;
    size_t unmatched_count;
    struct mpr_profile_heap heap;
    struct mpr_timeline timeline;
    char **notes; /* NULL-terminated */
    size_t note_count;
    enum mpr_detail detail;
};

/* What the supervisor knows and the recording does not. Borrowed by mpr_profile_build. */
struct mpr_run {
    const char *const *command;
    const char *code; /* the CODE of -c, or NULL: source of <string> */
    const char *cwd;  /* relative file names of code objects start here */
    const char *interpreter;
    struct timespec started;   /* CLOCK_REALTIME */
    uint64_t start_ns;         /* the same moment on CLOCK_MONOTONIC */
    struct mpr_rec_moment end; /* when its end was seen; the tick is the TSC */
    uint64_t duration_ns;
    int wait_status;        /* as wait(2) gives it */
    int64_t maxrss;         /* bytes, wait4's ru_maxrss: includes waited-for children */
    int64_t hwm_seen;       /* highest VmHWM that sampling saw; 0 none */
    bool unseen;            /* nothing could be sampled */
    uint64_t interval_ns;   /* between samples; 0 unknown */
    bool fold_packages;     /* sum the sites of imported packages up */
    enum mpr_detail detail; /* at most */
    const struct mpr_timeline *timeline;
};

enum mpr_sort {
    MPR_SORT_AUTO,
    MPR_SORT_SOURCE,
    MPR_SORT_RSS,
    MPR_SORT_HEAP,
    MPR_SORT_PEAK,
    MPR_SORT_TIME,
};

/* Build the model, with as much detail as there is memory for: charge the rows that were still
 * open, read sources, order functions, write the notes. A damaged recording gives MPR_ERR_CORRUPT
 * only if its header is unusable; otherwise what can be read is reported, with a note. */
int mpr_profile_build(struct mpr_rec_reader *reader, const struct mpr_run *run, enum mpr_sort sort,
    struct mpr_profile **ret_profile, struct mpr_error *err);
void mpr_profile_free(struct mpr_profile *profile);
/* Free what the site points to. */
void mpr_profile_site_release(struct mpr_profile_site *site);

/* What a profile leaves out for want of memory, as a sentence; NULL: nothing. */
const char *mpr_detail_note(enum mpr_detail detail);

/* The word of --sort; NULL if there is no such order. */
const char *mpr_sort_name(enum mpr_sort sort);
int mpr_sort_parse(const char *name, enum mpr_sort *ret_sort);
/* "python", "native", "mmap". */
const char *mpr_domain_name(enum mpr_heap_domain domain);

#endif
