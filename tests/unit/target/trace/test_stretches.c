/* SPDX-License-Identifier: MIT */
/* Lines that lie far apart: what of them becomes a stretch, and rows for those only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "activation.h"
#include "attached.h"
#include "stretches.h"
#include "tables.h"

#define MILLION 1000000u

static struct mpr_stack stack;
static struct mpr_thread thread = {.tid = 1, .heap.guard = MPR_GUARD_NEW, .stack = &stack};

static void assert_stretch(
    const struct mpr_stretches *stretches, uint32_t i, uint32_t line, uint32_t count, uint32_t row)
{
    assert_int_equal(stretches->item[i].line, line);
    assert_int_equal(stretches->item[i].count, count);
    assert_int_equal(stretches->item[i].row, row);
}

static void test_stretches_leave_out_what_no_code_has(void **state)
{
    struct mpr_stretches stretches;
    (void)state;
    assert_true(mpr_stretches_begin(&stretches, 7, 7 + 2 * MILLION));
    mpr_stretches_add(&stretches, MILLION + 3);
    mpr_stretches_add(&stretches, MILLION);
    mpr_stretches_add(&stretches, 9);
    mpr_stretches_add(&stretches, 6);
    mpr_stretches_add(&stretches, 2 * MILLION + 8);
    assert_true(mpr_stretches_finish(&stretches));
    assert_int_equal(stretches.count, 3);
    assert_stretch(&stretches, 0, 7, 3, 0);
    assert_stretch(&stretches, 1, MILLION, 4, 3);
    assert_stretch(&stretches, 2, 2 * MILLION + 7, 1, 7);
    mpr_stretches_release(&stretches);
    mpr_stretches_release(&stretches);
}

/* Wherever they lie among the blocks. */
static void test_stretches_begin_at_a_gap(void **state)
{
    (void)state;
    for (uint32_t first = 1; first < 2000; first += 37) {
        for (uint32_t missing = MPR_STRETCH_GAP - 1; missing <= MPR_STRETCH_GAP; missing++) {
            struct mpr_stretches stretches;
            uint32_t behind = first + 600 + missing + 1;
            assert_true(mpr_stretches_begin(&stretches, 1, 20000));
            mpr_stretches_add_all(
                &stretches, 1, first + 600, &(struct mpr_rec_stretch){1, first + 600, 0}, 1);
            mpr_stretches_add_all(&stretches, behind, 20000, NULL, 0);
            assert_true(mpr_stretches_finish(&stretches));
            bool gap = missing == MPR_STRETCH_GAP;
            assert_int_equal(stretches.count, gap ? 2 : 0);
            if (gap)
                assert_stretch(&stretches, 1, behind, 20000 - behind + 1, first + 600);
            mpr_stretches_release(&stretches);
        }
    }
}

static const struct mpr_rec_stretch far[] = {{5, 2, 0}, {MILLION, 3, 2}, {5 * MILLION, 1, 5}};

static struct mpr_key far_key(const char *name)
{
    return (struct mpr_key){.file = "far.py",
        .qualname = name,
        .module = "m",
        .first_line = 5,
        .last_line = 5 * MILLION,
        .stretches = far,
        .stretch_count = 3};
}

static const struct mpr_rec_row *row(const struct mpr_function_rows *table, uint32_t line)
{
    uint32_t index = mpr_rec_row_of(table->fn, line);
    assert_true(index < table->fn->row_count);
    return &table->rows[index];
}

static void step(struct mpr_rec_activation *act, uint32_t line, int64_t rss)
{
    mpr_activation_line(act, &thread, line, (struct mpr_sample){1000 + rss, 0});
}

static void test_stretches_rows_are_found_by_line(void **state)
{
    (void)state;
    struct mpr_key key = far_key("rows");
    struct mpr_function_rows *table = mpr_function_rows_add(&key, 0);
    assert_non_null(table);
    assert_int_equal(table->fn->row_count, 6);
    assert_true(table->fn->head.size < 1000);
    static const uint32_t none[] = {0, 4, 7, MILLION - 1, MILLION + 3, 5 * MILLION + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(mpr_rec_row_of(table->fn, none[i]), UINT32_MAX);
    struct mpr_rec_activation *act = mpr_activation_start(table, 0x100, true, &thread);
    step(act, 6, 0);
    step(act, MILLION + 2, 5);
    step(act, 5 * MILLION, 7);
    step(act, 5, 10);
    step(act, 77, 14); /* it has no such line */
    step(act, MILLION, 20);
    mpr_activation_end(act, &thread, (struct mpr_sample){1021, 0});
    assert_int_equal(row(table, 6)->rss_delta, 5);
    assert_int_equal(row(table, MILLION + 2)->rss_delta, 2);
    assert_int_equal(row(table, 5 * MILLION)->rss_delta, 3);
    assert_int_equal(row(table, 5)->rss_delta, 4);
    assert_int_equal(row(table, MILLION)->rss_delta, 1);
    assert_int_equal(row(table, MILLION)->hits, 1);
    assert_true(mpr_probe->header->notes & MPR_NOTE_LINE_OUTSIDE);
}

/* Code of the same name with other lines: the table has both, what is open goes on. */
static void test_stretches_tables_join(void **state)
{
    static const struct mpr_rec_stretch other[] = {{5, 1, 0}, {2 * MILLION, 2, 1}};
    (void)state;
    struct mpr_key key = far_key("join");
    struct mpr_function_rows *table = mpr_function_rows_add(&key, 0);
    struct mpr_rec_activation *act = mpr_activation_start(table, 0x200, true, &thread);
    step(act, 6, 0);
    step(act, MILLION + 1, 3);
    struct mpr_rec_function *old = table->fn;
    assert_true(mpr_function_rows_extend(table, &key));
    assert_ptr_equal(table->fn, old);
    key.stretches = other;
    key.stretch_count = 2;
    key.last_line = 2 * MILLION + 1;
    assert_true(mpr_function_rows_extend(table, &key));
    assert_ptr_not_equal(table->fn, old);
    assert_int_equal(table->fn->row_count, 8);
    assert_int_equal(table->fn->id.last_line, 5 * MILLION);
    step(act, 2 * MILLION, 10);
    mpr_activation_end(act, &thread, (struct mpr_sample){1011, 0});
    assert_int_equal(row(table, 6)->rss_delta, 3);
    assert_int_equal(row(table, MILLION + 1)->rss_delta, 7);
    assert_int_equal(row(table, 2 * MILLION)->rss_delta, 1);
    /* All lines of a short text. */
    key = (struct mpr_key){.first_line = 5, .last_line = 6};
    old = table->fn;
    assert_true(mpr_function_rows_extend(table, &key));
    assert_ptr_equal(table->fn, old);
    key.last_line = 400;
    assert_true(mpr_function_rows_extend(table, &key));
    assert_int_equal(table->fn->row_count, 396 + 3 + 2 + 1);
    assert_int_equal(row(table, MILLION + 1)->rss_delta, 7);
}

static int attach(void **state)
{
    (void)state;
    return attach_recording();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stretches_leave_out_what_no_code_has),
        cmocka_unit_test(test_stretches_begin_at_a_gap),
        cmocka_unit_test(test_stretches_rows_are_found_by_line),
        cmocka_unit_test(test_stretches_tables_join),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
