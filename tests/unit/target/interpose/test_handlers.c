/* SPDX-License-Identifier: MIT */
/* Signal handlers that allocate, free and fork while their thread is in a hook of ours, at each
 * instruction of it: the processor traps after every one. The C library's own code is left alone:
 * there, a handler that allocates may hang without mprun, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tracked.h"

#define KNOWN 800
#define SIZE 24u
#define TRAP 0x100 /* the flag */
#define PATIENCE 60
#define FEW 7 /* more blocks would take the C library time */
#define EACH_FORK 499

extern const char __executable_start[], etext[];

/* --- a Python that is none --- */

static bool has_gil;
static uint32_t place, line; /* a new one at each allocation */

static bool gil_held(struct mpr_thread *thread)
{
    (void)thread;
    return has_gil;
}

static struct mpr_rec_node *node_here(struct mpr_thread *thread, uint32_t domain, bool gil)
{
    (void)gil;
    return mpr_node_leaf(thread->heap.context, place, line++, domain);
}

static const struct mpr_heap_runtime runtime = {.gil_held = gil_held, .node_here = node_here};

/* --- the handler --- */

enum way { ALLOCATES, FORKS_AND_ENDS, FORKS_AND_GOES_ON };

static struct {
    enum way way;
    pid_t pid;
    uint64_t traps;
    void *known[KNOWN]; /* counted; the handler frees one of them now and then */
    size_t left;
    uint32_t each; /* instructions */
    bool failed;
} seen;

static void allocate(void)
{
    void *block = malloc(SIZE), *cleared = calloc(2, SIZE);
    seen.failed = seen.failed || !block || !cleared;
    free(block);
    if (seen.left > 0 && seen.traps % seen.each == 0)
        free(seen.known[--seen.left]);
    free(cleared);
}

/* The child's first allocation, and what it was in the middle of. */
static void fork_here(ucontext_t *context)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        free(malloc(SIZE));
        if (seen.way == FORKS_AND_ENDS)
            _exit(0);
        context->uc_mcontext.gregs[REG_EFL] &= ~TRAP;
        return;
    }
    seen.failed = seen.failed || waitpid(child, &status, 0) != child || status != 0;
}

static void trapped(int number, siginfo_t *info, void *context)
{
    uintptr_t at = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    (void)number, (void)info;
    if (at < (uintptr_t)__executable_start || at >= (uintptr_t)etext)
        return;
    seen.traps++;
    if (seen.way == ALLOCATES)
        allocate();
    else if (seen.traps % EACH_FORK == 0)
        fork_here(context);
}

/* The red zone may be in use. */
#define SWITCH_TRAPS(instruction)                                                                  \
    __asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t" instruction                            \
                     "\n\tpopfq\n\tlea 128(%%rsp), %%rsp" ::                                       \
                         : "memory", "cc")

/* Something that the program does. */
typedef void work_fn(void);

static void do_at_each_instruction(work_fn *work)
{
    const struct sigaction action = {.sa_sigaction = trapped, .sa_flags = SA_SIGINFO};
    struct sigaction before;
    sigaction(SIGTRAP, &action, &before);
    SWITCH_TRAPS("orq $0x100, (%%rsp)");
    work();
    SWITCH_TRAPS("andq $-0x101, (%%rsp)");
    if (getpid() != seen.pid)
        _exit(0); /* a child that has gone on */
    sigaction(SIGTRAP, &before, NULL);
}

/* --- what is done --- */

static char *kept[8];

static void by_malloc(void)
{
    kept[0] = malloc(100);
    kept[1] = calloc(3, 1500);
    kept[2] = aligned_alloc(64, 640);
    free(kept[1]);
    kept[1] = NULL;
}

static void by_realloc(void)
{
    kept[0] = realloc(kept[0], 200000);
    kept[3] = realloc(NULL, 10);
}

/* On a line that is known: everything in the hooks but what makes something. */
static void again(void)
{
    uint32_t now = line;
    line = 1;
    kept[6] = malloc(50);
    line = 1;
    kept[6] = realloc(kept[6], 60);
    free(kept[6]);
    kept[6] = NULL;
    line = now;
}

/* Where the table has no leaf yet. */
static void far_away(void)
{
    kept[4] = malloc(1 << 20);
    kept[5] = malloc(300000);
}

static void by_mmap(void)
{
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(map, 4096);
    munmap(map + 4096, 4096);
}

/* What trace does beside them, without a guard. */
static void by_rows(void)
{
    struct mpr_rec_slots *record;
    uint32_t context = mpr_node_row(0, place, 100000 + line++);
    (void)mpr_node_row(context, mpr_node_place("other.py", "f", line++, 9), 1);
    (void)mpr_probe_alloc(100000);
    record = mpr_rec_append(mpr_probe->writer, MPR_KIND_SLOTS, 200000);
    if (record)
        mpr_rec_publish(mpr_probe->writer);
}

static void release_all(void)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        free(kept[i]);
        kept[i] = NULL;
    }
}

static work_fn *const works[] = {
    by_malloc, again, by_realloc, far_away, by_mmap, release_all, by_rows};

/* --- what must have come of it --- */

static void assert_sums(int64_t live)
{
    struct mpr_rec_heap *heap = mpr_probe->heap;
    int64_t nodes = 0, sites = 0;
    for (uint32_t number = 1; number <= mpr_nodes_count(); number++) {
        const struct mpr_rec_node *node = mpr_node_at(number);
        nodes +=
            (int64_t)(node->allocated + node->allocated_nogil - node->freed - node->freed_nogil);
        if (node->site != MPR_NODE_ROW && node->parent == 0)
            sites += mpr_node_site(node)->live + mpr_node_site(node)->live_nogil;
    }
    assert_int_equal(mpr_heap_total(heap), live);
    assert_int_equal(nodes, live);
    assert_int_equal(sites, live);
    assert_int_equal(mpr_probe->header->notes & MPR_NOTE_HEAP_LOST, 0);
}

static void make_known(void)
{
    for (; seen.left < KNOWN; seen.left++)
        seen.known[seen.left] = malloc(SIZE);
}

/* All that is counted is the known blocks, and what was there before them. */
static void check_works(enum way way)
{
    seen.way = way;
    seen.failed = false;
    seen.traps = 0;
    int64_t before = mpr_heap_total(mpr_probe->heap) - (int64_t)seen.left * SIZE;
    const struct mpr_rec_heap_counts *own = mpr_thread_block.heap.counts;
    int64_t others = before + (int64_t)seen.left * SIZE - (int64_t)(own->allocated - own->freed);
    /* Who goes on with what trace was at has no session. */
    size_t count = sizeof works / sizeof *works - (way == FORKS_AND_GOES_ON);
    for (size_t i = 0; i < count; i++) {
        make_known();
        seen.each = works[i] == again ? 1 : FEW;
        do_at_each_instruction(works[i]);
        assert_false(seen.failed);
    }
    assert_in_range(seen.traps, 1000, 10000000);
    assert_int_equal(mpr_thread_block.heap.guard, 0);
    assert_sums(before + (int64_t)seen.left * SIZE);
    assert_int_equal(
        mpr_heap_total(mpr_probe->heap), others + (int64_t)(own->allocated - own->freed));
}

static void test_handlers_allocate(void **state)
{
    (void)state;
    has_gil = true;
    check_works(ALLOCATES);
    has_gil = false;
    check_works(ALLOCATES);
}

static void test_handlers_fork(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        has_gil = i == 0;
        check_works(FORKS_AND_ENDS);
        check_works(FORKS_AND_GOES_ON);
    }
    assert_int_equal(mpr_thread_block.hold->taken, 0);
    assert_true(mpr_holds_wait());
}

/* A thread that has no hold yet, and lacks the GIL. */
static void *begin_in_a_thread(void *unused)
{
    do_at_each_instruction(by_malloc);
    release_all();
    return unused;
}

static void test_handlers_find_a_new_thread(void **state)
{
    (void)state;
    pthread_t thread;
    has_gil = false;
    for (enum way way = ALLOCATES; way <= FORKS_AND_GOES_ON; way++) {
        int64_t before = mpr_heap_total(mpr_probe->heap) - (int64_t)seen.left * SIZE;
        seen.way = way;
        assert_int_equal(pthread_create(&thread, NULL, begin_in_a_thread, NULL), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_false(seen.failed);
        assert_int_equal(mpr_heap_total(mpr_probe->heap), before + (int64_t)seen.left * SIZE);
    }
}

static void *end_at_once(void *unused)
{
    return unused;
}

/* Its memory is kept for the next one. */
static int have_had_a_thread(void)
{
    pthread_t thread;
    int status = pthread_create(&thread, NULL, end_at_once, NULL);
    return status ? status : pthread_join(thread, NULL);
}

static int set_up(void **state)
{
    const struct mpr_heap_config config = {.runtime = &runtime};
    (void)state;
    free(malloc(1));       /* the next definitions are looked up */
    mallopt(M_PERTURB, 0); /* each byte would be an instruction */
    seen.pid = getpid();
    seen.each = FEW;
    if (have_had_a_thread() != 0 || attach_recording() < 0 || mpr_heap_start(&config, NULL) < 0)
        return -1;
    place = mpr_node_place("program.py", "f", 1, 1);
    line = 1;
    mpr_probe->program_runs = 1;
    alarm(PATIENCE); /* who hangs ends */
    return mpr_heap_counts(&mpr_thread_block) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handlers_allocate),
        cmocka_unit_test(test_handlers_find_a_new_thread),
        cmocka_unit_test(test_handlers_fork),
    };
    return cmocka_run_group_tests_name("handlers", tests, set_up, NULL);
}
