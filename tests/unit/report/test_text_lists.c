/* SPDX-License-Identifier: MIT */
/* Functions without a table. */
#include "made_text.h"

/* Many small functions; those of `calls` 0 were never called. */
static struct mpr_profile *made_functions(size_t count, int64_t change, bool called)
{
    struct mpr_profile *made = made_profile();
    for (size_t i = 0; i < count; i++) {
        struct mpr_profile_function *f =
            made_small_function(made, "/home/ann/shop/orders.py", "f", 1, change);
        made_move(f, (uint32_t)i * 10);
        made_select(f, "f");
        if (called)
            continue;
        f->calls = 0;
        f->rows[1].measured = false;
        f->rows[1].hits = 0;
    }
    return made;
}

static void test_text_lists_nothing_to_list(void **state)
{
    (void)state;
    make_text(made_functions(3, MADE_MIB(1), true));
    assert_drawn(mpr_text_cut, "");
    assert_drawn(mpr_text_quiet, "");
    assert_drawn(mpr_text_never, "");
}

static void test_text_lists_tables_that_were_cut(void **state)
{
    (void)state;
    make_text(made_functions(201, MADE_MIB(1), true));
    assert_drawn(
        mpr_text_cut, "\nand 1 more function with smaller changes: -o FILE --format json has it\n");
    view->listed[MPR_LISTING_CUT] = 1234567;
    view->rss_off = view->heap_off = true;
    assert_drawn(mpr_text_cut,
        "\nand 1,234,567 more functions with smaller times: -o FILE --format json has them\n");
}

static void test_text_lists_quiet_functions(void **state)
{
    (void)state;
    struct mpr_profile *made = made_functions(12, 0, true);
    free(made->functions[1].qualname);
    made->functions[1].qualname = made_text("Shop.load.<locals>.inner");
    free(made->functions[2].file);
    made->functions[2].file =
        made_text("/usr/local/lib/python3.11/site-packages/pandas/core/generic/frame.py");
    make_text(made);
    view->small_folded = false;
    const char *list = draw(mpr_text_quiet);
    assert_begins(list, "\nNo change in RSS:\n"
                        "  f                orders.py:1  1 call  1 µs\n"
                        "  Shop.load.inner  orders.py:11  1 call  1 µs\n");
    assert_holds(list, "\n  f                …/pandas/core/generic/frame.py:21  1 call  1 µs\n");
    view->small_folded = true;
    assert_begins(draw(mpr_text_quiet), "\nNo change in RSS (under 0.05 MiB in every line):\n");
    view->small_folded = view->heap_off = false;
    assert_begins(draw(mpr_text_quiet), "\nNo change in RSS or heap:\n");
    view->rss_off = true;
    assert_begins(draw(mpr_text_quiet), "\nNo change in heap:\n");
    view->heap_off = true;
    assert_begins(draw(mpr_text_quiet), "\nToo short to matter:\n");
}

/* Twelve functions that a pattern named, of which one changed by more than is shown. */
static void test_text_lists_what_cannot_be_seen(void **state)
{
    (void)state;
    struct mpr_profile *made = made_functions(12, 50000, true);
    made->functions[0].rows[1].rss_delta = MADE_MIB(1);
    make_text(made);
    const char *list = draw(mpr_text_quiet);
    assert_holds(list, "No change in RSS (under 0.05 MiB in every line):");
    assert_holds(list, "\n  f  orders.py:11  1 call");
    assert_null(strstr(list, "orders.py:1  "));
    /* With two fewer each has its table. */
    mpr_view_free(view);
    profile->function_count -= 2;
    view = made_view(profile, &shown);
    text.view = view;
    assert_drawn(mpr_text_quiet, "");
    profile->function_count += 2;
}

static void test_text_lists_no_more_than_anybody_reads(void **state)
{
    (void)state;
    make_text(made_functions(1203, 0, true));
    const char *list = draw(mpr_text_quiet);
    size_t lines = 0;
    for (const char *at = list; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 2 + 200 + 1);
    assert_ends(list, "\n  and 1,003 more; --all-lines shows them\n");
    free_text();
    make_text(made_functions(22, 0, false));
    list = draw(mpr_text_never);
    assert_begins(list, "\nMatched, never called: f (orders.py:1), f (orders.py:11),");
    assert_ends(list, "(orders.py:191) and 2 more\n");
}

static void test_text_lists_shortens_paths_of_the_never_called(void **state)
{
    (void)state;
    struct mpr_profile *made = made_functions(1, 0, false);
    free(made->functions[0].file);
    made->functions[0].file =
        made_text("/usr/local/lib/python3.11/site-packages/pandas/core/frame.py");
    make_text(made);
    assert_drawn(
        mpr_text_never, "\nMatched, never called: f (…/site-packages/pandas/core/frame.py:1)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_lists_nothing_to_list),
        TEXT_CASE(test_text_lists_tables_that_were_cut),
        TEXT_CASE(test_text_lists_quiet_functions),
        TEXT_CASE(test_text_lists_what_cannot_be_seen),
        TEXT_CASE(test_text_lists_no_more_than_anybody_reads),
        TEXT_CASE(test_text_lists_shortens_paths_of_the_never_called),
    };
    return cmocka_run_group_tests_name("text_lists", tests, NULL, NULL);
}
