/* SPDX-License-Identifier: MIT */
/* Numbers as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/base.h"
#include "mprun/number.h"

static void test_number_text_units_parse(void **state)
{
    (void)state;
    enum mpr_unit unit = MPR_UNIT_AUTO;
    assert_int_equal(mpr_unit_parse("kib", &unit), 0);
    assert_int_equal(unit, MPR_UNIT_KIB);
    assert_int_equal(mpr_unit_parse("stone", &unit), MPR_ERR_INVALID);
    assert_int_equal(unit, MPR_UNIT_KIB);
}

static void assert_scaled(uint64_t value, enum mpr_unit unit, const char *expected)
{
    char text[MPR_NUMBER_MAX];
    mpr_number_scaled(text, value, &mpr_scale_sizes[unit]);
    assert_string_equal(text, expected);
}

static void test_number_text_sizes_round_and_carry(void **state)
{
    (void)state;
    assert_scaled(0, MPR_UNIT_MIB, "0.0");
    assert_scaled(1048576, MPR_UNIT_MIB, "1.0");
    assert_scaled(1048575, MPR_UNIT_MIB, "1.0");
    assert_scaled((uint64_t)1234 << 20, MPR_UNIT_MIB, "1,234.0");
    assert_scaled(4096, MPR_UNIT_KIB, "4");
    assert_scaled(1536 << 20, MPR_UNIT_GIB, "1.50");
    assert_scaled(UINT64_MAX, MPR_UNIT_B, "18,446,744,073,709,551,615");
    assert_true(mpr_number_vanishes(52428, &mpr_scale_sizes[MPR_UNIT_MIB]));
    assert_false(mpr_number_vanishes(52429, &mpr_scale_sizes[MPR_UNIT_MIB]));
    assert_false(mpr_number_vanishes(0, &mpr_scale_sizes[MPR_UNIT_MIB]));
}

static void test_number_text_durations_read_well(void **state)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{7, "7 ns"}, {45000, "45 us"}, {1200000, "1.2 ms"}, {268000000, "268 ms"},
        {999600000, "1.00 s"}, {1230000000, "1.23 s"}, {123000000000, "2 min 03 s"},
        {7380000000000, "2 h 03 min"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[MPR_NUMBER_MAX];
        mpr_number_duration(text, cases[i].ns, false);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_number_text_sums_saturate_and_are_never_unknown(void **state)
{
    (void)state;
    assert_int_equal(mpr_add(2, 3), 5);
    assert_int_equal(mpr_add(INT64_MAX, 1), INT64_MAX);
    assert_int_equal(mpr_add(INT64_MIN, -1), INT64_MIN + 1);
    assert_int_equal(mpr_add(INT64_MIN, 0), INT64_MIN + 1);
    assert_int_equal(mpr_subtract(2, 3), -1);
    assert_int_equal(mpr_subtract(0, INT64_MIN), INT64_MAX);
    assert_int_equal(mpr_subtract(-2, INT64_MAX), INT64_MIN + 1);
    assert_int_equal(mpr_subtract(-1, INT64_MAX), INT64_MIN + 1);
    assert_int_equal(mpr_subtract(INT64_MIN, INT64_MIN), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_text_units_parse),
        cmocka_unit_test(test_number_text_sizes_round_and_carry),
        cmocka_unit_test(test_number_text_durations_read_well),
        cmocka_unit_test(test_number_text_sums_saturate_and_are_never_unknown),
    };
    return cmocka_run_group_tests_name("number_text", tests, NULL, NULL);
}
