/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mprun/align.h"

#define LARGE ((size_t)5000)

/* As words, a letter an entry. Partners ascend and are equal, and it is the same from the other
 * side. How many there are. */
static size_t aligned(
    const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, size_t *in_b)
{
    size_t *in_a = calloc(b_count + 1, sizeof *in_a);
    size_t count = 0, next = 0;
    assert_int_equal(mpr_align(a, a_count, b, b_count, in_b), 0);
    assert_int_equal(mpr_align(b, b_count, a, a_count, in_a), 0);
    for (size_t i = 0; i < a_count; i++) {
        if (in_b[i] == MPR_UNALIGNED)
            continue;
        assert_in_range(in_b[i], next, b_count - 1);
        assert_int_equal(a[i], b[in_b[i]]);
        assert_int_equal(in_a[in_b[i]], i);
        next = in_b[i] + 1;
        count++;
    }
    for (size_t i = 0; i < b_count; i++)
        count -= in_a[i] != MPR_UNALIGNED;
    assert_int_equal(count, 0);
    for (size_t i = 0; i < a_count; i++)
        count += in_b[i] != MPR_UNALIGNED;
    free(in_a);
    return count;
}

static size_t words(const char *a, const char *b, size_t *in_b)
{
    uint32_t left[64], right[64];
    size_t a_count = 0, b_count = 0;
    for (; a[a_count]; a_count++)
        left[a_count] = (unsigned char)a[a_count];
    for (; b[b_count]; b_count++)
        right[b_count] = (unsigned char)b[b_count];
    return aligned(left, a_count, right, b_count, in_b);
}

static void test_align_what_was_put_in_and_taken_out(void **state)
{
    size_t in_b[64];
    (void)state;
    assert_int_equal(words("", "", in_b), 0);
    assert_int_equal(words("abc", "", in_b), 0);
    assert_int_equal(words("", "abc", in_b), 0);
    assert_int_equal(words("abc", "xyz", in_b), 0);
    assert_int_equal(words("abcdef", "abcdef", in_b), 6);
    assert_int_equal(words("abcdef", "abXcdef", in_b), 6);
    assert_int_equal(in_b[2], 3);
    assert_int_equal(words("abcdef", "acdYf", in_b), 4);
    assert_int_equal(in_b[1], MPR_UNALIGNED);
    assert_int_equal(in_b[5], 4);
    assert_int_equal(words("aaaa", "aa", in_b), 2);
    assert_int_equal(words("abcabba", "cbabac", in_b), 4);
}

/* The longest, by trying all that there are. */
static size_t longest(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    if (a_count == 0 || b_count == 0)
        return 0;
    if (*a == *b)
        return 1 + longest(a + 1, a_count - 1, b + 1, b_count - 1);
    size_t without_a = longest(a + 1, a_count - 1, b, b_count);
    size_t without_b = longest(a, a_count, b + 1, b_count - 1);
    return without_a > without_b ? without_a : without_b;
}

static void test_align_finds_as_many_as_can_be(void **state)
{
    uint32_t a[8], b[8], seed = 7;
    size_t in_b[8];
    (void)state;
    for (int round = 0; round < 2000; round++) {
        size_t a_count = (seed >> 8) % 9, b_count = (seed >> 16) % 9;
        for (size_t i = 0; i < 8; i++) {
            a[i] = (seed = seed * 1664525 + 1013904223) >> 24 & 3;
            b[i] = (seed = seed * 1664525 + 1013904223) >> 24 & 3;
        }
        assert_int_equal(aligned(a, a_count, b, b_count, in_b), longest(a, a_count, b, b_count));
        seed = seed * 1664525 + 1013904223;
    }
}

/* Too long for a table: by what is only once. */
static void test_align_long_ones(void **state)
{
    uint32_t *a = calloc(LARGE, sizeof *a), *b = calloc(LARGE, sizeof *b);
    size_t *in_b = calloc(LARGE, sizeof *in_b);
    (void)state;
    for (size_t i = 0; i < LARGE; i++) {
        a[i] = i % 3 == 0 ? 1 : (uint32_t)i + 10; /* each third line is blank */
        b[i] = i % 5 == 0 ? 2 : a[i];
    }
    a[0] = 3;
    a[LARGE - 1] = 4;
    assert_true(aligned(a, LARGE, b, LARGE, in_b) >= LARGE * 3 / 4 - 10);
    for (size_t i = 0; i < LARGE; i++)
        b[i] = i % 2 + 1; /* nothing is only once */
    assert_int_equal(aligned(a, LARGE, b, LARGE, in_b), 0);
    for (size_t i = 0; i < LARGE; i++)
        b[i] = a[LARGE - 1 - i];
    assert_true(aligned(a, LARGE, b, LARGE, in_b) >= 1);
    free(a);
    free(b);
    free(in_b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_align_what_was_put_in_and_taken_out),
        cmocka_unit_test(test_align_finds_as_many_as_can_be),
        cmocka_unit_test(test_align_long_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
