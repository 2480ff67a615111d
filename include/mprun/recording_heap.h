/* SPDX-License-Identifier: MIT */
/* The heap in the recording: what threads and the process have done, and the tree of places that
 * hold blocks. Part of recording.h, whose rules hold here. Fields called nogil are written by
 * threads without the GIL, with locked instructions. */
#ifndef MPRUN_RECORDING_HEAP_H
#define MPRUN_RECORDING_HEAP_H

#include <stdint.h>

#include "mprun/recording_record.h"

/* Who asked for a block. MMAP is reported as native where only two are told apart. */
enum mpr_heap_domain { MPR_HEAP_PYTHON, MPR_HEAP_NATIVE, MPR_HEAP_MMAP, MPR_HEAP_DOMAINS };

/* What a thread has allocated and freed since it began. Rows charge the difference between two
 * moments of it. Written by its own thread only; the supervisor may read it half-way through an
 * allocation. */
struct mpr_rec_heap_counts {
    uint64_t allocated;   /* bytes */
    uint64_t freed;       /* bytes */
    uint64_t allocations; /* blocks */
    int64_t high;         /* highest allocated - freed since the youngest open row was opened */
    /* To take the last raise of `high` back, when its block turns out to be excluded: `high` before
     * it, and `allocations` when it happened. */
    int64_t high_before;
    uint64_t high_when;
};

/* The moments at which each node's live bytes were copied for "live at the end", in their order; a
 * later one replaces an earlier. MAIN counts only if the interpreter was torn down without reaching
 * EXIT: threads that are no daemons may go on for long after the main one. */
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
    /* As high_before and high_when: `peak` before it was last raised under the GIL, and
     * `allocations` of the thread that raised it. */
    int64_t peak_before;
    uint64_t peak_when;
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
    /* The highest since somebody in the program asked to begin anew; never above `peak`. */
    int64_t high;
    int64_t high_before; /* as with a level's peak */
    uint64_t high_when;
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

/* Places that are no code. */
enum mpr_special_place {
    MPR_PLACE_STARTUP = INT32_MAX - 3, /* the interpreter, before the program's first line */
    MPR_PLACE_INTERPRETER,             /* the interpreter, no Python code running */
    MPR_PLACE_NATIVE_THREAD,           /* a thread that Python does not know */
    MPR_PLACE_FOLDED,                  /* a path that found no room: its row's own */
};
#define MPR_SPECIAL_PLACES 4
/* Of a row's node: no row but a section (see recording_marks.h), the number of whose label is the
 * line. It stands in a path behind all rows. */
#define MPR_PLACE_SECTION (MPR_PLACE_STARTUP - 1)

/* A source line that allocated, in one domain. Numbered from 0 in the order of the records. */
struct mpr_rec_site {
    uint32_t place; /* number, or enum mpr_special_place */
    uint32_t line;
    uint32_t domain; /* enum mpr_heap_domain */
    uint32_t level;  /* its domain's: offset in struct mpr_rec_heap */
    int64_t live;    /* bytes; of threads that hold the GIL */
    int64_t live_nogil;
    int64_t peak; /* highest sum of both */
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
    uint32_t site;   /* number, or MPR_NODE_ROW */
    int64_t to_site; /* how far from here it lies in the target; 0: a row's */
    uint32_t parent; /* number of the row's node around it, 0 none */
    uint32_t number; /* its own */
    /* written by threads without the GIL, with locked instructions */
    uint64_t allocated_nogil;
    uint64_t freed_nogil;
    uint64_t allocations_nogil;
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

#endif
