/* SPDX-License-Identifier: MIT */
/* Sums of the whole heap, at the peak and at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builder.h"
#include "made_model.h"

/* The highest total has not fallen again: what is live now is the peak. */
static void test_heap_totals_peak_may_stand_at_the_end(void **state)
{
    (void)state;
    made_heap();
    header()->heap.on_free = MPR_ON_FREE_RISING;
    struct mpr_profile *profile = build();
    assert_int_equal(row_of(profile, "load", 5)->live_at_peak, MIB(1));
    mpr_profile_free(profile);
}

static void test_heap_totals_a_snapshot_is_the_end(void **state)
{
    (void)state;
    struct mpr_rec_node *node = made_heap();
    header()->heap.snapshot = MPR_SNAPSHOT_COLLECTED;
    node[4].end = 4711;
    node[4].end_blocks = 3;
    struct mpr_profile *profile = build();
    assert_int_equal(site_of(profile, "load")->live_at_end, 4711);
    assert_int_equal(site_of(profile, "load")->blocks_at_end, 3);
    assert_true(profile->process[0].heap.after_collection);
    mpr_profile_free(profile);
}

/* A snapshot counts once the interpreter is torn down, or where the program has exited. */
static void test_heap_totals_which_snapshot_holds(void **state)
{
    static const struct {
        uint32_t snapshot, state;
        bool holds;
    } rows[] = {
        {MPR_SNAPSHOT_NONE, MPR_REC_ENDED, false},
        {MPR_SNAPSHOT_MAIN, MPR_REC_RUNNING, false},
        {MPR_SNAPSHOT_MAIN, MPR_REC_FINALIZING, true},
        {MPR_SNAPSHOT_MAIN, MPR_REC_ENDED, true},
        {MPR_SNAPSHOT_EXIT, MPR_REC_RUNNING, true},
        {MPR_SNAPSHOT_COLLECTED, MPR_REC_RUNNING, true},
    };
    const struct mpr_builder b = {.header = header()};
    const struct mpr_rec_node node = {.allocated = 100,
        .allocated_nogil = 50,
        .freed = 30,
        .freed_nogil = 10,
        .allocations = 9,
        .allocations_nogil = 4,
        .frees = 2,
        .frees_nogil = 1,
        .end = 7,
        .end_blocks = 3};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        header()->heap.snapshot = rows[i].snapshot;
        header()->state = rows[i].state;
        assert_int_equal(mpr_node_at_end(&b, &node), rows[i].holds ? 7 : 110);
        assert_int_equal(mpr_node_blocks_at_end(&b, &node), rows[i].holds ? 3 : 10);
    }
}

/* A node that was not touched since an earlier peak holds now what it held then. */
static void test_heap_totals_at_the_peak(void **state)
{
    const struct mpr_builder b = {.header = header()};
    struct mpr_rec_node node = {.allocated = 100, .freed = 30, .at_peak = 90, .epoch = 5};
    (void)state;
    header()->heap.epoch = 5;
    assert_int_equal(mpr_node_at_peak(&b, &node), 90);
    node.epoch = 4;
    assert_int_equal(mpr_node_at_peak(&b, &node), 70);
    node.epoch = 5;
    header()->heap.on_free = MPR_ON_FREE_RISING;
    assert_int_equal(mpr_node_at_peak(&b, &node), 70);
}

/* Without memory for each site the sums are the same. */
static void test_heap_totals_from_the_nodes_alone(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *whole = build();
    run.detail = MPR_DETAIL_NO_FUNCTIONS;
    struct mpr_profile *least = build();
    assert_int_equal(least->site_count, 0);
    const struct mpr_profile_heap *a = &whole->process[0].heap, *b = &least->process[0].heap;
    assert_memory_equal(&a->all, &b->all, sizeof a->all);
    assert_memory_equal(&a->python, &b->python, sizeof a->python);
    assert_memory_equal(&a->native, &b->native, sizeof a->native);
    assert_int_equal(a->before, b->before);
    mpr_profile_free(whole);
    mpr_profile_free(least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_heap_totals_peak_may_stand_at_the_end),
        MODEL_CASE(test_heap_totals_a_snapshot_is_the_end),
        MODEL_CASE(test_heap_totals_which_snapshot_holds),
        MODEL_CASE(test_heap_totals_at_the_peak),
        MODEL_CASE(test_heap_totals_from_the_nodes_alone),
    };
    return cmocka_run_group_tests_name("heap_totals", tests, NULL, NULL);
}
