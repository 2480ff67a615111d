/* SPDX-License-Identifier: MIT */
/* Stacks of greenlets that wait: who switches to whom, in any order, and who ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "activation.h"
#include "attached.h"
#include "greenlets.h"
#include "slots.h"
#include "tables.h"

#define GREENLETS 40
#define STEPS 20000

static struct mpr_function_rows *table;
static struct mpr_thread thread;
static struct mpr_greenlets waiting;
static int64_t now;
static unsigned samples;
static char greenlets[GREENLETS]; /* for their addresses */

static struct mpr_sample sample(struct mpr_thread *unused)
{
    (void)unused;
    samples++;
    return (struct mpr_sample){now, now};
}

static void left(struct mpr_stack *stack)
{
    mpr_stack_gone(stack, &thread);
}

static int attach(void **state)
{
    static const struct mpr_key key = {
        .file = "f.py", .qualname = "f", .module = "__main__", .first_line = 1, .last_line = 20};
    (void)state;
    if (attach_recording() < 0)
        return -1;
    mpr_probe->gate.sample = sample;
    mpr_stack_set_left(left);
    table = mpr_function_rows_add(&key, MPR_REC_BY_DEFAULT);
    return table ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    thread = (struct mpr_thread){.tid = 1, .stack = mpr_stack_new()};
    mpr_thread_counts(&thread);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mpr_greenlets_gone(&waiting);
    mpr_stack_gone(thread.stack, &thread);
    mpr_stack_release(thread.stack);
    return 0;
}

static uint64_t frame_of(int greenlet)
{
    return 0x1000u + 0x100u * (unsigned)greenlet;
}

static struct mpr_rec_activation *start(int greenlet, uint32_t line)
{
    struct mpr_rec_activation *act = mpr_activation_start(table, frame_of(greenlet), true, &thread);
    mpr_activation_line(act, &thread, line, sample(&thread));
    return act;
}

static void switch_to(int origin, int target)
{
    mpr_greenlets_switch(&waiting, &greenlets[origin], false, &greenlets[target], &thread);
}

static void test_greenlets_rows_rest_while_another_runs(void **state)
{
    (void)state;
    struct mpr_rec_activation *first = start(0, 5);
    now = 10;
    switch_to(0, 1);
    assert_int_equal(first->state, MPR_ACT_SUSPENDED);
    assert_null(thread.stack->innermost);
    struct mpr_rec_activation *second = start(1, 6);
    now = 100;
    switch_to(1, 0);
    assert_int_equal(first->state, MPR_ACT_OPEN);
    assert_int_equal(second->state, MPR_ACT_SUSPENDED);
    now = 103;
    mpr_activation_end(first, &thread, sample(&thread));
    mpr_greenlets_switch(&waiting, &greenlets[0], true, &greenlets[1], &thread);
    now = 104;
    mpr_activation_end(second, &thread, sample(&thread));
    assert_int_equal(table->rows[4].ticks, 13);
    assert_int_equal(table->rows[4].hits, 1);
    assert_int_equal(table->rows[5].ticks, 91);
    assert_int_equal(table->rows[5].hits, 1);
}

static void test_greenlets_without_anything_open_cost_nothing(void **state)
{
    (void)state;
    struct mpr_stack *stack = thread.stack;
    samples = 0;
    for (int i = 0; i < 1000; i++)
        switch_to(i % GREENLETS, (i + 1) % GREENLETS);
    assert_int_equal(samples, 0);
    assert_int_equal(waiting.count, 0);
    assert_ptr_equal(thread.stack, stack);
}

/* An address may be another greenlet's next. */
static void test_greenlets_that_end_leave_nothing(void **state)
{
    (void)state;
    switch_to(0, 1);
    start(1, 5);
    mpr_greenlets_switch(&waiting, &greenlets[1], true, &greenlets[0], &thread);
    assert_null(mpr_slots_find(frame_of(1)));
    switch_to(0, 1);
    assert_null(thread.stack->innermost);
    assert_int_equal(waiting.count, 0);
}

static void test_greenlets_go_with_their_thread(void **state)
{
    (void)state;
    for (int i = 0; i < GREENLETS - 1; i++) {
        start(i, 5);
        switch_to(i, i + 1);
    }
    assert_int_equal(waiting.count, GREENLETS - 1);
    mpr_greenlets_gone(&waiting);
    assert_int_equal(waiting.count, 0);
    mpr_stack_release(mpr_stack_new()); /* whoever needs one empties them */
    for (int i = 0; i < GREENLETS - 1; i++)
        assert_null(mpr_slots_find(frame_of(i)));
}

/* The trace function of 3.11 belongs to the frames of one. */
static void test_greenlets_keep_what_the_backend_notes(void **state)
{
    (void)state;
    thread.stack->traced = true;
    switch_to(0, 1);
    assert_false(thread.stack->traced);
    switch_to(1, 0);
    assert_true(thread.stack->traced);
    mpr_greenlets_switch(&waiting, &greenlets[0], true, &greenlets[1], &thread);
    assert_false(thread.stack->traced);
    switch_to(1, 0);
    assert_false(thread.stack->traced);
}

static unsigned next_random(void)
{
    static uint64_t seed = 1;
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(seed >> 33);
}

/* Each has one frame or none; its line's ticks are those that it ran. */
static void test_greenlets_in_any_order(void **state)
{
    (void)state;
    bool has[GREENLETS] = {false};
    int64_t before = table->rows[4].ticks, expected = 0;
    int running = 0;
    for (int i = 0; i < STEPS; i++) {
        int target = (int)(next_random() % GREENLETS);
        bool ends = has[running] && next_random() % 4 == 0;
        if (!has[running] && !ends && next_random() % 2)
            has[running] = start(running, 5);
        now += 7;
        expected += has[running] ? 7 : 0;
        if (ends) {
            mpr_activation_end(mpr_slots_find(frame_of(running)), &thread, sample(&thread));
            has[running] = false;
        }
        if (target == running)
            continue;
        mpr_greenlets_switch(&waiting, &greenlets[running], ends, &greenlets[target], &thread);
        running = target;
        const struct mpr_rec_activation *innermost = thread.stack->innermost;
        assert_int_equal(has[running], innermost != NULL);
        assert_true(!innermost || innermost->frame == frame_of(running));
    }
    mpr_greenlets_switch(&waiting, &greenlets[running], true, &greenlets[0], &thread);
    assert_true(table->rows[4].ticks - before <= expected);
    assert_true(expected - (table->rows[4].ticks - before) <= 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_greenlets_rows_rest_while_another_runs),
        TEST(test_greenlets_without_anything_open_cost_nothing),
        TEST(test_greenlets_that_end_leave_nothing),
        TEST(test_greenlets_go_with_their_thread),
        TEST(test_greenlets_keep_what_the_backend_notes),
        TEST(test_greenlets_in_any_order),
#undef TEST
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
