/* SPDX-License-Identifier: MIT */
/* The order of functions. The model keeps its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

/* In the order of their first start: a of one file, b and c of another, d that was never called. */
static struct mpr_profile *made_four(const char *selected_by)
{
    static const char *const lines[] = {"def d():", NULL};
    struct mpr_profile *profile = made_profile();
    made_small_function(profile, "/z.py", "a", 30, MADE_MIB(1))->heap_delta = MADE_MIB(2);
    made_small_function(profile, "/a.py", "b", 20, -MADE_MIB(9))->heap_delta = MADE_MIB(1);
    made_small_function(profile, "/z.py", "c", 10, MADE_MIB(5))->heap_delta = -MADE_MIB(3);
    made_function(profile, "/z.py", "d", 1, lines)->rss_delta = MADE_MIB(99);
    profile->functions[0].rows[1].live_at_peak = 10;
    profile->functions[1].rows[1].live_at_peak = 30;
    profile->functions[2].rows[1].live_at_peak = 20;
    profile->functions[1].time_ns = 5;
    profile->functions[2].time_ns = 6;
    for (size_t i = 0; i < profile->function_count; i++)
        made_select(&profile->functions[i], selected_by);
    return profile;
}

/* Frees the profile. "acb": their names in order. */
static void assert_order(struct mpr_profile *profile, enum mpr_sort sort, const char *names)
{
    const struct mpr_view_options options = {.sort = sort};
    struct mpr_view *view = made_view(profile, &options);
    assert_int_equal(view->function_count, strlen(names));
    for (size_t i = 0; i < view->function_count; i++) {
        assert_int_equal(view->functions[i].function->name[0], names[i]);
        assert_ptr_equal(
            view->functions[i].function, &profile->functions[view->functions[i].index]);
        assert_int_equal(profile->functions[i].name[0], "abcd"[i]);
    }
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_order_by_each_figure(void **state)
{
    (void)state;
    assert_order(made_four("load"), MPR_SORT_RSS, "bcad");
    assert_order(made_four("load"), MPR_SORT_HEAP, "cabd");
    assert_order(made_four("load"), MPR_SORT_PEAK, "bcad");
    assert_order(made_four("load"), MPR_SORT_TIME, "acbd");
}

/* Files as they first appear, not by name. */
static void test_order_by_source(void **state)
{
    (void)state;
    assert_order(made_four("load"), MPR_SORT_SOURCE, "dcab");
}

/* What was named stands as in the source; what was not, by size. */
static void test_order_by_itself(void **state)
{
    (void)state;
    assert_order(made_four("load"), MPR_SORT_AUTO, "dcab");
    assert_order(made_four("default"), MPR_SORT_AUTO, "bcad");
    struct mpr_profile *profile = made_four("default");
    profile->process[0].heap.tracked = true;
    assert_order(profile, MPR_SORT_AUTO, "cabd");
    profile = made_four("default");
    profile->process[0].rss_resolution = MPR_UNKNOWN;
    assert_order(profile, MPR_SORT_AUTO, "acbd");
}

static void test_order_keeps_equal_ones(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_four("load");
    for (size_t i = 0; i < 3; i++)
        profile->functions[i].rss_delta = i == 1 ? -7 : 7;
    assert_order(profile, MPR_SORT_RSS, "abcd");
}

static void test_order_of_nothing(void **state)
{
    (void)state;
    assert_order(made_profile(), MPR_SORT_AUTO, "");
}

static void test_order_names(void **state)
{
    (void)state;
    enum mpr_sort sort = MPR_SORT_AUTO;
    assert_int_equal(mpr_sort_parse("time", &sort), 0);
    assert_int_equal(sort, MPR_SORT_TIME);
    assert_int_equal(mpr_sort_parse("heap", &sort), 0);
    assert_int_equal(sort, MPR_SORT_HEAP);
    assert_int_equal(mpr_sort_parse("size", &sort), MPR_ERR_INVALID);
    assert_null(mpr_sort_name(MPR_SORTS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_by_each_figure),
        cmocka_unit_test(test_order_by_source),
        cmocka_unit_test(test_order_by_itself),
        cmocka_unit_test(test_order_keeps_equal_ones),
        cmocka_unit_test(test_order_of_nothing),
        cmocka_unit_test(test_order_names),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
