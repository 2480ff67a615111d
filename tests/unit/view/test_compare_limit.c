/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_comparison.h"

static const char *const work[] = {"def work():", "    a = [0] * 100", "    b = a * 3", NULL};

static void test_allowance_is_a_size_or_a_share(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "%", "x%", "-1%", "5 %", "1e999%", "5%%", "nan%", "-3", "1XiB", "99999999999999999999"};
    struct mpr_allowance allowance = {.given = false};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(mpr_allowance_parse(wrong[i], &allowance), MPR_ERR_INVALID);
    assert_false(allowance.given);
    assert_int_equal(mpr_allowance_parse("2.5%", &allowance), 0);
    assert_true(allowance.percent && allowance.share > 0.0249 && allowance.share < 0.0251);
    assert_int_equal(mpr_allowance_parse("1MiB", &allowance), 0);
    assert_false(allowance.percent);
    assert_int_equal(allowance.bytes, 1 << 20);
}

static int exceeding(const char *text, int was, int is, int64_t peak, struct mpr_buf *out)
{
    const int was_bytes[] = {-1, was, 10}, is_bytes[] = {-1, is, 10};
    struct mpr_profile *before = made_tracked(), *after = made_tracked();
    struct mpr_allowance allowance;
    struct mpr_error err = {""};
    made_lines(before, "work", 1, work, was_bytes);
    made_lines(after, "work", 1, work, is_bytes);
    after->process[0].heap.all.peak += peak;
    struct mpr_comparison *comparison = made_comparison(before, after);
    assert_int_equal(mpr_allowance_parse(text, &allowance), 0);
    mpr_buf_init(out);
    int found = mpr_comparison_exceeds(comparison, &allowance, out, &err);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
    return found;
}

static void test_limit_names_what_grew(void **state)
{
    (void)state;
    struct mpr_buf out;
    assert_int_equal(exceeding("0", 100, 100, 0, &out), 0);
    assert_int_equal(out.len, 0);
    mpr_buf_release(&out);
    assert_int_equal(exceeding("0", 100, 90, -5, &out), 0);
    mpr_buf_release(&out);
    /* A byte more is more than nothing. */
    assert_int_equal(exceeding("0", 100, 102, 0, &out), 1);
    assert_non_null(
        strstr(out.data, "orders.py:2 in work: what it holds at the peak grew by 2 bytes"));
    mpr_buf_release(&out);
    assert_int_equal(exceeding("2", 100, 102, 2, &out), 0);
    mpr_buf_release(&out);
    assert_int_equal(exceeding("1", 100, 102, 2, &out), 2);
    assert_non_null(strstr(out.data, "the heap's peak grew by 2 bytes"));
    mpr_buf_release(&out);
    /* A tenth of the peak, which is 10 MiB. */
    assert_int_equal(exceeding("10%", 0, 1 << 20, 1 << 20, &out), 0);
    mpr_buf_release(&out);
    assert_int_equal(exceeding("10%", 0, (1 << 20) + 8, 1 << 20, &out), 1);
    mpr_buf_release(&out);
}

static void test_limit_needs_the_heap(void **state)
{
    (void)state;
    struct mpr_profile *before = made_tracked(), *after = made_orders();
    struct mpr_comparison *comparison = made_comparison(before, after);
    struct mpr_allowance allowance = {.given = true};
    struct mpr_error err = {""};
    struct mpr_buf out;
    mpr_buf_init(&out);
    assert_int_equal(mpr_comparison_exceeds(comparison, &allowance, &out, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "--fail-above"));
    mpr_buf_release(&out);
    mpr_comparison_free(comparison);
    mpr_profile_free(before);
    mpr_profile_free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowance_is_a_size_or_a_share),
        cmocka_unit_test(test_limit_names_what_grew),
        cmocka_unit_test(test_limit_needs_the_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
