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
#include "mprun/recording.h"
#include "mprun/timeline.h"

#define MPR_UNKNOWN INT64_MIN

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
    int64_t rss_entry;            /* MPR_UNKNOWN if never called or RSS is off */
    int64_t rss_delta;            /* net: sum of the rows */
    struct mpr_profile_row *rows; /* first_line … last_line; none if it was never called */
    size_t row_count;
};

struct mpr_profile_open {
    uint32_t thread; /* kernel thread id */
    size_t function; /* index into functions */
    uint32_t line;
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
    struct mpr_profile_function *functions; /* in the report's order */
    size_t function_count;
    struct mpr_profile_open *open; /* rows that were open when the target ended */
    size_t open_count;
    struct mpr_profile_unmatched *unmatched;
    size_t unmatched_count;
    struct mpr_timeline timeline;
    char **notes; /* NULL-terminated */
    size_t note_count;
};

/* What the supervisor knows and the recording does not. Borrowed by mpr_profile_build. */
struct mpr_run {
    const char *const *command;
    const char *code; /* the CODE of -c, or NULL: source of <string> */
    const char *cwd;  /* relative file names of code objects start here */
    const char *interpreter;
    struct timespec started;
    uint64_t duration_ns;
    int wait_status;      /* as wait(2) gives it */
    int64_t maxrss;       /* bytes, wait4's ru_maxrss: includes waited-for children */
    int64_t hwm_seen;     /* highest VmHWM that sampling saw; 0 none */
    uint64_t interval_ns; /* between samples; 0 unknown */
    const struct mpr_timeline *timeline;
};

enum mpr_sort { MPR_SORT_AUTO, MPR_SORT_SOURCE, MPR_SORT_RSS, MPR_SORT_TIME };

/* Build the model: charge the rows that were still open, read sources, order functions, write the
 * notes. A damaged recording gives MPR_ERR_CORRUPT only if its header is unusable; otherwise what
 * can be read is reported, with a note. */
int mpr_profile_build(struct mpr_rec_reader *reader, const struct mpr_run *run, enum mpr_sort sort,
    struct mpr_profile **ret_profile, struct mpr_error *err);
void mpr_profile_free(struct mpr_profile *profile);

/* "name", "NAME" for the sort option. */
int mpr_sort_parse(const char *name, enum mpr_sort *ret_sort);

#endif
