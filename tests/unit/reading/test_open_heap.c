/* SPDX-License-Identifier: MIT */
/* The heap of rows that were open at the end. */
#include "made_model.h"
#include "open.h"

static struct mpr_rec_thread *add_thread(uint32_t tid, uint64_t allocated, uint64_t freed)
{
    struct mpr_rec_thread *thread = add_record(MPR_KIND_THREAD, sizeof *thread);
    thread->tid = tid;
    thread->heap.allocated = allocated;
    thread->heap.freed = freed;
    thread->heap.allocations = allocated / 10;
    return thread;
}

/* A row of thread 77 opened when so much was allocated. */
static struct mpr_rec_activation opened_at(
    uint64_t seq, const struct mpr_rec_function *fn, uint32_t line, int64_t allocated)
{
    struct mpr_rec_activation activation = opened(seq, fn, line, MIB(10), 0);
    activation.interval.base[MPR_COUNTER_ALLOCATED] = allocated;
    activation.interval.base[MPR_COUNTER_ALLOCATIONS] = allocated / 10;
    return activation;
}

/* To the byte, as its thread has counted. */
static void test_open_heap_charges_what_its_thread_counted(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("a.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    header()->heap.tracked = 1;
    header()->rss.end = 0;
    add_thread(77, 5000, 700);
    add_thread(78, 90000, 0);
    add_slots(1)->slot[0] = opened_at(1, f, 5, 2000);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->heap_allocated, 3000);
    assert_int_equal(row(profile, 0, 5)->heap_freed, 700);
    assert_int_equal(row(profile, 0, 5)->heap_delta, 2300);
    assert_int_equal(row(profile, 0, 5)->allocations, 300);
    mpr_profile_free(profile);
}

/* Numbers of threads are used again: the row is the newest one's. */
static void test_open_heap_of_a_number_that_was_used_twice(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("a.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    header()->heap.tracked = 1;
    header()->rss.end = 0;
    add_thread(77, 1000000, 0);
    add_thread(77, 5000, 0);
    add_slots(1)->slot[0] = opened_at(1, f, 5, 2000);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->heap_allocated, 3000);
    mpr_profile_free(profile);
}

/* A thread that is not recorded: nothing is charged. */
static void test_open_heap_of_an_unknown_thread(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("a.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    header()->heap.tracked = 1;
    header()->rss.end = 0;
    add_thread(76, 5000, 0);
    add_thread(78, 5000, 0);
    add_slots(1)->slot[0] = opened_at(1, f, 5, 2000);
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->heap_allocated, 0);
    assert_true(row(profile, 0, 5)->ended_here);
    mpr_profile_free(profile);
}

/* The youngest row has its thread's high mark, each other the mark of what it enclosed. */
static void test_open_heap_spikes_are_of_each_row(void **state)
{
    static const struct mpr_rec_thread recorded = {
        .tid = 5, .heap = {.allocated = 1000, .freed = 900, .high = 800}};
    const struct mpr_rec_thread *threads[] = {&recorded};
    struct mpr_builder b = {.threads = threads, .threads_count = 1};
    struct open_row rows[] = {
        {.seq = 1, .thread = 5, .outer_high = 400},
        {.seq = 3, .thread = 5, .outer_high = 50},
        {.seq = 2, .thread = 6},
    };
    struct open_list list = {rows, 3};
    (void)state;
    assert_true(mpr_open_heap(&b, &list));
    const struct open_row *young = &rows[0], *old = &rows[1], *other = &rows[2];
    assert_int_equal(young->seq, 3);
    assert_int_equal(old->seq, 1);
    assert_int_equal(young->spike, 700); /* 800 above what it ended with, 100 */
    assert_int_equal(old->spike, 700);
    assert_null(other->counts);
    assert_int_equal(other->spike, 0);
    list.count = 0;
    assert_true(mpr_open_heap(&b, &list));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_open_heap_charges_what_its_thread_counted),
        MODEL_CASE(test_open_heap_of_a_number_that_was_used_twice),
        MODEL_CASE(test_open_heap_of_an_unknown_thread),
        cmocka_unit_test(test_open_heap_spikes_are_of_each_row),
    };
    return cmocka_run_group_tests_name("open_heap", tests, NULL, NULL);
}
