/* SPDX-License-Identifier: MIT */
/* What a recording tells of its process at a moment. */
#include "made_recording.h"
#include "mprun/watch.h"
#include "opened_memory.h"

static struct mpr_rec_reader *reader;
static struct mpr_watch_recording recording;
static struct mpr_watch_source source;

static int make(void **state)
{
    (void)state;
    make_region(1 << 20);
    header()->state = MPR_REC_RUNNING;
    if (open_memory(region.bytes, region.size, &reader, NULL) < 0)
        return -1;
    source = mpr_watch_recording_source(&recording, reader);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    mpr_rec_close(reader);
    free(region.bytes);
    return 0;
}

static struct mpr_rec_thread *add_thread(bool is_main)
{
    struct mpr_rec_thread *thread = add_record(MPR_KIND_THREAD, sizeof *thread);
    thread->is_main = is_main;
    return thread;
}

static void assert_where(uint64_t function, uint32_t line)
{
    uint64_t got_function = 77;
    uint32_t got_line = 77;
    source.where(source.data, &got_function, &got_line);
    assert_int_equal(got_function, function);
    assert_int_equal(got_line, line);
}

static void test_recording_is_ready_from_arming_to_its_end(void **state)
{
    (void)state;
    for (uint32_t at = MPR_REC_STARTING; at <= MPR_REC_ENDED; at++) {
        header()->state = at;
        assert_int_equal(source.ready(source.data), at >= MPR_REC_ARMED);
    }
    header()->state = MPR_REC_REFUSED;
    assert_false(source.ready(source.data));
    header()->state = UINT32_MAX;
    assert_false(source.ready(source.data));
    header()->state = MPR_REC_RUNNING;
    header()->processes.exec_ns = 1; /* it is another program now */
    assert_false(source.ready(source.data));
}

static void test_recording_where_the_main_thread_is(void **state)
{
    (void)state;
    assert_where(0, 0);
    add_thread(false);
    struct mpr_rec_function *fn = add_function("a.py", "f", 1, 9, 0);
    struct mpr_rec_slots *slots = add_slots(2);
    slots->slot[0] = opened(1, fn, 5, 0, 0);
    assert_where(0, 0);
    struct mpr_rec_thread *main_thread = add_thread(true); /* it comes late */
    assert_where(0, 0);
    main_thread->current = offset_of(&slots->slot[0]);
    assert_where(offset_of(fn), 5);
    slots->slot[0].state = MPR_ACT_FREE;
    assert_where(0, 0);
}

/* What a target has broken leads nowhere, and not outside. */
static void test_recording_where_of_damage(void **state)
{
    static const uint64_t offsets[] = {1, 7, UINT64_MAX, UINT64_MAX - 8, (1 << 20) - 8, 1 << 20};
    (void)state;
    struct mpr_rec_thread *main_thread = add_thread(true);
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        main_thread->current = offsets[i];
        assert_where(0, 0);
    }
    header()->log_used = UINT64_MAX;
    assert_where(0, 0);
}

static void test_recording_heap_is_the_sum_of_its_levels(void **state)
{
    (void)state;
    assert_int_equal(source.heap(source.data), INT64_MIN);
    header()->heap.tracked = 1;
    assert_int_equal(source.heap(source.data), 0);
    header()->heap.level[0] = (struct mpr_rec_level){.gil = 5, .nogil = -2};
    header()->heap.level[1].gil = 10;
    assert_int_equal(source.heap(source.data), 13);
    header()->heap.level[0].gil = header()->heap.level[1].gil = INT64_MAX;
    assert_int_equal(source.heap(source.data), INT64_MAX);
    header()->heap.level[0].gil = header()->heap.level[1].gil = INT64_MIN;
    assert_true(source.heap(source.data) != INT64_MIN); /* that would be: not tracked */
    assert_int_equal(source.own(source.data), MIB(2));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_recording_is_ready_from_arming_to_its_end),
        CASE(test_recording_where_the_main_thread_is),
        CASE(test_recording_where_of_damage),
        CASE(test_recording_heap_is_the_sum_of_its_levels),
    };
    return cmocka_run_group_tests_name("recording", tests, NULL, NULL);
}
