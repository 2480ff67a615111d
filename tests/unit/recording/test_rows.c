/* SPDX-License-Identifier: MIT */
/* Which row a line has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/recording.h"

static struct {
    struct mpr_rec_function fn;
    struct mpr_rec_row row[6];
    struct mpr_rec_stretch stretch[3];
} record = {
    .stretch = {{10, 2, 0}, {50, 3, 2}, {UINT32_MAX, 1, 5}},
};

static void make(uint32_t first, uint32_t rows, uint32_t stretches)
{
    record.fn.id.first_line = first;
    record.fn.row_count = rows;
    record.fn.rows = offsetof(__typeof__(record), row);
    record.fn.stretch_count = stretches;
    record.fn.stretches = offsetof(__typeof__(record), stretch);
}

static void test_rows_side_by_side(void **state)
{
    (void)state;
    make(10, 6, 0);
    assert_null(mpr_rec_stretches(&record.fn));
    assert_ptr_equal(mpr_rec_rows(&record.fn), record.row);
    assert_int_equal(mpr_rec_row_of(&record.fn, 10), 0);
    assert_int_equal(mpr_rec_row_of(&record.fn, 15), 5);
    assert_int_equal(mpr_rec_row_of(&record.fn, 16), UINT32_MAX);
    assert_int_equal(mpr_rec_row_of(&record.fn, 9), UINT32_MAX);
    assert_int_equal(mpr_rec_row_of(&record.fn, 0), UINT32_MAX);
    make(10, 0, 0);
    assert_int_equal(mpr_rec_row_of(&record.fn, 10), UINT32_MAX);
    make(UINT32_MAX, 1, 0);
    assert_int_equal(mpr_rec_row_of(&record.fn, UINT32_MAX), 0);
    assert_int_equal(mpr_rec_row_of(&record.fn, 0), UINT32_MAX);
}

static void test_rows_in_stretches(void **state)
{
    static const uint32_t lines[] = {10, 11, 50, 51, 52, UINT32_MAX};
    static const uint32_t none[] = {0, 9, 12, 49, 53, UINT32_MAX - 1};
    (void)state;
    make(10, 6, 3);
    assert_ptr_equal(mpr_rec_stretches(&record.fn), record.stretch);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(mpr_rec_row_of(&record.fn, lines[i]), i);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(mpr_rec_row_of(&record.fn, none[i]), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_side_by_side),
        cmocka_unit_test(test_rows_in_stretches),
    };
    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
