/* SPDX-License-Identifier: MIT */
/* Where trace, rss and interposition meet: the probe page of the process and the block of each
 * thread. They know each other only through this.
 *
 * The probe page is private and MADV_WIPEONFORK: in any child, also of a raw fork system call, the
 * kernel hands out zeros, so `armed` is 0 there and nothing of the parent's recording is touched.
 * Everything that runs in the target tests `armed` before it follows another pointer of the page.
 * The page and its fields are written under the GIL, except where a field says otherwise. */
#ifndef MPRUN_PROBE_H
#define MPRUN_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mprun/hot.h"
#include "mprun/recording_writer.h"

struct mpr_thread;
struct mpr_activation;

/* What the host module uses of the preloaded library. */
#define MPR_EXPORT __attribute__((visibility("default")))

/* What a probe reads at an event. RSS: bytes without own pages; ticks: see mpr_ticks. */
struct mpr_sample {
    int64_t rss;
    int64_t ticks;
};

typedef struct mpr_sample mpr_sample_fn(struct mpr_thread *thread);

/* The C library gives a thread's memory back after the thread's last Python call, without the GIL
 * and without a call that could be seen. While one is on its way out, RSS is read at every event.
 */
#define MPR_ENDING 8

/* The RSS gate's, see mprun/rss.h. */
struct mpr_probe_gate {
    /* Bumped without a lock by any thread: a lost increment still is a change. */
    uint64_t epoch;
    mpr_sample_fn *sample; /* of the tier in use, with what it does at a thread's start and end; */
    void (*thread_start)(struct mpr_thread *thread); /* NULL without a tier */
    void (*thread_stop)(struct mpr_thread *thread);
    int64_t rss;               /* last value, own pages not in */
    int64_t high;              /* highest one since somebody in the program began it anew */
    struct mpr_thread *reader; /* the thread that read it */
    uint64_t read_ticks;       /* when */
    uint64_t read_epoch;
    void *read_break; /* the program break then */
    uint32_t ending;  /* threads on their way out, see above: nothing counts as unchanged then */
    uint32_t ending_tid[MPR_ENDING];
    uint64_t unsettled_until;   /* a thread was started: its stack and arena appear unseen */
    uint64_t unsettled_ticks;   /* how long that may take */
    uint64_t bound_ticks;       /* a value older than this is read again */
    uint64_t fault_ticks;       /* a shorter interval cannot hold a page fault */
    uint64_t statm_identity[2]; /* st_dev, st_ino of the descriptor */
    int statm_fd;
    uint32_t statm_suspect; /* an interposed close may have hit it */
    uint32_t reads_matter;  /* kernel-mode faults are not seen: a read bumps the epoch */
};

/* Of trace. */
struct mpr_probe_trace {
    uint64_t seq;                  /* of activations */
    uint64_t least_interval;       /* ticks: of what lasts less it is only counted that it was */
    uint32_t selection_generation; /* in the extra slot of code that was judged, and not selected */
};

struct mpr_probe {
    uint32_t armed;
    uint32_t ticks_are_ns;
    struct mpr_rec_header *header; /* shared with the supervisor */
    struct mpr_rec_writer *writer;
    struct mpr_rec_heap *heap; /* NULL while the heap is not tracked, and in a child */
    uint32_t page_shift;
    uint32_t program_runs; /* its first line is about to run, or has */
    uint32_t session;      /* its number, never the same again in a process; 0: none is open */
    pid_t pid;
    pid_t last_child; /* a vfork child that has called exec */
    struct mpr_probe_gate gate;
    struct mpr_probe_trace trace;
};

/* Reasons not to count an allocation, in mpr_thread.heap.guard. */
#define MPR_GUARD_NEW 1u   /* the block is not set up: mpr_thread_counts does it */
#define MPR_GUARD_INNER 2u /* inside an allocator that is counted as a whole */
#define MPR_GUARD_OWN 4u   /* mprun's own code; nests by addition */

/* The open activations of a C stack: a thread's, or, where such switch, a greenlet's. Own memory,
 * since it may outlive its thread; under the GIL. */
struct mpr_stack {
    struct mpr_activation *innermost;
    struct mpr_leaving *leaving; /* frames that are being cleared after their end; see trace */
    struct mpr_stack *next;      /* of those that wait: to be used again, or for their greenlet */
    const void *greenlet;        /* whose it is while that waits */
    bool traced;                 /* 3.11: its innermost Python frame had our trace function */
    bool changed; /* another thread has taken something out: its own thread's context is old */
};

/* What a thread has that has run no selected code yet: always empty. */
extern MPR_EXPORT struct mpr_stack mpr_no_stack;

/* An empty one; mpr_no_stack if there is no memory. GIL held. */
MPR_EXPORT struct mpr_stack *mpr_stack_new(void);

/* The stack is not needed any more. Any thread, without the GIL too: what stands in it is told to
 * the function of mpr_stack_set_left before it is used again. */
MPR_EXPORT void mpr_stack_release(struct mpr_stack *stack);

/* `left` empties a stack whose thread or greenlet has ended; it is called with the GIL. NULL:
 * nobody does any more. GIL held. */
MPR_EXPORT void mpr_stack_set_left(void (*left)(struct mpr_stack *stack));

/* Never NULL: a zeroed dummy before mpr_probe_attach. */
extern MPR_EXPORT struct mpr_probe *mpr_probe;

/* Of the RSS gate. */
struct mpr_thread_gate {
    const volatile uint64_t *fault_head; /* data_head of the fault ring, NULL without one */
    uint64_t fault_seen;
    uint64_t checked_ticks; /* when faults were last looked at */
    uint32_t faulty_streak; /* answers in a row that there was a fault */
    void *ring;             /* mapping of the fault ring */
    int64_t ring_bytes;     /* what it takes of RSS */
};

/* Of the heap, see mprun/heap.h. */
struct mpr_thread_heap {
    uint32_t guard;
    union {
        struct {
            uint32_t context; /* number of the innermost open row's node, 0 none */
            uint32_t scope;   /* of that of the sections that run, as a path of their own */
        };
        uint64_t around; /* both */
    };
    struct mpr_rec_heap_counts *counts; /* never NULL; in the recording once the thread has a record
                                           there, and nobody's before mpr_thread_counts: what is
                                           freed then is in no row */
    void *python;                       /* its thread state when it last held the GIL */
    const void *last_block;             /* the allocation that was counted last, under the GIL */
    const void *last_at;                /* and the instruction of Python's that did that */
    const void *last_code;              /* the last look-up without the GIL: place in code, */
    uint64_t last_key;                  /* of what is around, and domain, */
    uint64_t last_deaths;               /* code objects that had died then, */
    struct mpr_rec_node *last_node;     /* and what was found */
    struct mpr_rec_heap_counts own_counts;
};

/* Of trace. */
struct mpr_thread_trace {
    char *stack_low;  /* below this, less than half of the C stack remains */
    void *next_trace; /* another's trace function that ours calls after its work */
    void *tracers;    /* of greenlet's switches */
};

/* A record that is used again when its thread has ended. Own memory, which stays with it. */
struct mpr_thread_record {
    struct mpr_rec_thread *record;
    struct mpr_thread_record *next; /* of those that have ended */
};

struct mpr_thread {
    struct mpr_rec_thread *record;      /* NULL until the thread runs selected code */
    struct mpr_thread_record *reusable; /* the same; NULL where it has none of its own */
    struct mpr_stack *stack;            /* what of selected code it runs; never NULL */
    uint32_t tid;
    uint32_t ready;
    struct mpr_hold *hold;     /* NULL until the thread first needs one */
    struct mpr_thread *next;   /* of those that mpr_thread_each visits, */
    struct mpr_thread **place; /* and what points to this one; NULL: it is none of them */
    struct mpr_thread_gate gate;
    struct mpr_thread_heap heap;
    struct mpr_thread_trace trace;
};

_Static_assert(sizeof(struct mpr_thread) <= 512, "static TLS is scarce for who is loaded late");

extern MPR_EXPORT __thread struct mpr_thread mpr_thread_block
    __attribute__((tls_model("initial-exec")));

/* `layout`: the caller's MPR_PROBE_LAYOUT. */
MPR_EXPORT int mpr_probe_attach_as(int fd, uint64_t layout, struct mpr_error *err);

/* By what the preloaded library and the host tell that they fit: they may come from builds apart.
 * Raise MPR_REC_VERSION for a change that it does not show (struct mpr_heap_runtime, the words of
 * blocks.h). */
#define MPR_PROBE_LAYOUT                                                                           \
    ((uint64_t)MPR_REC_VERSION << 48 | (uint64_t)sizeof(struct mpr_rec_header) << 32 |             \
        (uint64_t)sizeof(struct mpr_probe) << 16 | (uint64_t)sizeof(struct mpr_thread))

/* A session's beginning: attach to the recording behind fd and arm nothing yet. The GIL is held, or
 * there is no Python yet and one thread. Not while another session is open. Whatever else the
 * target does for mprun starts after this, with what it needs in its own configuration: nobody but
 * the caller reads header.settings. */
static inline int mpr_probe_attach(int fd, struct mpr_error *err)
{
    return mpr_probe_attach_as(fd, MPR_PROBE_LAYOUT, err);
}

/* The session has parts in Python, from its attaching until they are taken out. A forked child has
 * them, too: nothing is attached there before who put them in has taken them out, for they look
 * into memory that would be given back, and another container's would count and trace beside them.
 */
MPR_EXPORT void mpr_probe_set_parts(bool there);

/* Its end, after everything else has stopped: the page is zeros again, the recording is unmapped,
 * pages of own memory are given back, and the blocks of all threads are as if they had never
 * measured. Other threads may run on: hooks that are at work are waited for (see mpr_hold_begin),
 * those that come later find nothing armed. What stays is address space and a few pages, for the
 * next session to use again. GIL held. */
MPR_EXPORT void mpr_probe_detach(void);

/* A child's first call, in a handler, too: its thread may be in the middle of a hook of the heap,
 * and goes on with that when the handler returns. It finds the page wiped, and does not write into
 * the parent's recording any more. Who forks by a raw system call does without: there, what that
 * hook has not done yet is counted twice. */
MPR_EXPORT void mpr_probe_forked(void);

/* --- using a session without the GIL ---
 *
 * A session ends under the GIL. Who does not hold that uses what a session owns (the recording, and
 * what lies in own memory) between these two only, and asks after the first whether it is there
 * still (mpr_probe->heap, mpr_probe->header). They nest, in signal handlers too. Between them
 * nobody waits for the GIL or calls anybody else's code. */

struct mpr_hold {
    uint32_t taken; /* written by its thread only */
    uint32_t tid;
    uint32_t waited; /* by who waits: it was not taken at some time in that round */
    struct mpr_hold *next;
};

/* The thread's own; false if there is no memory for it. */
MPR_EXPORT bool mpr_hold_make(struct mpr_thread *thread);

/* False: do nothing, and end nothing. */
static inline bool mpr_hold_begin(struct mpr_thread *thread)
{
    if (__builtin_expect(!thread->hold, 0) && !mpr_hold_make(thread))
        return false;
    uint32_t taken = thread->hold->taken;
    __atomic_store_n(&thread->hold->taken, taken + 1, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* mpr_holds_wait has the processors' part */
    return true;
}

static inline void mpr_hold_end(struct mpr_thread *thread)
{
    uint32_t taken = thread->hold->taken;
    __atomic_store_n(&thread->hold->taken, taken - 1, __ATOMIC_RELEASE);
}

/* Wait until everybody has ended who began before a pointer of the page was taken away. False: a
 * thread did not within a second (a signal's handler has jumped out of a hook); nothing that it may
 * use is unmapped or used again then. */
MPR_EXPORT bool mpr_holds_wait(void);

/* Call `visit` for each thread that has run Python while a session was open, and lives: in a child
 * the one that forked at most. GIL held. */
MPR_EXPORT void mpr_thread_each(void (*visit)(struct mpr_thread *thread, void *data), void *data);

/* First Python call seen in this thread: finds the C stack's bound. Until then stack_low is the
 * highest address, so that a check against it is also the check for this. GIL held. */
MPR_EXPORT void mpr_thread_enter(struct mpr_thread *thread);

/* First selected code in this thread since the session began: its record and its fault ring. After
 * mpr_thread_enter, in whichever session. GIL held. */
MPR_EXPORT void mpr_thread_start(struct mpr_thread *thread);

/* Make the thread's counts ready: before an allocation is counted or a row opens. */
MPR_EXPORT void mpr_thread_counts(struct mpr_thread *thread);

/* Own memory: zeroed, resident, counted; the session's, whose end takes all of it back at once:
 * then its pages read as zeros, and the next session is given them again. NULL when the kernel
 * refuses. Any thread; errno stays. */
MPR_EXPORT void *mpr_probe_alloc(size_t size);

/* The same for what is read without a hold: a thread may stand between two pointers of it while one
 * session closes and another opens. So memory that was given for one `use` (1 …) is given for
 * nothing else in any session, and always in pieces of the same size: who is late finds zeros, or
 * what is of the same type. */
#define MPR_MEMORY_USES 5
MPR_EXPORT void *mpr_probe_alloc_for(unsigned use, size_t size);

/* The process's, for good; counted in this session and in all that follow. GIL held. */
MPR_EXPORT void *mpr_probe_keep(size_t size);

/* Count a change in mprun's resident pages. */
MPR_EXPORT void mpr_probe_count_own(int64_t bytes);

/* Something to tell in the report. Nothing without a session. Any thread; without the GIL within a
 * hold. */
static inline void mpr_note(uint32_t note)
{
    struct mpr_rec_header *header = __atomic_load_n(&mpr_probe->header, __ATOMIC_RELAXED);
    if (header)
        __atomic_fetch_or(&header->notes, note, __ATOMIC_RELAXED);
}

/* It is not so after all. */
static inline void mpr_unnote(uint32_t note)
{
    struct mpr_rec_header *header = __atomic_load_n(&mpr_probe->header, __ATOMIC_RELAXED);
    if (header)
        __atomic_fetch_and(&header->notes, ~note, __ATOMIC_RELAXED);
}

/* mprun's own code runs Python's from here on: what it allocates is not the program's. */
static inline void mpr_guard_begin(struct mpr_thread *thread)
{
    thread->heap.guard += MPR_GUARD_OWN;
}

static inline void mpr_guard_end(struct mpr_thread *thread)
{
    thread->heap.guard -= MPR_GUARD_OWN;
}

static inline void mpr_probe_bump_epoch(void)
{
    MPR_HELD_ADD(mpr_probe->gate.epoch, 1); /* or anybody, see there */
}

#endif
