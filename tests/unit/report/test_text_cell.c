/* SPDX-License-Identifier: MIT */
/* Values as the text of a cell. */
#include "made_text.h"

static void assert_cell(const char *name, int64_t value, const char *expected)
{
    char cell[MPR_NUMBER_MAX];
    mpr_text_cell(&text, column_named(name), value, true, cell);
    assert_string_equal(cell, expected);
}

static void assert_size(int64_t value, const char *expected)
{
    char size[MPR_NUMBER_MAX];
    mpr_text_size(&text, value, size);
    assert_string_equal(size, expected);
}

static void test_text_cell_of_each_kind(void **state)
{
    (void)state;
    make_text(made_orders_heap());
    assert_cell("rss", 0, "");
    assert_cell("rss", MPR_UNKNOWN, "?");
    assert_cell("rss_delta", 4095, "~");
    assert_cell("rss_delta", 4096, "·");
    assert_cell("rss_delta", MADE_MIB(84.2), "+84.2");
    assert_cell("rss_delta", -MADE_MIB(5.3), "−5.3");
    assert_cell("live_at_peak", MADE_MIB(88), "82%");
    assert_cell("hits", 0, "·");
    assert_cell("hits", 200001, "200,001");
    assert_cell("allocations", -1, "−1");
    assert_cell("spike", INT64_MIN + 1, "−8,796,093,022,208.0");
}

static void test_text_cell_in_ascii(void **state)
{
    (void)state;
    how.unicode = false;
    make_text(made_orders_heap());
    assert_cell("rss_delta", -MADE_MIB(5.3), "-5.3");
    assert_cell("rss_delta", 4096, ".");
}

/* Outside of tables nothing is 0, and a debt is one. */
static void test_text_cell_sizes_outside_of_tables(void **state)
{
    (void)state;
    make_text(made_orders_heap());
    assert_size(0, "0.0");
    assert_size(1, "·");
    assert_size(-1, "·");
    assert_size(MADE_MIB(1.25), "1.3");
    assert_size(-MADE_MIB(2), "−2.0");
    assert_size(INT64_MAX, "8,796,093,022,208.0");
    assert_size(INT64_MIN, "−8,796,093,022,208.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_cell_of_each_kind),
        TEXT_CASE(test_text_cell_in_ascii),
        TEXT_CASE(test_text_cell_sizes_outside_of_tables),
    };
    return cmocka_run_group_tests_name("text_cell", tests, NULL, NULL);
}
