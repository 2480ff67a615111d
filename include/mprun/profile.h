/* SPDX-License-Identifier: MIT */
/* The profile: the finished model of a run. It owns all that it says and knows no recording: who
 * made it, be it from a recording or from a store, may be gone. What reads it changes nothing.
 *
 * Sizes are bytes, times nanoseconds. All text is valid UTF-8 without a NUL (undecodable bytes are
 * escaped as \xNN). A size that was not measured is MPR_UNKNOWN and becomes null in JSON. What
 * names an entry of an array is its index, MPR_NONE where there is none. */
#ifndef MPRUN_PROFILE_H
#define MPRUN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "mprun/base.h"
#include "mprun/origin.h"

#define MPR_UNKNOWN INT64_MIN
#define MPR_NONE SIZE_MAX

/* How much of a run there is memory for: each holds less than the one before. */
enum mpr_detail {
    MPR_DETAIL_ALL,
    MPR_DETAIL_NO_NODES,     /* without the call tree */
    MPR_DETAIL_NO_SOURCE,    /* nor the text of rows */
    MPR_DETAIL_NO_SITES,     /* nor sites, nor who held the peak, nor what rows hold */
    MPR_DETAIL_NO_FUNCTIONS, /* the whole program only */
};

/* Who asked for a block. MMAP counts as native where only two are told apart. */
enum mpr_domain { MPR_DOMAIN_PYTHON, MPR_DOMAIN_NATIVE, MPR_DOMAIN_MMAP, MPR_DOMAINS };

/* What mprun was in, in the measured process. */
enum mpr_container {
    MPR_CONTAINER_INTERPRETER,
    MPR_CONTAINER_EMBEDDED,
    MPR_CONTAINER_EXTENSION, /* measured from within: what was there before is not seen */
    MPR_CONTAINERS
};

/* How RSS was watched, best first. */
enum mpr_tier {
    MPR_TIER_FAULTS,
    MPR_TIER_USER_FAULTS,
    MPR_TIER_RUSAGE,
    MPR_TIER_EVERY_LINE,
    MPR_TIER_OFF,
    MPR_TIERS,
};

/* How lines were watched. */
enum mpr_engine { MPR_ENGINE_NONE, MPR_ENGINE_SETTRACE, MPR_ENGINE_MONITORING, MPR_ENGINES };

/* What a profile is of. */
enum mpr_profile_kind {
    MPR_PROFILE_LINES, /* a Python program, line by line */
    MPR_PROFILE_TREE,  /* a tree of processes, from outside: it has no functions, no heap */
    MPR_PROFILE_KINDS,
};

/* How a process came to be measured. */
enum mpr_process_begin {
    MPR_BEGIN_STARTED, /* by mprun */
    MPR_BEGIN_FOUND,   /* among the descendants of what mprun started */
    MPR_BEGINS,
};

/* How it ended. */
enum mpr_process_end {
    MPR_END_EXIT,   /* with exit_status */
    MPR_END_SIGNAL, /* by exit_signal */
    MPR_END_EXEC,   /* for mprun when it became another program; how that ended stands beside */
    MPR_END_UNSEEN, /* mprun was not its parent: nobody says how */
    MPR_END_NOT,    /* it goes on */
    MPR_ENDS,
};

struct mpr_profile_row {
    uint32_t line;
    const char *source; /* borrowed of the function's source: its line for display, or NULL */
    bool measured;      /* it closed at least once: the figures below are meaningful */
    bool ended_here;    /* the row was open when the target ended, or was looked at while it ran */
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
    size_t source;        /* the file's text; MPR_NONE: there is a problem, or it never ran */
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

/* The text of a file, as it was when its code was loaded if that could be had. */
struct mpr_profile_source {
    char *file;      /* as functions name it */
    char *problem;   /* a sentence: why there is no text; NULL if there is */
    char *text;      /* its lines for display: without ends, tabs kept, a NUL behind each */
    uint32_t *start; /* of each line in it; start[line_count] is its size */
    size_t line_count;
    bool changed; /* since its code was loaded: this is another state of it */
    bool made;    /* it is no file: code that the program made of this text */
};

/* What allocates. */
enum mpr_place_kind {
    MPR_AT_CODE,
    MPR_AT_STARTUP,       /* the interpreter, before the program's first line */
    MPR_AT_INTERPRETER,   /* the interpreter, no Python code running */
    MPR_AT_NATIVE_THREAD, /* a thread that Python does not know */
    MPR_AT_FOLDED,        /* code that there was no room to tell */
    MPR_AT_UNKNOWN,
    MPR_AT_KINDS,
};

/* A piece of code, selected or not; or what is no code. */
struct mpr_profile_place {
    enum mpr_place_kind kind;
    enum mpr_origin origin;
    char *file;     /* NULL where it is no code */
    char *qualname; /* of what is no code, its name: "<startup>" */
    char *package;  /* top package of an imported file; NULL for the user's own code */
    uint32_t first_line, last_line; /* 0 where it is no code */
    size_t function;                /* the one with its rows; MPR_NONE: it has none */
};

/* A source line that allocated, or what is no line: before the program, a native thread, … */
struct mpr_profile_site {
    size_t place; /* MPR_NONE: those of a package, summed up */
    /* Borrowed of its place; file is NULL where lines were summed up, and function the package. */
    const char *file, *function, *package;
    uint32_t line; /* 0: none, or all lines of a package */
    enum mpr_domain domain;
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

enum mpr_node_kind { MPR_PATH_ROW, MPR_PATH_SITE, MPR_PATH_KINDS };

#define MPR_NO_PARENT UINT32_MAX

/* A place in the call tree: the path of open rows, ending in a row or in a site. Only sites have
 * figures: those of a row are the sums of what is below it. Millions may be kept: hence small. */
struct mpr_profile_node {
    uint32_t parent; /* index of the row around it, smaller than its own; or MPR_NO_PARENT */
    uint32_t place;  /* index */
    uint32_t line;   /* 0: none */
    uint8_t kind;    /* enum mpr_node_kind */
    uint8_t domain;  /* enum mpr_domain, of a site */
    int64_t allocated;
    int64_t freed;
    int64_t allocations;
    int64_t live_at_peak;
    int64_t live_at_end; /* allocated - freed */
    int64_t blocks_at_end;
};

/* A moment that the program has named. Sizes are MPR_UNKNOWN where they were not measured. */
struct mpr_profile_mark {
    size_t process;
    char *name;
    uint64_t t_ns; /* since the process's start */
    int64_t heap;  /* the sum of */
    int64_t python, native;
    int64_t heap_peak; /* since the start, or since the program last began it anew */
    int64_t rss, rss_peak;
    bool snapshot; /* what each node held then is in profile.held, from `held` on */
    size_t held, held_count;
};

/* What a site's node held at a mark. */
struct mpr_profile_held {
    uint32_t node; /* index */
    int64_t bytes, blocks;
};

/* What the program has run under a name. Of the whole process. */
struct mpr_profile_section {
    size_t process;
    char *name;
    uint64_t calls;     /* begun */
    int64_t time_ns;    /* sums over runs, those within another of the name left out */
    int64_t heap_delta; /* MPR_UNKNOWN: not measured */
    int64_t rss_delta;  /* the same, also if some runs have none */
    int64_t spike;      /* of one run: how far the heap rose above both of its ends */
    /* Of what its own thread allocated while it ran. MPR_UNKNOWN, too, where it is not told apart.
     */
    int64_t live_at_end;
};

/* A row that was open when its process ended. */
struct mpr_profile_open {
    uint32_t thread; /* kernel thread id */
    size_t function;
    uint32_t line;
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
    size_t function; /* MPR_NONE: no row */
    uint32_t line;
    char *name; /* of what is no row */
    int64_t live_at_peak;
};

/* How RSS came about, each term measured by itself when the program was over. */
struct mpr_profile_reconciliation {
    bool valid;
    bool malloc_known; /* slack_malloc is meaningful */
    int64_t rss;
    int64_t python, native; /* heap then */
    int64_t untouched;      /* of live blocks, in pages that are not resident */
    int64_t interpreter;  /* resident: its and libraries' files, stacks, what malloc held before */
    int64_t files;        /* resident, of what the program has mapped */
    int64_t shared;       /* resident, of shared memory */
    int64_t slack_python; /* resident in pymalloc's arenas, and not live */
    int64_t slack_malloc; /* in malloc's hands, resident, and not live */
    uint64_t arenas;      /* of pymalloc */
};

struct mpr_profile_heap {
    bool tracked;
    struct mpr_profile_sum all, python, native;
    int64_t before;                     /* bytes at the end that stem from before the program */
    struct mpr_profile_holder at;       /* where the peak was reached; function MPR_NONE: unknown */
    struct mpr_profile_holder *holders; /* of the peak */
    size_t holder_count;
    struct mpr_profile_reconciliation rss;
    int64_t unexplained;             /* of rss.rss; MPR_UNKNOWN */
    char *allocator;                 /* owner of malloc; NULL: the C library */
    int64_t reserved, files, shared; /* maps that are no heap: without access, of files, shared */
    bool after_collection;           /* the figures at the end are those of the last collection */
};

/* Neighbouring samples, in order of time. */
struct mpr_profile_bucket {
    uint64_t t_ns; /* of the first one, since the process's start */
    int64_t rss_min;
    int64_t rss_max;
    int64_t heap_max;    /* MPR_UNKNOWN: not tracked */
    size_t max_function; /* the main thread's open row at the maximum */
    uint32_t max_line;   /* 0 where max_function is MPR_NONE */
    uint32_t samples;
};

struct mpr_profile_timeline {
    struct mpr_profile_bucket *bucket;
    size_t count;
};

/* A stretch of time in which a call of a function ran: from its first row, or its resumption, to
 * the end of its last row, or its suspension. Callees are in it. */
struct mpr_profile_interval {
    size_t function;
    uint32_t thread;            /* kernel thread id; those of one thread nest */
    uint64_t begin_ns, end_ns;  /* since the process's start */
    int64_t rss_begin, rss_end; /* MPR_UNKNOWN where RSS was not measured */
    bool open;                  /* it ran when the process ended, or was looked at last */
};

/* The longest: there is room for so many only. In the order of time, an outer one first. */
struct mpr_profile_intervals {
    struct mpr_profile_interval *interval;
    size_t count;
    uint64_t least_ns; /* all that were longer are there; 0: all */
    uint64_t left_out; /* so many were not */
};

/* All processes of a tree together. A page that several have counts for each of them in RSS, and
 * once, divided among them, in PSS, which was read less often. */
struct mpr_profile_tree {
    struct mpr_profile_timeline rss, pss; /* times since the start of the first process */
    int64_t rss_peak, pss_peak;           /* MPR_UNKNOWN: never read */
    uint64_t rss_peak_ns, pss_peak_ns;
    uint64_t samples, pss_samples;
    uint64_t found;            /* processes in all, those included that there was no room for */
    uint64_t at_once, at_peak; /* at most; when RSS was highest */
    uint64_t interval_ns;      /* between samples, as asked for */
};

/* One measured process. */
struct mpr_profile_process {
    uint32_t pid;
    size_t parent;     /* MPR_NONE: mprun started it */
    char **command;    /* what was asked to run: script and its arguments, NULL-terminated */
    char *python;      /* "3.11.2" */
    char *interpreter; /* path */
    enum mpr_container container;
    enum mpr_process_begin begin;
    enum mpr_process_end end;
    struct timespec started; /* CLOCK_REALTIME */
    uint64_t duration_ns;
    int exit_status; /* -1 if a signal ended it */
    int exit_signal; /* 0 if none */
    uint64_t dropped;
    uint64_t children; /* processes that it started and that were not measured */
    enum mpr_engine engine;
    enum mpr_tier tier;
    int64_t rss_resolution;
    int64_t rss_start, rss_peak, rss_end, rss_own; /* MPR_UNKNOWN where RSS was not measured */
    /* Where the peak was seen; MPR_NONE and line 0 if no sample reached it. */
    size_t peak_function;
    uint32_t peak_line;
    uint64_t events, statm_reads;
    bool checked; /* --rss check */
    uint64_t check_changes, check_missed;
    uint64_t statm_failed; /* readings that gave nothing */
    struct mpr_profile_open *open;
    size_t open_count;
    struct mpr_profile_heap heap;
    struct mpr_profile_timeline timeline;
    struct mpr_profile_intervals intervals;
};

/* A pattern that matched nothing, with the nearest names. */
struct mpr_profile_unmatched {
    char *pattern;
    char *nearest[3]; /* "name (file:line)", best first, NULL-filled */
    bool none_near;   /* those are just some of the program's own functions */
    bool scoped;      /* it looked everywhere, not only in the user's own code */
};

struct mpr_profile {
    enum mpr_profile_kind kind;
    enum mpr_detail detail;
    char *cwd; /* of the run: names of files in it are shown without it */
    /* At least one: what was asked to run is the first. */
    struct mpr_profile_process *process;
    size_t process_count;
    struct mpr_profile_tree tree; /* of MPR_PROFILE_TREE */
    /* Of all processes together. */
    struct mpr_profile_function *functions; /* in the order of their first start */
    size_t function_count;
    struct mpr_profile_place *places;
    size_t place_count;
    struct mpr_profile_site *sites; /* in the order of their first block */
    size_t site_count;
    struct mpr_profile_node *nodes; /* parents before their children */
    size_t node_count;
    struct mpr_profile_mark *marks; /* in the order of time, a process after the other */
    size_t mark_count;
    struct mpr_profile_held *held; /* of marks in their order; of each by node */
    size_t held_count;
    struct mpr_profile_section *sections; /* in the order of their first run */
    size_t section_count;
    struct mpr_profile_source *sources; /* of the files of functions that ran */
    size_t source_count;
    struct mpr_profile_unmatched *unmatched;
    size_t unmatched_count;
    char **notes; /* NULL-terminated */
    size_t note_count;
};

/* An empty one: a process, no notes. NULL: no memory. */
struct mpr_profile *mpr_profile_new(void);
/* NULL and what is half built are all right. */
void mpr_profile_free(struct mpr_profile *profile);

/* Take the text of sources out for good, for those whose code is nobody's business. What is left is
 * a model as before, whose functions say that they have none. MPR_ERR_NOMEM: it is not whole. */
int mpr_profile_leave_source_out(struct mpr_profile *profile, struct mpr_error *err);

/* Does it hold together: indices in range, text there and valid, borrowed text that of its owner
 * and each line by no more functions than there are around one, arrays in their order, sums those
 * of their terms? 0 or MPR_ERR_CORRUPT with what is wrong. Each pointer must point to as much as is
 * claimed. */
int mpr_profile_check(const struct mpr_profile *profile, struct mpr_error *err);

/* marks.c: a site at a mark with a snapshot, as `live` and `blocks` say. Borrows its names. */
struct mpr_profile_live {
    size_t place;
    uint32_t line;
    enum mpr_domain domain;
    int64_t live, blocks;
};

/* What lived at that mark, by site, largest first; the caller frees it. 0 or MPR_ERR_NOMEM. */
int mpr_profile_live_at(const struct mpr_profile *profile, const struct mpr_profile_mark *mark,
    struct mpr_profile_live **ret_live, size_t *ret_count, struct mpr_error *err);

/* The model as of the last mark of that name that has a snapshot: what was live then is what is
 * live at the end of nodes, sites, rows and the heap; all else stays that of the whole run.
 * MPR_ERR_INVALID with a sentence that names the marks there are; nothing has changed then. */
int mpr_profile_at_mark(struct mpr_profile *profile, const char *name, struct mpr_error *err);

/* only.c: one process of it alone: "main", which was asked to run, or a pid; the rest is gone. Of a
 * profile with functions there is but one. MPR_ERR_NOTFOUND: there is none, and nothing has
 * changed; the message names some that there are. */
int mpr_profile_only(struct mpr_profile *profile, const char *which, struct mpr_error *err);

/* The line for display, borrowed; NULL if there is none of that number. */
const char *mpr_profile_line(const struct mpr_profile_source *source, uint32_t line);

/* What a report leaves out for want of memory, as a sentence; NULL: nothing. */
const char *mpr_detail_note(enum mpr_detail detail);

/* names.c: as JSON and the text report write them. NULL: MPR_ENGINE_NONE. */
const char *mpr_domain_name(enum mpr_domain domain);          /* "python", "native", "mmap" */
const char *mpr_container_name(enum mpr_container container); /* "interpreter", … */
const char *mpr_tier_name(enum mpr_tier tier);                /* "faults" … "off" */
const char *mpr_place_kind_name(enum mpr_place_kind kind);    /* "<startup>"; NULL: code */
const char *mpr_engine_name(enum mpr_engine engine);          /* "settrace", "monitoring" */

#endif
