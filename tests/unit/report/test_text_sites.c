/* SPDX-License-Identifier: MIT */
/* The lines that allocate most. */
#include "made_text.h"

static void test_text_sites_three_lists(void **state)
{
    (void)state;
    shown.top = 5;
    make_text(made_orders_heap());
    assert_drawn(mpr_text_sites,
        "\nHeld at the heap's peak   MiB\n"
        "    88.0  82%  load.<listcomp>  orders.py:8\n"
        "    14.0  13%  <startup>\n"
        "\nStill live at the end   MiB\n"
        "    64.0  1,048,576 blocks since 1.5 ms  load  orders.py:21  native\n"
        "\nMost allocated   MiB\n"
        "   100.0  1,638,400 blocks  load.<listcomp>  orders.py:8\n"
        "    64.0  1,048,576 blocks  load  orders.py:21  native\n");
}

static void test_text_sites_that_nobody_asked_for(void **state)
{
    (void)state;
    make_text(made_orders_heap());
    assert_drawn(mpr_text_sites, "");
    free_text();
    shown.top = 5;
    make_text(made_orders());
    assert_drawn(mpr_text_sites, "");
}

static void test_text_sites_a_package_and_one_block(void **state)
{
    (void)state;
    shown.top = 1;
    shown.fold_packages = true;
    struct mpr_profile *made = made_orders_heap();
    struct mpr_profile_site *site = &made->sites[0];
    site->package = made->places[site->place].package = made_text("json");
    site->live_at_peak = site->live_at_end = site->allocated = MADE_MIB(500);
    site->blocks_at_end = site->allocations = 1;
    site->birth_ns = MPR_UNKNOWN;
    made->process[0].heap.all.peak = MADE_MIB(499);
    make_text(made);
    assert_drawn(mpr_text_sites,
        "\nHeld at the heap's peak   MiB\n   500.0  100%  json  (package)\n"
        "\nStill live at the end   MiB\n   500.0  1 block  json  (package)\n"
        "\nMost allocated   MiB\n   500.0  1 block  json  (package)\n");
}

/* A list in which nothing is large enough says so, and that fits as well. */
static void test_text_sites_an_empty_list_keeps_to_the_width(void **state)
{
    (void)state;
    shown.top = 5;
    how.width = 40;
    struct mpr_profile *made = made_orders_heap();
    for (size_t i = 0; i < made->site_count; i++)
        made->sites[i].live_at_end = 0;
    make_text(made);
    const char *list = strstr(draw(mpr_text_sites), "Still live at the end: nothing of");
    assert_non_null(list);
    assert_true(strcspn(list, "\n") <= how.width);
    assert_holds(list, "\n  ");
}

/* However narrow: which line it is stands there. */
static void test_text_sites_keep_their_line(void **state)
{
    (void)state;
    shown.top = 5;
    for (how.width = 1; how.width <= 100; how.width++) {
        make_text(made_orders_heap());
        const char *list = strstr(draw(mpr_text_sites), "Most allocated");
        assert_non_null(list);
        assert_holds(list, ":8\n");
        assert_holds(list, ":21  native\n");
        if (how.width < 100)
            free_text();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_sites_three_lists),
        TEXT_CASE(test_text_sites_that_nobody_asked_for),
        TEXT_CASE(test_text_sites_a_package_and_one_block),
        TEXT_CASE(test_text_sites_an_empty_list_keeps_to_the_width),
        TEXT_CASE(test_text_sites_keep_their_line),
    };
    return cmocka_run_group_tests_name("text_sites", tests, NULL, NULL);
}
