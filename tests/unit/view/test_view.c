/* SPDX-License-Identifier: MIT */
/* A view from its options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

static void test_view_of_what_was_measured(void **state)
{
    struct mpr_view_options options = {.top = 3, .all_lines = true};
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_view *view = made_view(profile, &options);
    assert_ptr_equal(view->profile, profile);
    assert_ptr_equal(view->process, &profile->process[0]);
    assert_false(view->rss_off || view->heap_off);
    assert_true(view->all_lines);
    assert_int_equal(view->top_wanted, 3);
    assert_int_equal(view->function_count, 1);
    assert_int_equal(view->listed[MPR_LISTING_TABLE], 1);
    assert_int_equal(view->site_count, 3);
    mpr_view_free(view);
    profile->process[0].heap.tracked = false;
    profile->process[0].rss_resolution = MPR_UNKNOWN;
    view = made_view(profile, &(struct mpr_view_options){.top = 0});
    assert_true(view->rss_off && view->heap_off);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* Nothing is made of it, and nothing is left of it. */
static void test_view_of_an_unknown_column(void **state)
{
    const struct mpr_view_options options = {.columns = "+hope"};
    struct mpr_view *view = (void *)&options;
    struct mpr_error err = {""};
    (void)state;
    struct mpr_profile *profile = made_orders();
    assert_int_equal(mpr_view_new(profile, &options, &view, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "hope"));
    assert_ptr_equal(view, (const void *)&options);
    mpr_profile_free(profile);
}

static void test_view_of_nothing(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_view *view = made_view(profile, &(struct mpr_view_options){.top = 5});
    assert_int_equal(view->function_count, 0);
    assert_int_equal(view->site_count, 0);
    assert_int_equal(view->ran, 0);
    mpr_view_free(view);
    mpr_view_free(NULL);
    mpr_profile_free(profile);
}

/* The model is read, never changed: two views of one may differ. */
static void test_view_leaves_the_model_as_it_is(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_small_function(profile, "/b.py", "late", 50, MADE_MIB(9));
    made_small_function(profile, "/a.py", "early", 1, MADE_MIB(1));
    struct mpr_view *by_source =
        made_view(profile, &(struct mpr_view_options){.sort = MPR_SORT_SOURCE});
    struct mpr_view *by_rss =
        made_view(profile, &(struct mpr_view_options){.sort = MPR_SORT_RSS, .unit = MPR_UNIT_B});
    assert_string_equal(by_rss->functions[0].function->name, "late");
    assert_string_equal(by_source->size.label, "MiB");
    assert_string_equal(by_rss->size.label, "bytes");
    assert_string_equal(profile->functions[0].name, "late");
    for (size_t i = 0; i < 2; i++)
        assert_ptr_equal(
            by_rss->functions[i].function, &profile->functions[by_rss->functions[i].index]);
    mpr_view_free(by_rss);
    mpr_view_free(by_source);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_of_what_was_measured),
        cmocka_unit_test(test_view_of_an_unknown_column),
        cmocka_unit_test(test_view_of_nothing),
        cmocka_unit_test(test_view_leaves_the_model_as_it_is),
    };
    return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
