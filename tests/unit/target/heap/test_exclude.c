/* SPDX-License-Identifier: MIT */
/* What CPython takes for events is taken out of the row that it is in, and of no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attached.h"
#include "mprun/count.h"
#include "mprun/heap.h"
#include "mprun/nodes.h"

#define SIZE 100

static _Alignas(16) char block[SIZE];
static uint32_t row, other_row;
static struct mpr_rec_node *in_row, *at_startup;

static struct mpr_rec_heap_counts get_block(struct mpr_rec_node *node)
{
    struct mpr_thread *thread = &mpr_thread_block;
    mpr_heap_add(thread, mpr_probe->heap, node, block, SIZE, MPR_HEAP_PYTHON);
    return *thread->heap.counts;
}

/* The bytes that the counts have lost; what stays is freed. */
static uint64_t exclude(struct mpr_rec_heap_counts before)
{
    struct mpr_thread *thread = &mpr_thread_block;
    uint64_t bytes = mpr_heap_exclude(thread, block);
    assert_int_equal(before.allocated - thread->heap.counts->allocated, bytes);
    assert_int_equal(before.allocations - thread->heap.counts->allocations, bytes ? 1 : 0);
    if (!bytes)
        mpr_heap_gives(thread, block);
    return bytes;
}

static void test_exclude_from_the_open_row(void **state)
{
    (void)state;
    mpr_thread_block.heap.context = row;
    assert_int_equal(exclude(get_block(in_row)), SIZE);
    assert_int_equal(exclude(*mpr_thread_block.heap.counts), 0); /* it is no block any more */
}

static void test_exclude_not_from_another_row(void **state)
{
    (void)state;
    mpr_thread_block.heap.context = row;
    struct mpr_rec_heap_counts before = get_block(in_row);
    mpr_thread_block.heap.context = other_row;
    assert_int_equal(exclude(before), 0);
}

/* Before the program runs a row's blocks are the start-up's: its own they are all the same. */
static void test_exclude_before_the_program_runs(void **state)
{
    (void)state;
    mpr_thread_block.heap.context = row;
    mpr_probe->program_runs = 0;
    assert_int_equal(exclude(get_block(at_startup)), SIZE);
    mpr_probe->program_runs = 1;
}

static void test_exclude_not_what_start_up_left(void **state)
{
    (void)state;
    mpr_probe->program_runs = 0;
    struct mpr_rec_heap_counts before = get_block(at_startup);
    mpr_probe->program_runs = 1;
    mpr_thread_block.heap.context = 0; /* as where a row found no room in the tree */
    assert_int_equal(exclude(before), 0);
}

/* A signal's handler that comes while it is counted finds the thread guarded. */
static uint32_t guard_seen;

static bool is_held(struct mpr_thread *thread)
{
    guard_seen = thread->heap.guard;
    return true;
}

static struct mpr_rec_node *node_here(struct mpr_thread *thread, uint32_t domain, bool gil)
{
    (void)thread, (void)domain, (void)gil;
    return in_row;
}

static void contexts_changed(void)
{
}

static const struct mpr_heap_runtime runtime = {
    .gil_held = is_held, .node_here = node_here, .contexts_changed = contexts_changed};

static void test_include_is_guarded(void **state)
{
    (void)state;
    struct mpr_thread *thread = &mpr_thread_block;
    thread->heap.context = row;
    struct mpr_rec_heap_counts before = *thread->heap.counts;
    guard_seen = 0;
    mpr_heap_include(thread, block, SIZE);
    assert_int_equal(guard_seen, MPR_GUARD_INNER);
    assert_int_equal(thread->heap.guard, 0);
    assert_int_equal(thread->heap.counts->allocated - before.allocated, SIZE);
    mpr_heap_include(thread, block, SIZE); /* it is known */
    assert_int_equal(thread->heap.counts->allocated - before.allocated, SIZE);
    assert_int_equal(exclude(*thread->heap.counts), SIZE);
}

static int track(void **state)
{
    (void)state;
    struct mpr_error err;
    const struct mpr_heap_config config = {.runtime = &runtime};
    if (attach_recording() < 0 || mpr_heap_start(&config, &err) < 0)
        return -1;
    mpr_probe->program_runs = 1;
    uint32_t place = mpr_node_place("exclude.py", "f", 1, 9);
    row = mpr_node_row(0, place, 2);
    other_row = mpr_node_row(0, place, 3);
    in_row = mpr_node_leaf(row, place, 2, MPR_HEAP_PYTHON);
    at_startup = mpr_node_special(MPR_PLACE_STARTUP, MPR_HEAP_PYTHON);
    return mpr_heap_counts(&mpr_thread_block) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclude_from_the_open_row),
        cmocka_unit_test(test_exclude_not_from_another_row),
        cmocka_unit_test(test_exclude_before_the_program_runs),
        cmocka_unit_test(test_exclude_not_what_start_up_left),
        cmocka_unit_test(test_include_is_guarded),
    };
    return cmocka_run_group_tests(tests, track, NULL);
}
