/* SPDX-License-Identifier: MIT */
/* Functions without a table and lists of sites in Markdown. */
#include "made_markdown.h"

#define ORDERS "/home/ann/shop/orders.py"

static const char *functions(void)
{
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_functions(&markdown);
    return drawn.data;
}

static const char *sites(void)
{
    struct mpr_markdown markdown = made_markdown();
    mpr_markdown_sites(&markdown);
    return drawn.data;
}

static void test_markdown_lists_functions_without_a_table(void **state)
{
    static const char *const lines[] = {"x", NULL};
    (void)state;
    struct mpr_profile *made = made_profile();
    make_text(made);
    assert_string_equal(functions(), "");
    free_text();
    made = made_profile();
    for (uint32_t i = 0; i < 25; i++)
        made_function(made, ORDERS, "never_|`", 1 + i, lines);
    for (uint32_t i = 0; i < 4; i++)
        made_small_function(made, ORDERS, "<quiet>", 100 + i * 10, 0);
    make_text(made);
    const char *got = functions();
    assert_begins(got, "\nWithout a change that shows: `<quiet>` (`orders.py:100`), `<quiet>` (`");
    assert_holds(
        got, "(`orders.py:130`)\n\nMatched, never called: `` never_|` `` (`orders.py:1`), ");
    assert_ends(got, "(`orders.py:20`) and 5 more\n");
}

static void test_markdown_lists_sites(void **state)
{
    (void)state;
    shown.top = 5;
    struct mpr_profile *made = made_orders_heap();
    made_site(made, "/x|y.py", "a|b", 3, MADE_MIB(30), MADE_MIB(20), 0);
    make_text(made);
    const char *got = sites();
    assert_begins(got, "\n**Held at the heap's peak**\n\n| MiB | | |\n| --: | --: | :-- |\n"
                       "| 88.0 | 82% | `load.<listcomp>` `orders.py:8` |\n"
                       "| 20.0 | 19% | `a\\|b` `/x\\|y.py:3` |\n"
                       "| 14.0 | 13% | `<startup>` |\n\n**Still live at the end**\n");
    assert_holds(got, "| 64.0 | 1,048,576 blocks since 1.5 ms | `load` `orders.py:21` native |\n");
}

static void test_markdown_lists_sites_of_packages_and_none(void **state)
{
    (void)state;
    shown.top = 5;
    shown.fold_packages = true;
    struct mpr_profile *made = made_orders_heap();
    made->sites[2].package = "num_py";
    made->sites[2].live_at_end = 0;
    make_text(made);
    const char *got = sites();
    assert_holds(got, "\n**Still live at the end**: nothing of 0.05 MiB or more\n");
    assert_holds(got, "| 64.0 | 1,048,576 blocks | `num_py` (package) native |\n");
    free_text();
    shown.top = 0;
    make_text(made_orders_heap());
    assert_string_equal(sites(), "");
    free_text();
    shown.top = 5;
    make_text(made_orders());
    assert_string_equal(sites(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_markdown_lists_functions_without_a_table),
        TEXT_CASE(test_markdown_lists_sites),
        TEXT_CASE(test_markdown_lists_sites_of_packages_and_none),
    };
    return cmocka_run_group_tests_name("markdown_lists", tests, NULL, NULL);
}
