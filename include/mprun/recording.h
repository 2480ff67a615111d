/* SPDX-License-Identifier: MIT */
/* The recording: the shared-memory region that the target's probes write and the supervisor reads.
 *
 * A sparse memfd of fixed size, sealed against resizing: one header page, then an append-only log
 * of records. A record starts with its kind and its size; the header's `log_used` is published
 * (release) after a record is complete, so a reader may look at any moment. Counters inside
 * records go on changing after that: 8-byte aligned, written by one thread at a time (under the
 * GIL; fields called free: by any thread, atomically), read without tearing on x86-64.
 *
 * Writer and reader trust nothing of each other but this layout: the reader checks every offset.
 * Sizes are bytes, offsets count from the start of the region, text is NUL-terminated bytes. */
#ifndef MPRUN_RECORDING_H
#define MPRUN_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mprun/base.h"
#include "mprun/file_state.h"

#define MPR_REC_MAGIC 0x636572006e75726dULL
#define MPR_REC_VERSION 8u
#define MPR_REC_SIZE ((uint64_t)192 << 20)
#define MPR_REC_LOG ((uint64_t)4096) /* offset of the log */

enum mpr_rec_state {
    MPR_REC_STARTING = 1, /* made by the supervisor */
    MPR_REC_ARMED,        /* the host has initialised Python and installed its probes */
    MPR_REC_RUNNING,      /* the program runs */
    MPR_REC_FINALIZING,   /* the interpreter has been finalised */
    MPR_REC_ENDED,        /* the host's main has returned */
    MPR_REC_REFUSED,      /* the host declined before arming; refusal says why */
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

/* header.settings */
#define MPR_REC_SELECT_DEFAULT 1u /* no pattern given: the script's own file is selected */
#define MPR_REC_RSS_CHECK 2u      /* read both ways at each line and count what the gate missed */
#define MPR_REC_NO_HEAP 4u        /* the heap is not to be tracked */

/* header.notes: things that happened and that the report mentions */
#define MPR_NOTE_DEEP_STACK 1u        /* the evaluator was withdrawn in a deep recursion */
#define MPR_NOTE_FOREIGN_EVALUATOR 2u /* another PEP 523 evaluator replaced ours */
#define MPR_NOTE_STACK_SWITCH 4u      /* greenlet was imported, and its switches are not seen */
#define MPR_NOTE_DECORATED 8u         /* @profile or @mprun was used */
#define MPR_NOTE_MEMORY_PROFILER 16u  /* the target imported memory_profiler */
#define MPR_NOTE_THREADS 32u          /* rows ran in more than one thread */
/* selected lines went unseen: another trace function ruled */
#define MPR_NOTE_TRACER_REPLACED 128u
#define MPR_NOTE_NO_RING 64u         /* a thread got no fault ring and used rusage */
#define MPR_NOTE_LAST_TRACEBACK 256u /* at the end sys.last_traceback held frames */
#define MPR_NOTE_HEAP_FOLDED 512u    /* the tree was full: new paths went to their parents */
#define MPR_NOTE_HEAP_LOST 1024u     /* no memory for the block table: blocks went uncounted */
#define MPR_NOTE_DEEPBIND 2048u      /* an object bound malloc past mprun's (RTLD_DEEPBIND) */
#define MPR_NOTE_NO_TOOL 4096u       /* no line was watched: sys.monitoring had no number free */
#define MPR_NOTE_TOOL_LOST 8192u /* no line was watched any more: the program freed the number */
#define MPR_NOTE_NUMBA 16384u    /* numba was imported: functions may run as machine code */
#define MPR_NOTE_LINE_OUTSIDE 32768u /* an event named a line that its code does not have */
/* the interpreter brings a malloc that mprun does not see */
#define MPR_NOTE_MALLOC_UNSEEN 65536u

/* --- the heap --- */

/* Who asked for a block. MMAP is reported as native where only two are told apart. */
enum mpr_heap_domain { MPR_HEAP_PYTHON, MPR_HEAP_NATIVE, MPR_HEAP_MMAP, MPR_HEAP_DOMAINS };

/* What a thread has done so far; the rows' baselines and the spike hang on it. Written by its own
 * thread only. `high`: highest level (allocated - freed) since the youngest open row's opening. */
struct mpr_rec_heap_counts {
    uint64_t allocated; /* bytes */
    uint64_t freed;
    uint64_t allocations;
    int64_t high;
    int64_t high_before; /* `high` before it was last raised, */
    uint64_t high_when;  /* and `allocations` then */
};

/* When what is live was written down. MAIN counts only where the interpreter has ended without one
 * of the later: the program's threads may go on for long after its own code. */
enum mpr_heap_snapshot {
    MPR_SNAPSHOT_NONE,
    MPR_SNAPSHOT_MAIN,      /* the program's own code was over */
    MPR_SNAPSHOT_EXIT,      /* its threads and exit handlers were, too */
    MPR_SNAPSHOT_COLLECTED, /* and the interpreter's last collection */
};

/* A level with its highest value. Under the GIL `gil` is plain; threads without it add to `nogil`
 * with locked instructions. The level is their sum. */
struct mpr_rec_level {
    int64_t gil;
    int64_t nogil;
    int64_t peak;
    int64_t peak_before; /* `peak` before it was last raised under the GIL, */
    uint64_t peak_when;  /* and `allocations` of the thread that did, then */
};

/* How RSS comes about, each term measured by itself when the program was over. Bytes. */
struct mpr_rec_reconciliation {
    uint32_t valid;
    uint32_t malloc_known;  /* slack of malloc could be asked for (mallinfo2 is glibc's own) */
    int64_t rss;            /* without mprun's own pages */
    int64_t python, native; /* heap then */
    int64_t untouched;      /* of live blocks, in pages that are not resident */
    int64_t interpreter;    /* resident: its and libraries' files, stacks; and what malloc held
                               before tracking */
    int64_t files;          /* resident, of what the program has mapped */
    int64_t shared;         /* resident, of shared memory */
    int64_t slack_python;   /* resident in pymalloc's arenas, and not live */
    int64_t slack_malloc;   /* in malloc's hands, resident, and not live */
    uint64_t arenas;        /* of pymalloc */
};

/* Nothing has been freed since the peak was reached: it stands now, and the next free closes it. */
#define MPR_ON_FREE_RISING 1u
/* Frames that have been left are being cleared: what is freed may be theirs. */
#define MPR_ON_FREE_LEAVING 2u

struct mpr_rec_heap {
    uint32_t tracked; /* 1 from the first hook on */
    uint32_t epoch;   /* of peaks: the first free after one was reached begins a new one */
    struct mpr_rec_level level[2]; /* enum mpr_heap_domain, MMAP in NATIVE */
    int64_t peak;                  /* highest total of both */
    int64_t peak_before;
    uint32_t on_free; /* what the next free has to do: MPR_ON_FREE_… */
    uint32_t rising_before;
    uint32_t peak_node; /* whose allocation reached it */
    uint32_t snapshot;  /* enum mpr_heap_snapshot: when nodes' `end` fields were written last */
    int64_t nonheap_reserved; /* mapped without access, not in the heap */
    int64_t nonheap_file;     /* mapped files */
    int64_t nonheap_shared;   /* shared memory: anonymous, memfd, in /dev/shm */
    char allocator[64];       /* file name of malloc's owner, if it is not the C library */
    struct mpr_rec_reconciliation reconciliation;
    /* Of a late session, when it was opened: what malloc had handed out, and pymalloc's arenas; -1:
     * unknown. */
    int64_t before_malloc;
    int64_t before_arenas;
};

struct mpr_rec_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_size;
    uint64_t size;
    uint64_t log_used; /* end of the log, from the region's start */
    /* Settings, written by the supervisor before the target starts. */
    uint32_t settings;
    uint32_t rss_request; /* enum mpr_rss_tier */
    /* Facts, written by the host. */
    uint32_t state; /* enum mpr_rec_state */
    uint32_t pid;
    uint32_t container;  /* enum mpr_rec_container */
    uint32_t rss_tier;   /* the tier in use */
    uint32_t python_hex; /* Py_Version */
    uint32_t notes;
    char python_version[32];
    char trace_engine[16];
    char refusal[1024]; /* one sentence; valid in state REFUSED */
    /* Clock: rows count ticks; (tick0, ns0) was taken at arming, the reader takes another pair. */
    uint64_t tick0;
    uint64_t ns0;            /* CLOCK_MONOTONIC */
    uint32_t ticks_are_ns;   /* 1: no invariant TSC, ticks are nanoseconds */
    uint32_t rss_resolution; /* smallest change that statm shows, bytes */
    /* Counters. RSS values never include `own`. */
    int64_t own;       /* bytes of mprun's own resident pages in the target */
    int64_t rss_start; /* when the program's first line was about to run */
    int64_t rss_end;   /* when the program was over; 0 until then */
    int64_t hwm;       /* the kernel's high-water mark at that time, own pages included; or 0 */
    int64_t rss_last;  /* last value read at a line */
    uint64_t dropped;  /* things that found no room */
    uint64_t events;   /* line events of selected code */
    uint64_t statm_reads;
    uint64_t check_changes; /* RSS_CHECK: changes seen */
    uint64_t check_missed;  /* RSS_CHECK: of them, not announced by the gate */
    uint64_t children;      /* processes started and not measured */
    uint64_t exec_ns;       /* CLOCK_MONOTONIC of an exec under way, 0 if none */
    struct mpr_rec_heap heap;
    uint64_t statm_failed; /* readings that gave nothing: what they were for is not known */
    uint32_t rss_lost;     /* 1: the last one did */
    uint32_t reserved;
};

enum mpr_rec_kind {
    MPR_KIND_PAD = 1, /* filler, skipped by the reader */
    MPR_KIND_PATTERN,
    MPR_KIND_FUNCTION,
    MPR_KIND_CANDIDATE,
    MPR_KIND_THREAD,
    MPR_KIND_SLOTS,
    MPR_KIND_PLACE,
    MPR_KIND_SITES,
    MPR_KIND_NODES,
    MPR_KIND_SOURCE,
    MPR_KIND_UNDECORATED,
};

/* First member of each record. Records are 8-byte aligned; size includes the head. */
struct mpr_rec_head {
    uint32_t kind;
    uint32_t size;
};

/* A --func pattern, in command-line order; written by the supervisor. */
struct mpr_rec_pattern {
    struct mpr_rec_head head;
    char text[];
};

/* Why a function is selected: index of the pattern (0…), or: */
#define MPR_REC_BY_NONE UINT32_MAX
#define MPR_REC_BY_DEFAULT (UINT32_MAX - 1)
#define MPR_REC_BY_DECORATOR (UINT32_MAX - 2)

/* A function's identity. Text offsets count from the record's start. */
struct mpr_rec_identity {
    uint32_t first_line; /* 1-based; co_firstlineno */
    uint32_t last_line;  /* largest line, nested code included; >= first_line */
    uint32_t file;       /* co_filename, file-system bytes */
    uint32_t qualname;   /* UTF-8; <module> for a module's code */
    uint32_t module;     /* __name__ of its globals, UTF-8; may be empty */
    uint32_t selected_by;
};

/* rss_max of a row that opened or closed while RSS could not be read: above any size, so that no
 * later close takes it back. Its rss and rss_delta mean nothing then. */
#define MPR_REC_RSS_UNKNOWN INT64_MAX

/* A line of a selected function. rss == 0: never closed. */
struct mpr_rec_row {
    uint64_t hits;
    int64_t rss_delta;      /* sum over hits, minus what inner activations charged */
    int64_t ticks;          /* same, wall clock */
    int64_t rss;            /* when it last closed */
    int64_t rss_max;        /* highest close */
    int64_t heap_allocated; /* sums over hits, minus what inner activations charged */
    int64_t heap_freed;
    int64_t allocations;
    int64_t spike; /* largest of one hit */
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
    struct mpr_rec_thread *next; /* of those that have ended; in the target */
    uint64_t current;            /* offset of the mpr_rec_activation last active in it, 0 none */
    struct mpr_rec_heap_counts heap;
};

enum mpr_rec_activation_state { MPR_ACT_FREE = 0, MPR_ACT_OPEN = 1, MPR_ACT_SUSPENDED = 2 };

/* One running interval of a selected code object's frame, with the row that is open in it. The
 * fields after `reader's end` are the target's own and mean nothing to a reader. */
struct mpr_rec_activation {
    uint64_t seq;      /* order of opening and resuming, process-wide */
    uint64_t function; /* offset of its mpr_rec_function */
    int64_t base_rss;
    int64_t base_ticks;
    int64_t charged_rss; /* by inner activations of the same function since base */
    int64_t charged_ticks;
    uint32_t state;
    uint32_t line;           /* of the open row, 0 none */
    uint32_t thread;         /* tid */
    uint32_t counts_hits;    /* 0 for comprehensions */
    uint64_t base_allocated; /* the thread's counts at the opening */
    uint64_t base_freed;
    uint64_t base_allocations;
    int64_t charged_allocated;
    int64_t charged_freed;
    int64_t charged_allocations;
    int64_t outer_high; /* the thread's high mark of what encloses the open row */
    /* reader's end */
    uint64_t frame;
    struct mpr_function_rows *table;
    struct mpr_rec_row *row;
    struct mpr_rec_activation *outer;   /* enclosing open activation of the same table and thread */
    struct mpr_rec_activation *inner;   /* the one that it encloses */
    struct mpr_rec_activation *sibling; /* innermost activation of the table in another thread */
    struct mpr_rec_activation *next;    /* free list, or hash chain */
    struct mpr_stack *stack;            /* in which it stands, NULL: in none */
    struct mpr_rec_activation *above;   /* what it runs there */
    struct mpr_rec_activation *below;   /* what runs it */
    uint64_t offset;                    /* this slot's own, in the region */
    uint32_t last_line;                 /* of the frame: survives yield */
    uint32_t context;                   /* the heap's context outside of this activation */
    uint32_t inside;                    /* and inside of its open row */
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

/* Places that are no code. */
enum mpr_special_place {
    MPR_PLACE_STARTUP = INT32_MAX - 3, /* the interpreter, before the program's first line */
    MPR_PLACE_INTERPRETER,             /* the interpreter, no Python code running */
    MPR_PLACE_NATIVE_THREAD,           /* a thread that Python does not know */
    MPR_PLACE_FOLDED,                  /* a path that found no room: its row's own */
};
#define MPR_SPECIAL_PLACES 4

/* A source line that allocated, in one domain. Numbered from 0 in the order of the records. */
struct mpr_rec_site {
    uint32_t place; /* number, or enum mpr_special_place */
    uint32_t line;
    uint32_t domain; /* enum mpr_heap_domain */
    uint32_t reserved;
    int64_t live; /* bytes; of threads that hold the GIL */
    int64_t live_nogil;
    int64_t peak;                     /* highest sum of both */
    struct mpr_rec_level *level_here; /* its domain's, in the target */
};

/* A place in the call tree: the path of open rows, ending in a row or in a site. Numbered from 1 in
 * the order of the records; a parent has a smaller number than its children. */
#define MPR_NODE_ROW UINT32_MAX /* site of a node that is a row */

struct mpr_rec_node {
    /* written under the GIL */
    uint64_t allocated; /* bytes; live is allocated - freed */
    uint64_t freed;
    uint64_t allocations; /* blocks; live ones are allocations - frees */
    uint64_t frees;
    int64_t at_peak; /* live at the last peak, where epoch is the heap's; else live still is it */
    uint32_t epoch;
    uint32_t site;                  /* number, or MPR_NODE_ROW */
    struct mpr_rec_site *site_here; /* in the target */
    uint32_t parent;                /* number of the row's node around it, 0 none */
    uint32_t number;                /* its own */
    /* written by threads without the GIL, with locked instructions */
    uint64_t allocated_nogil;
    uint64_t freed_nogil;
    uint64_t allocations_free;
    uint64_t frees_nogil;
    /* cold */
    uint32_t place; /* of a row */
    uint32_t line;
    uint64_t birth; /* ticks */
    int64_t end;    /* live at the snapshot */
    uint64_t end_blocks;
};

_Static_assert(sizeof(struct mpr_rec_node) == 128, "two cache lines, the first one hot");

/* Arrays of them. */
struct mpr_rec_sites {
    struct mpr_rec_head head;
    uint32_t count; /* in use; grows */
    uint32_t capacity;
    struct mpr_rec_site site[];
};

struct mpr_rec_nodes {
    struct mpr_rec_head head;
    uint32_t count;
    uint32_t capacity;
    uint32_t first; /* offset of node 0 from the record's start: on a cache line */
    uint32_t reserved;
};

/* --- creation: the supervisor --- */

/* A new recording: sealed-size memfd (close-on-exec) with header and patterns, state STARTING.
 * MPR_ERR_LIMIT names RLIMIT_FSIZE when it is too small. */
int mpr_rec_create(const char *const *patterns, size_t pattern_count, uint32_t settings,
    enum mpr_rss_tier rss_request, int *ret_fd, struct mpr_error *err);

/* What mpr_rec_create seals a recording with. */
#define MPR_REC_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* --- writer: the target; one per process, calls serialised by the GIL --- */

struct mpr_rec_writer;

/* The recording's descriptor by its number's text, which comes from the environment and may be
 * anybody's: -1 if there is no sealed memfd behind it that begins like a recording. Nothing is
 * written to it. */
int mpr_rec_find(const char *number);
/* Map the recording behind fd and check version and size; fd may be closed afterwards, growth
 * needs none. One at a time: the writer lives until mpr_rec_detach, or the process's end. Its
 * memory is the recording's and one static object: it never calls malloc. `count_own` is told bytes
 * as they become resident. */
int mpr_rec_attach(int fd, struct mpr_rec_writer **ret_writer, struct mpr_error *err);
/* Unmap all of it. Nobody uses it. */
void mpr_rec_detach(struct mpr_rec_writer *writer);
struct mpr_rec_header *mpr_rec_writer_header(struct mpr_rec_writer *writer);
/* A zeroed record of `size` bytes (head included), not yet visible; NULL when full (counted in
 * `dropped`). Holds the writer's lock until publish, which must follow in the same thread. */
void *mpr_rec_append(struct mpr_rec_writer *writer, enum mpr_rec_kind kind, size_t size);
void mpr_rec_publish(struct mpr_rec_writer *writer);
/* Offset in the region of the record last appended. */
uint64_t mpr_rec_last_offset(const struct mpr_rec_writer *writer);

/* Put the reason and the state REFUSED into the recording behind fd, without mapping it: for a host
 * that cannot start. */
void mpr_rec_refuse(int fd, const char *reason);

/* The row of a line, UINT32_MAX if it has none. Of a record that the target has written. */
uint32_t mpr_rec_row_of(const struct mpr_rec_function *function, uint32_t line);

/* --- reader: the supervisor --- */

struct mpr_rec_reader;

/* Map read-only. The region may still be growing; each call of mpr_rec_next sees what is
 * published by then. fd stays the caller's. */
int mpr_rec_open(int fd, struct mpr_rec_reader **ret_reader, struct mpr_error *err);
/* The same over bytes in memory (borrowed): tests and stored recordings. */
int mpr_rec_open_memory(
    const void *bytes, size_t size, struct mpr_rec_reader **ret_reader, struct mpr_error *err);
void mpr_rec_close(struct mpr_rec_reader *reader);
/* Borrowed; text fields may lack their NUL if the region is hostile: use mpr_rec_text. */
const struct mpr_rec_header *mpr_rec_header(const struct mpr_rec_reader *reader);
/* Next record after *cursor (start with 0). 1: *ret set; 0: end of what is published;
 * MPR_ERR_CORRUPT. A record that is returned lies inside the region, its size fits its kind, and
 * (FUNCTION) its rows do too. */
int mpr_rec_next(const struct mpr_rec_reader *reader, uint64_t *cursor,
    const struct mpr_rec_head **ret_record, struct mpr_error *err);
/* The target is gone: give back the address space behind the end of the log, or see all of it where
 * it was cut and there is room. Where there is memory, read from a copy from now on: children of
 * the target may still have the recording, and could change what has been checked. What was
 * borrowed before is void. */
void mpr_rec_settle(struct mpr_rec_reader *reader, int fd);
/* More is published than this reader could map (ulimit -v): the log ends early for it. */
bool mpr_rec_is_cut(const struct mpr_rec_reader *reader);
/* The record's own offset in the region. */
uint64_t mpr_rec_offset(const struct mpr_rec_reader *reader, const struct mpr_rec_head *record);
/* The FUNCTION record at that offset, or NULL. */
const struct mpr_rec_function *mpr_rec_function_at(
    const struct mpr_rec_reader *reader, uint64_t offset);
/* The activation at that offset, or NULL. */
const struct mpr_rec_activation *mpr_rec_activation_at(
    const struct mpr_rec_reader *reader, uint64_t offset);
/* The NUL-terminated text at `offset` of the record, or "" if it does not end inside it. */
const char *mpr_rec_text(const struct mpr_rec_head *record, uint32_t offset);
const struct mpr_rec_row *mpr_rec_rows(const struct mpr_rec_function *function);
/* NULL: there are none. */
const struct mpr_rec_stretch *mpr_rec_stretches(const struct mpr_rec_function *function);
/* Ticks to nanoseconds: the pair now against the pair at arming. */
double mpr_rec_ns_per_tick(const struct mpr_rec_reader *reader);

/* "faults", "user-faults", "rusage", "every-line", "off"; "auto". NULL if out of range. */
const char *mpr_rss_tier_name(enum mpr_rss_tier tier);
/* 0 or MPR_ERR_INVALID. */
int mpr_rss_tier_parse(const char *name, enum mpr_rss_tier *ret_tier);

#endif
