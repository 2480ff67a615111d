/* SPDX-License-Identifier: MIT */
/* The law of rows, driven without Python: frames are numbers, RSS is what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activation.h"
#include "attached.h"
#include "slots.h"
#include "tables.h"

static struct mpr_stack stacks[2];
static struct mpr_thread main_thread = {.tid = 1, .heap.guard = MPR_GUARD_NEW, .stack = &stacks[0]};
static struct mpr_thread other_thread = {
    .tid = 2, .heap.guard = MPR_GUARD_NEW, .stack = &stacks[1]};

static struct mpr_sample at(int64_t rss, int64_t ticks)
{
    return (struct mpr_sample){1000 + rss, ticks};
}

static struct mpr_function_rows *new_table(const char *name)
{
    struct mpr_key key = {
        .file = "law.py", .qualname = name, .module = "__main__", .first_line = 1, .last_line = 20};
    struct mpr_function_rows *table = mpr_function_rows_add(&key, 0);
    assert_non_null(table);
    return table;
}

static struct mpr_rec_row *row(struct mpr_function_rows *table, uint32_t line)
{
    return &table->rows[line - table->fn->id.first_line];
}

static int64_t sum_rss(const struct mpr_function_rows *table)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < table->fn->row_count; i++)
        sum += table->rows[i].rss_delta;
    return sum;
}

static void test_activation_charges_interval_to_open_line(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("plain");
    struct mpr_rec_activation *act = mpr_activation_start(f, 0x100, true, &main_thread);
    mpr_activation_line(act, &main_thread, 2, at(0, 0));
    mpr_activation_line(act, &main_thread, 3, at(50, 10));
    mpr_activation_line(act, &main_thread, 2, at(40, 15));
    mpr_activation_end(act, &main_thread, at(45, 20));
    assert_int_equal(f->fn->calls, 1);
    assert_int_equal(row(f, 2)->hits, 2);
    assert_int_equal(row(f, 2)->rss_delta, 55);
    assert_int_equal(row(f, 2)->ticks, 15);
    assert_int_equal(row(f, 3)->rss_delta, -10);
    assert_int_equal(row(f, 2)->rss, 1045);
    assert_int_equal(row(f, 2)->rss_max, 1050);
    assert_null(mpr_slots_find(0x100));
}

static void test_activation_recursion_adds_up(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("recursive");
    struct mpr_rec_activation *outer = mpr_activation_start(f, 0x200, true, &main_thread);
    mpr_activation_line(outer, &main_thread, 2, at(0, 0));
    struct mpr_rec_activation *inner = mpr_activation_start(f, 0x210, true, &main_thread);
    mpr_activation_line(inner, &main_thread, 2, at(10, 1));
    mpr_activation_line(inner, &main_thread, 3, at(40, 2));
    mpr_activation_end(inner, &main_thread, at(60, 3));
    mpr_activation_end(outer, &main_thread, at(100, 4));
    assert_int_equal(sum_rss(f), 100);
    assert_int_equal(row(f, 2)->rss_delta, 80);
    assert_int_equal(row(f, 3)->rss_delta, 20);
    assert_int_equal(row(f, 2)->ticks + row(f, 3)->ticks, 4);
}

static void test_activation_other_tables_are_included(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("caller"), *g = new_table("callee");
    struct mpr_rec_activation *caller = mpr_activation_start(f, 0x300, true, &main_thread);
    mpr_activation_line(caller, &main_thread, 5, at(0, 0));
    struct mpr_rec_activation *callee = mpr_activation_start(g, 0x310, true, &main_thread);
    mpr_activation_line(callee, &main_thread, 2, at(0, 0));
    mpr_activation_end(callee, &main_thread, at(30, 1));
    mpr_activation_end(caller, &main_thread, at(30, 2));
    assert_int_equal(row(f, 5)->rss_delta, 30);
    assert_int_equal(row(g, 2)->rss_delta, 30);
}

static void test_activation_comprehension_counts_no_hits(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("comprehension");
    struct mpr_rec_activation *own = mpr_activation_start(f, 0x400, true, &main_thread);
    mpr_activation_line(own, &main_thread, 2, at(0, 0));
    struct mpr_rec_activation *comp = mpr_activation_start(f, 0x410, false, &main_thread);
    mpr_activation_line(comp, &main_thread, 3, at(0, 0));
    mpr_activation_end(comp, &main_thread, at(70, 1));
    mpr_activation_end(own, &main_thread, at(70, 2));
    assert_int_equal(f->fn->calls, 1);
    assert_int_equal(row(f, 3)->hits, 0);
    assert_int_equal(row(f, 3)->rss_delta, 70);
    assert_int_equal(row(f, 2)->rss_delta, 0);
}

static void test_activation_suspension_belongs_to_nobody(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("generator");
    struct mpr_rec_activation *gen = mpr_activation_start(f, 0x500, true, &main_thread);
    mpr_activation_line(gen, &main_thread, 2, at(0, 0));
    mpr_activation_suspend(gen, &main_thread, at(10, 1));
    assert_ptr_equal(mpr_slots_find(0x500), gen);
    mpr_activation_resume(gen, &main_thread, at(500, 100));
    assert_int_equal(gen->last_line, 2);
    mpr_activation_line(gen, &main_thread, 3, at(520, 101));
    mpr_activation_end(gen, &main_thread, at(521, 102));
    assert_int_equal(row(f, 2)->hits, 1);
    assert_int_equal(row(f, 2)->rss_delta, 30);
    assert_int_equal(row(f, 3)->rss_delta, 1);
    assert_int_equal(sum_rss(f), 31);
}

static void test_activation_threads_do_not_charge_each_other(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("threads");
    struct mpr_rec_activation *a = mpr_activation_start(f, 0x600, true, &main_thread);
    mpr_activation_line(a, &main_thread, 2, at(0, 0));
    struct mpr_rec_activation *b = mpr_activation_start(f, 0x610, true, &other_thread);
    mpr_activation_line(b, &other_thread, 3, at(0, 0));
    mpr_activation_end(a, &main_thread, at(10, 1));
    mpr_activation_end(b, &other_thread, at(10, 2));
    assert_int_equal(row(f, 2)->rss_delta, 10);
    assert_int_equal(row(f, 3)->rss_delta, 10);
    assert_null(f->innermost_by_thread);
}

static void test_activation_what_is_above_was_left_unseen(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("left");
    struct mpr_rec_activation *act[3];
    for (uint64_t i = 0; i < 3; i++) {
        act[i] = mpr_activation_start(f, 0x700 + 16 * i, true, &main_thread);
        mpr_activation_line(act[i], &main_thread, 2 + (uint32_t)i, at(0, 0));
    }
    assert_true(mpr_activation_settle(act[1], &main_thread, at(5, 1)));
    mpr_activation_end(act[1], &main_thread, at(5, 1));
    assert_int_equal(act[2]->state, MPR_ACT_SUSPENDED);
    assert_int_equal(row(f, 4)->rss_delta, 0);
    assert_ptr_equal(f->innermost_by_thread, act[0]);
    mpr_activation_end(act[0], &main_thread, at(6, 2));
    assert_int_equal(sum_rss(f), 6);
    assert_true(mpr_activation_settle(act[2], &main_thread, at(100, 3)));
    mpr_activation_end(act[2], &main_thread, at(107, 4));
    assert_int_equal(row(f, 4)->rss_delta, 7);
    assert_null(f->innermost_by_thread);
}

static void test_activation_line_outside_is_in_no_row(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("outside");
    struct mpr_rec_activation *act = mpr_activation_start(f, 0x800, true, &main_thread);
    mpr_activation_line(act, &main_thread, 500, at(0, 0));
    mpr_activation_line(act, &main_thread, 2, at(10, 0));
    mpr_activation_end(act, &main_thread, at(11, 0));
    assert_true(mpr_probe->header->notes & MPR_NOTE_LINE_OUTSIDE);
    assert_int_equal(row(f, 2)->rss_delta, 1);
}

static void test_activation_survives_a_longer_table(void **state)
{
    (void)state;
    struct mpr_function_rows *f = new_table("reloaded");
    struct mpr_rec_activation *open = mpr_activation_start(f, 0x900, true, &main_thread);
    struct mpr_rec_activation *suspended = mpr_activation_start(f, 0x910, true, &main_thread);
    mpr_activation_line(open, &main_thread, 2, at(0, 0));
    mpr_activation_line(suspended, &main_thread, 3, at(0, 0));
    mpr_activation_suspend(suspended, &main_thread, at(7, 0));
    assert_ptr_equal(stacks[0].innermost, open);
    struct mpr_rec_function *old = f->fn;
    assert_true(mpr_function_rows_extend(f, &(struct mpr_key){.first_line = 1, .last_line = 400}));
    assert_ptr_not_equal(f->fn, old);
    assert_true(old->flags & MPR_REC_FN_WITHDRAWN);
    assert_int_equal(open->function, f->offset);
    mpr_activation_end(open, &main_thread, at(7, 1));
    mpr_activation_resume(suspended, &main_thread, at(10, 2));
    mpr_activation_line(suspended, &main_thread, 399, at(20, 3));
    mpr_activation_end(suspended, &main_thread, at(21, 4));
    assert_int_equal(row(f, 2)->rss_delta, 0);
    assert_int_equal(row(f, 3)->rss_delta, 17);
    assert_int_equal(row(f, 399)->rss_delta, 1);
    assert_int_equal(f->fn->calls, 2);
}

/* A random tree of calls, generators and lines in one thread: for each table, the rows must add up
 * to the net change over its outermost running intervals. */
struct simulation {
    struct mpr_function_rows *table[3];
    int depth_of_table[3];
    int64_t expected[3];
    int64_t started[3];
    int64_t rss, ticks;
    uint64_t frame;
    unsigned seed;
};

static unsigned next_random(struct simulation *sim, unsigned below)
{
    sim->seed = sim->seed * 1103515245u + 12345u;
    return (sim->seed >> 16) % below;
}

static struct mpr_sample step(struct simulation *sim)
{
    sim->rss += (int64_t)next_random(sim, 200) - 100;
    sim->ticks += next_random(sim, 10);
    return (struct mpr_sample){1000000 + sim->rss, sim->ticks};
}

/* The law speaks of rows: an interval runs from the first row's opening to the last one's close. */
static void enter(struct simulation *sim, unsigned which, struct mpr_sample now)
{
    if (sim->depth_of_table[which]++ == 0)
        sim->started[which] = now.rss;
}

static void leave(struct simulation *sim, unsigned which, struct mpr_sample now)
{
    if (--sim->depth_of_table[which] == 0)
        sim->expected[which] += now.rss - sim->started[which];
}

static void simulate_call(struct simulation *sim, int depth)
{
    unsigned which = next_random(sim, 3);
    struct mpr_rec_activation *act = mpr_activation_start(
        sim->table[which], sim->frame += 16, next_random(sim, 4) != 0, &main_thread);
    struct mpr_sample now = step(sim);
    enter(sim, which, now);
    mpr_activation_line(act, &main_thread, 2, now);
    for (unsigned i = next_random(sim, 6); i > 0; i--) {
        if (depth < 8 && next_random(sim, 2))
            simulate_call(sim, depth + 1);
        now = step(sim);
        if (next_random(sim, 4) == 0) {
            leave(sim, which, now);
            mpr_activation_suspend(act, &main_thread, now);
            now = step(sim);
            enter(sim, which, now);
            mpr_activation_resume(act, &main_thread, now);
        } else {
            mpr_activation_line(act, &main_thread, 3 + next_random(sim, 10), now);
        }
    }
    now = step(sim);
    leave(sim, which, now);
    mpr_activation_end(act, &main_thread, now);
}

static void test_activation_additive_law_random(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 150; seed++) {
        struct simulation sim = {.frame = 0x10000 * (uint64_t)seed, .seed = seed};
        char name[32];
        for (int i = 0; i < 3; i++) {
            snprintf(name, sizeof name, "law_%u_%d", seed, i);
            sim.table[i] = new_table(name);
        }
        simulate_call(&sim, 0);
        for (int i = 0; i < 3; i++)
            assert_int_equal(sum_rss(sim.table[i]), sim.expected[i]);
    }
}

static int attach(void **state)
{
    (void)state;
    return attach_recording();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activation_charges_interval_to_open_line),
        cmocka_unit_test(test_activation_recursion_adds_up),
        cmocka_unit_test(test_activation_other_tables_are_included),
        cmocka_unit_test(test_activation_comprehension_counts_no_hits),
        cmocka_unit_test(test_activation_suspension_belongs_to_nobody),
        cmocka_unit_test(test_activation_threads_do_not_charge_each_other),
        cmocka_unit_test(test_activation_what_is_above_was_left_unseen),
        cmocka_unit_test(test_activation_line_outside_is_in_no_row),
        cmocka_unit_test(test_activation_survives_a_longer_table),
        cmocka_unit_test(test_activation_additive_law_random),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
