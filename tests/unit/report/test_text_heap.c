/* SPDX-License-Identifier: MIT */
/* The heap of the whole program, and resident memory explained. */
#include "made_text.h"

static void leave_holders(size_t count)
{
    struct mpr_profile_heap *heap = &profile->process[0].heap;
    while (heap->holder_count > count)
        free(heap->holders[--heap->holder_count].name);
}

static void test_text_heap_peak_names_who_held_it(void **state)
{
    (void)state;
    make_text(made_orders_heap());
    assert_drawn(mpr_text_heap_peak,
        "\nHeap peak 107.3 in line 8: line 8 82%, before the program 13%, line 7 5%\n");
    profile->process[0].heap.at.function = MPR_NONE;
    leave_holders(0);
    assert_drawn(mpr_text_heap_peak, "\nHeap peak 107.3\n");
    profile->process[0].heap.all.peak = 0;
    assert_drawn(mpr_text_heap_peak, "\nHeap peak 0.0\n");
    profile->process[0].heap.tracked = false;
    assert_drawn(mpr_text_heap_peak, "");
}

/* Of several functions a line says whose it is; without tables the unit stands here. */
static void test_text_heap_peak_beside_other_functions(void **state)
{
    (void)state;
    struct mpr_profile *made = made_orders_heap();
    made_small_function(made, "/home/ann/shop/a.py", "C.f", 1, 0);
    make_text(made);
    leave_holders(1);
    profile->process[0].heap.at = (struct mpr_profile_holder){1, 2, NULL, 0};
    text.plan.has_sizes = false;
    assert_drawn(
        mpr_text_heap_peak, "\nHeap peak 107.3 MiB in line 2 of C.f: line 8 of load 82%\n");
}

static void test_text_heap_explains_rss(void **state)
{
    (void)state;
    shown.top = 5;
    how.width = 0;
    make_text(made_orders_heap());
    assert_drawn(mpr_text_reconciliation,
        "RSS  85.6 = heap 78.1 (python 12.1, native 66.0) − untouched 6.0 + interpreter 9.0 "
        "+ allocator slack 4.4 + unexplained 0.1\n");
    view->top_wanted = 0;
    assert_drawn(mpr_text_reconciliation, "");
    view->top_wanted = 5;
    profile->process[0].heap.rss.valid = false;
    assert_drawn(mpr_text_reconciliation, "");
}

/* A term below nothing changes its sign; one that cannot be seen is left out. */
static void test_text_heap_terms_below_nothing(void **state)
{
    (void)state;
    shown.top = 5;
    how.width = 0;
    struct mpr_profile *made = made_orders_heap();
    made->process[0].heap.rss = (struct mpr_profile_reconciliation){.valid = true,
        .rss = MADE_MIB(2),
        .python = 1,
        .native = 0,
        .untouched = -MADE_MIB(3),
        .files = 1000,
        .shared = MADE_MIB(7),
        .slack_python = -MADE_MIB(9)};
    made->process[0].heap.unexplained = -MADE_MIB(1);
    make_text(made);
    assert_drawn(mpr_text_reconciliation,
        "RSS  2.0 = heap · (python ·, native 0.0) + untouched 3.0 + shared 7.0 "
        "− allocator slack 9.0 − unexplained 1.0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_CASE(test_text_heap_peak_names_who_held_it),
        TEXT_CASE(test_text_heap_peak_beside_other_functions),
        TEXT_CASE(test_text_heap_explains_rss),
        TEXT_CASE(test_text_heap_terms_below_nothing),
    };
    return cmocka_run_group_tests_name("text_heap", tests, NULL, NULL);
}
