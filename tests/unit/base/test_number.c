/* SPDX-License-Identifier: MIT */
/* Numbers as users write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/base.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define REFUSED UINT64_C(123456789123456789)

struct number_row {
    const char *text;
    uint64_t want;
};

static void check_numbers(
    const struct number_row *rows, size_t count, int (*parse)(const char *, uint64_t *))
{
    for (size_t i = 0; i < count; i++) {
        uint64_t got = REFUSED;
        int rc = parse(rows[i].text, &got);
        if (rc != (rows[i].want == REFUSED ? MPR_ERR_INVALID : 0) || got != rows[i].want)
            fail_msg("'%s': %d, %llu", rows[i].text, rc, (unsigned long long)got);
    }
}

static void test_number_parse_u64(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"0", 0},
        {"007", 7},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551616", REFUSED},
        {"18446744073709551620", REFUSED},
        {"99999999999999999999999", REFUSED},
        {"", REFUSED},
        {"-1", REFUSED},
        {"+1", REFUSED},
        {" 1", REFUSED},
        {"1 ", REFUSED},
        {"1k", REFUSED},
        {"0x10", REFUSED},
        {"1.0", REFUSED},
        {"x", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_u64);
}

static void test_number_parse_duration(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"10ms", 10000000},
        {"1s", 1000000000},
        {"250us", 250000},
        {"0.5s", 500000000},
        {"1.25ms", 1250000},
        {"7ns", 7},
        {"0s", 0},
        {"0.000000001s", 1},
        {"0.0000000001s", 0},
        {"1.0000000000000000000000000001s", 1000000000},
        {"18446744073709551615ns", UINT64_MAX},
        {"18446744073709551616ns", REFUSED},
        {"18446744073.709551615s", UINT64_MAX},
        {"18446744073.709551616s", REFUSED},
        {"18446744074s", REFUSED},
        {"", REFUSED},
        {"10", REFUSED},
        {"ms", REFUSED},
        {".5s", REFUSED},
        {"5.s", REFUSED},
        {"1.5ns", REFUSED},
        {"1.0ns", 1},
        {"10 ms", REFUSED},
        {"10MS", REFUSED},
        {"10msx", REFUSED},
        {"-1s", REFUSED},
        {"1e3s", REFUSED},
        {"1,5s", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_duration);
}

static void test_number_parse_size(void **state)
{
    (void)state;
    static const struct number_row rows[] = {
        {"4096", 4096},
        {"0", 0},
        {"1b", 1},
        {"10k", 10240},
        {"10K", 10240},
        {"10KB", 10240},
        {"10KiB", 10240},
        {"1.5M", 1572864},
        {"2GiB", (uint64_t)2 << 30},
        {"0.5t", (uint64_t)1 << 39},
        {"16777215T", (uint64_t)16777215 << 40},
        {"16777216T", REFUSED},
        {"18446744073709551615", UINT64_MAX},
        {"18446744073709551615k", REFUSED},
        {"1.5", REFUSED},
        {"1.5B", REFUSED},
        {"", REFUSED},
        {"k", REFUSED},
        {"1 k", REFUSED},
        {"1ki", REFUSED},
        {"1kk", REFUSED},
        {"1p", REFUSED},
        {"-1k", REFUSED},
        {"1.k", REFUSED},
    };
    check_numbers(rows, LENGTH(rows), mpr_parse_size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_parse_u64),
        cmocka_unit_test(test_number_parse_duration),
        cmocka_unit_test(test_number_parse_size),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
