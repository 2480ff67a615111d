/* SPDX-License-Identifier: MIT */
/* The table of columns, and --columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mprun/column.h"

static enum mpr_choice choice[MPR_COLUMNS_MAX];

static size_t column(const char *name)
{
    for (size_t i = 0; mpr_columns[i].name; i++) {
        if (strcmp(mpr_columns[i].name, name) == 0)
            return i;
    }
    fail_msg("no column %s", name);
    return 0;
}

static void test_columns_nothing_said_is_default(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse(NULL, choice, NULL), 0);
    for (size_t i = 0; mpr_columns[i].name; i++)
        assert_int_equal(choice[i], MPR_CHOICE_DEFAULT);
}

static void test_columns_signs_add_and_remove(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse("+time,-rss_max", choice, NULL), 0);
    assert_int_equal(choice[column("time_ns")], MPR_CHOICE_ON);
    assert_int_equal(choice[column("rss_max")], MPR_CHOICE_OFF);
    assert_int_equal(choice[column("rss")], MPR_CHOICE_DEFAULT);
}

static void test_columns_a_plain_list_is_exact(void **state)
{
    (void)state;
    assert_int_equal(mpr_columns_parse("line,rss_delta,source", choice, NULL), 0);
    assert_int_equal(choice[column("line")], MPR_CHOICE_ON);
    assert_int_equal(choice[column("hits")], MPR_CHOICE_OFF);
    assert_int_equal(choice[column("source")], MPR_CHOICE_ON);
}

static void test_columns_errors_name_the_column_and_the_known_ones(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    assert_int_equal(mpr_columns_check("+hope", &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "\"hope\""));
    assert_non_null(strstr(err.message, "line, hits, rss, rss_delta, heap, allocated, freed, "));
    assert_int_equal(mpr_columns_check("+time,", &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "a name is missing"));
    assert_int_equal(mpr_columns_check("", &err), MPR_ERR_INVALID);
    assert_int_equal(
        mpr_columns_check(
            "-line,-hits,-rss,-rss_delta,-rss_max,-heap,-allocated,-freed,-allocations,"
            "-spike,-peak,-at_peak,-end,-time,-source",
            &err),
        MPR_ERR_INVALID);
}

static void test_columns_names_are_unique_and_source_is_last(void **state)
{
    (void)state;
    size_t count = 0;
    while (mpr_columns[count].name)
        count++;
    assert_true(count <= MPR_COLUMNS_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(column(mpr_columns[i].name), i);
        assert_int_equal(mpr_columns[i].cell == MPR_CELL_SOURCE, i + 1 == count);
    }
}

/* The keys of a row are part of schema 1, and so is their order to whoever compares files. */
static void test_columns_keys_of_the_json(void **state)
{
    static const char *const expected[] = {"line", "source", "hits", "rss", "rss_max", "rss_delta",
        "heap_delta", "heap_allocated", "heap_freed", "allocations", "spike", "live_at_peak",
        "live_at_end", "time_ns"};
    const struct mpr_column *keys[MPR_COLUMNS_MAX];
    (void)state;
    size_t count = mpr_columns_keys(keys);
    assert_int_equal(count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(keys[i]->name, expected[i]);
}

/* A column that stands before one that is none, or before one that does the same, would be lost. */
static void test_columns_each_has_a_key_or_says_that_it_has_none(void **state)
{
    const struct mpr_column *keys[MPR_COLUMNS_MAX];
    size_t with_key = 0;
    (void)state;
    for (size_t i = 0; mpr_columns[i].name; i++)
        with_key += !mpr_columns[i].no_key;
    assert_int_equal(mpr_columns_keys(keys), with_key);
}

static void test_columns_values_are_the_rows(void **state)
{
    (void)state;
    const struct mpr_profile_row row = {
        .line = 7, .hits = UINT64_MAX, .rss = 1, .heap_delta = -2, .time_ns = 3};
    const struct mpr_profile_function function = {
        .rss_delta = 4, .time_ns = 5, .freed_on_return = 6};
    assert_int_equal(mpr_column_value(&mpr_columns[column("line")], &row), 7);
    assert_int_equal(mpr_column_value(&mpr_columns[column("hits")], &row), INT64_MAX);
    assert_int_equal(mpr_column_value(&mpr_columns[column("rss")], &row), 1);
    assert_int_equal(mpr_column_value(&mpr_columns[column("heap_delta")], &row), -2);
    assert_int_equal(mpr_column_value(&mpr_columns[column("time_ns")], &row), 3);
    assert_int_equal(mpr_column_value(&mpr_columns[column("source")], &row), MPR_UNKNOWN);
    assert_int_equal(mpr_column_total(&mpr_columns[column("rss_delta")], &function), 4);
    assert_int_equal(mpr_column_total(&mpr_columns[column("time_ns")], &function), 5);
    assert_int_equal(mpr_column_total(&mpr_columns[column("rss")], &function), MPR_UNKNOWN);
    assert_int_equal(mpr_column_on_return(&mpr_columns[column("heap_delta")], &function), -6);
    assert_int_equal(
        mpr_column_on_return(&mpr_columns[column("rss_delta")], &function), MPR_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_nothing_said_is_default),
        cmocka_unit_test(test_columns_signs_add_and_remove),
        cmocka_unit_test(test_columns_a_plain_list_is_exact),
        cmocka_unit_test(test_columns_errors_name_the_column_and_the_known_ones),
        cmocka_unit_test(test_columns_names_are_unique_and_source_is_last),
        cmocka_unit_test(test_columns_keys_of_the_json),
        cmocka_unit_test(test_columns_each_has_a_key_or_says_that_it_has_none),
        cmocka_unit_test(test_columns_values_are_the_rows),
    };
    return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
