/* SPDX-License-Identifier: MIT */
/* A function's table in Markdown: as many cells a line as heads, the view's lines and columns. */
#include "made_markdown.h"

#define ORDERS "/home/ann/shop/orders.py"

static const char *table(size_t function)
{
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_table(&markdown, function);
    assert_false(drawn.failed);
    return drawn.data;
}

/* Bars that a table takes for the ends of cells. */
static size_t bars(const char *line, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    return count;
}

static void assert_whole(const char *drawn_table, size_t columns)
{
    size_t lines = 0;
    for (const char *line = drawn_table; *line; line += strcspn(line, "\n") + 1) {
        if (*line != '|')
            continue;
        assert_int_equal(bars(line, strcspn(line, "\n")), columns + 1);
        lines++;
    }
    assert_true(lines > 3);
}

static void test_markdown_table_has_its_cells_at_every_width(void **state)
{
    (void)state;
    for (how.width = 0; how.width < 200; how.width += 9) {
        make_text(made_orders_heap());
        profile->functions[0].rows[18].ended_here = true;
        assert_whole(table(0), text.plan.count);
        free_text();
    }
    make_text(made_orders());
}

static void test_markdown_table_of_chosen_columns(void **state)
{
    (void)state;
    shown.columns = "line,heap";
    make_text(made_orders_heap());
    profile->functions[0].rows[19].ended_here = true;
    const char *got = table(0);
    assert_begins(got, "\n### `load`\n\n`orders.py:4`, 1 call, 268 ms\n\n"
                       "| Line | +Heap |\n| --: | --: |\n| 4 |  |\n| 5 |  |\n| 6 | · |\n");
    assert_holds(got, "| 8 | **+72.4** |\n");
    assert_ends(got,
        "| 23 |  **◀ ended here** |\n| *net, 1 call, before its locals are freed* | +70.5 |\n");
    free_text();
    shown.columns = "heap";
    make_text(made_orders_heap());
    assert_ends(table(0), "|  |\n"); /* no room for a label, no sum */
}

static void test_markdown_table_folds_as_the_view_does(void **state)
{
    static const char *const lines[] = {"def f():", "    def g():", "        |", "        |",
        "    `", "", "", "", "    last", NULL};
    (void)state;
    struct mpr_profile *made = made_profile();
    struct mpr_profile_function *f = made_function(made, ORDERS, "f", 1, lines);
    made_row(f, 2, 1, MADE_MIB(9), 0, 100);
    made_row(f, 9, 1, MADE_MIB(9), MADE_MIB(1), 100);
    made_entry(f, 1, MADE_MIB(9));
    f = made_function(
        made, ORDERS, "f.<locals>.g", 2, (const char *const[]){lines[1], "x|", "x", NULL});
    made_row(f, 3, 1, MADE_MIB(9), 0, 100);
    made_entry(f, 1, MADE_MIB(9));
    shown.columns = "line,source";
    make_text(made);
    assert_ends(table(0), "| 1 | `def f():` |\n| 2 | `    def g():` |\n|  | `        ...` |\n| ⋮ | "
                          " |\n| 9 | `    last` |\n");
    assert_ends(table(1), "| 2 | `    def g():` |\n| 3 | `x\\|` |\n| 4 | `x` |\n");
}

static void test_markdown_table_without_source(void **state)
{
    static const char *const lines[] = {"", "", NULL};
    (void)state;
    struct mpr_profile *made = made_profile();
    struct mpr_profile_function *f = made_function(made, "<stdin>", "f", 1, lines);
    made_row(f, 2, 1, MADE_MIB(9), MADE_MIB(2), 100);
    made_entry(f, 1, MADE_MIB(9));
    f->rows[0].source = f->rows[1].source = NULL;
    f->freed_on_return = MADE_MIB(1);
    f->source_problem = made_text("it came from @input");
    make_text(made);
    const char *got = table(0);
    assert_holds(got, "| 2 | 1 | 9.0 | **+2.0** | 9.0 |  |\n");
    assert_ends(got, "\nNo source: it came from `@input`\n");
}

static void test_markdown_table_of_what_was_freed(void **state)
{
    (void)state;
    shown.columns = "line,heap,source";
    struct mpr_profile *made = made_orders_heap();
    made->functions[0].freed_on_return = MADE_MIB(70.5);
    make_text(made);
    assert_ends(table(0), "|  | +70.5 | *net, 1 call, before its locals are freed* |\n"
                          "|  | −70.5 | *freed on return* |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_markdown_table_has_its_cells_at_every_width),
        TEXT_CASE(test_markdown_table_of_chosen_columns),
        TEXT_CASE(test_markdown_table_folds_as_the_view_does),
        TEXT_CASE(test_markdown_table_without_source),
        TEXT_CASE(test_markdown_table_of_what_was_freed),
    };
    return cmocka_run_group_tests_name("markdown_table", tests, NULL, NULL);
}
