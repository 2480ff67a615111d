/* SPDX-License-Identifier: MIT */
/* The recording's first page: what it is, how the target was to be measured, and what is known of
 * the whole process. Part of recording.h, whose rules hold here. */
#ifndef MPRUN_RECORDING_HEADER_H
#define MPRUN_RECORDING_HEADER_H

#include <stdint.h>

#include "mprun/recording_heap.h"
#include "mprun/recording_intervals.h"

#define MPR_REC_MAGIC 0x636572006e75726dULL
#define MPR_REC_VERSION 13u
#define MPR_REC_SIZE ((uint64_t)192 << 20)
#define MPR_REC_LOG ((uint64_t)4096) /* offset of the log */
/* What it is sealed with: neither side can cut the other's mapping short. */
#define MPR_REC_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

enum mpr_rec_state {
    MPR_REC_STARTING = 1, /* made by the supervisor */
    MPR_REC_ARMED,        /* the host has initialised Python and installed its probes */
    MPR_REC_RUNNING,      /* the program runs */
    MPR_REC_FINALIZING,   /* the interpreter has been finalised */
    MPR_REC_ENDED,        /* the host's main has returned */
    MPR_REC_REFUSED,      /* the host declined before arming; host.refusal says why */
};

enum mpr_rec_container { MPR_REC_INTERPRETER = 1, MPR_REC_EMBEDDED, MPR_REC_EXTENSION };

/* RSS tiers, best first; the order is the order of automatic choice. */
enum mpr_rss_tier {
    MPR_RSS_AUTO = 0,
    MPR_RSS_FAULTS,
    MPR_RSS_USER_FAULTS,
    MPR_RSS_RUSAGE,
    MPR_RSS_EVERY_LINE,
    MPR_RSS_OFF,
    MPR_RSS_TIERS,
};

/* header.notes: things that happened and that the report mentions; what it says of each stands in
 * one row of src/reading/notes.c. Bits. */
enum mpr_rec_note {
    MPR_NOTE_DEEP_STACK = 1 << 0,        /* the evaluator was withdrawn in a deep recursion */
    MPR_NOTE_FOREIGN_EVALUATOR = 1 << 1, /* another PEP 523 evaluator replaced ours */
    MPR_NOTE_STACK_SWITCH = 1 << 2,      /* greenlet was imported, its switches are not seen */
    MPR_NOTE_DECORATED = 1 << 3,         /* @profile or @mprun was used; not mentioned */
    MPR_NOTE_MEMORY_PROFILER = 1 << 4,   /* the target imported memory_profiler */
    MPR_NOTE_THREADS = 1 << 5,           /* rows ran in more than one thread */
    MPR_NOTE_NO_RING = 1 << 6,           /* a thread got no fault ring and used rusage */
    /* selected lines went unseen: another trace function ruled */
    MPR_NOTE_TRACER_REPLACED = 1 << 7,
    MPR_NOTE_LAST_TRACEBACK = 1 << 8, /* at the end sys.last_traceback held frames */
    MPR_NOTE_HEAP_FOLDED = 1 << 9,    /* the tree was full: new paths went to their parents */
    MPR_NOTE_HEAP_LOST = 1 << 10,     /* no memory for the block table: blocks went uncounted */
    MPR_NOTE_DEEPBIND = 1 << 11,      /* an object bound malloc past mprun's (RTLD_DEEPBIND) */
    MPR_NOTE_NO_TOOL = 1 << 12,       /* no line was watched: no number of sys.monitoring free */
    MPR_NOTE_TOOL_LOST = 1 << 13,     /* … any more: the program freed the number */
    MPR_NOTE_NUMBA = 1 << 14,         /* numba was imported: functions may run as machine code */
    MPR_NOTE_LINE_OUTSIDE = 1 << 15,  /* an event named a line that its code does not have */
    /* the interpreter brings a malloc that mprun does not see */
    MPR_NOTE_MALLOC_UNSEEN = 1 << 16,
    MPR_NOTE_MARKS_FULL = 1 << 17, /* marks, snapshots or sections found no room */
};

/* settings.flags */
enum mpr_rec_setting {
    MPR_REC_SELECT_DEFAULT = 1 << 0, /* no pattern given: the script's own file is selected */
    MPR_REC_RSS_CHECK = 1 << 1,      /* read both ways at each line; count what the gate missed */
    MPR_REC_NO_HEAP = 1 << 2,        /* the heap is not to be tracked */
};

/* How to measure. Written by the supervisor before the target starts. */
struct mpr_rec_settings {
    uint32_t flags;
    uint32_t rss_request; /* enum mpr_rss_tier */
};

/* The process and its Python. Written by the host before it arms. */
struct mpr_rec_host {
    uint32_t pid;
    uint32_t container;  /* enum mpr_rec_container; 0: no host was there */
    uint32_t python_hex; /* Py_Version */
    uint32_t reserved;
    char python_version[32];
    char trace_engine[16];
    char refusal[1024]; /* one sentence; valid in state REFUSED */
};

/* One moment on both clocks. What the machine has slept (suspended) until then is CLOCK_BOOTTIME
 * less CLOCK_MONOTONIC, which stands still meanwhile: differences only mean something. */
struct mpr_rec_moment {
    uint64_t tick;
    uint64_t ns; /* CLOCK_MONOTONIC */
    uint64_t slept_ns;
};

/* Rows count ticks; what a tick is, two moments tell, whenever they are read. */
struct mpr_rec_clock {
    uint32_t ticks_are_ns;       /* 1: no invariant TSC, ticks are nanoseconds */
    uint32_t ticks_per_us;       /* measured quickly at arming, to a percent or so; 0 unknown */
    struct mpr_rec_moment start; /* at arming */
    struct mpr_rec_moment end;   /* when the host's main returned; zeros where it did not */
};

/* RSS of the process, bytes. But for `own` and `hwm` never with mprun's own pages. */
struct mpr_rec_rss {
    uint32_t tier;       /* enum mpr_rss_tier: the one in use */
    uint32_t resolution; /* smallest change that statm shows */
    int64_t own;         /* mprun's own resident pages in the target */
    int64_t start;       /* when the program's first line was about to run */
    int64_t end;         /* when the program was over; 0 until then */
    int64_t hwm;         /* the kernel's high-water mark at that time, own pages included; or 0 */
    int64_t last;        /* last value read at a line */
    uint64_t statm_reads;
    uint64_t statm_failed;  /* readings that gave nothing: what they were for is not known */
    uint64_t check_changes; /* RSS_CHECK: changes seen */
    uint64_t check_missed;  /* RSS_CHECK: of them, not announced by the gate */
    uint32_t lost;          /* 1: the last reading gave nothing */
    uint32_t reserved;
};

struct mpr_rec_counts {
    uint64_t events;  /* line events of selected code */
    uint64_t dropped; /* things that found no room */
};

/* Other programs that came out of this one. */
struct mpr_rec_processes {
    uint64_t children; /* processes started and not measured */
    uint64_t exec_ns;  /* CLOCK_MONOTONIC of an exec under way, 0 if none */
};

struct mpr_rec_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_size;
    uint64_t size;
    uint64_t log_used; /* end of the log, from the region's start */
    struct mpr_rec_settings settings;
    uint32_t state; /* enum mpr_rec_state */
    uint32_t notes; /* enum mpr_rec_note */
    struct mpr_rec_host host;
    struct mpr_rec_clock clock;
    struct mpr_rec_rss rss;
    struct mpr_rec_counts counts;
    struct mpr_rec_processes processes;
    struct mpr_rec_heap heap;
    struct mpr_rec_kept kept;
};

_Static_assert(sizeof(struct mpr_rec_header) <= MPR_REC_LOG, "the log begins behind it");

#endif
