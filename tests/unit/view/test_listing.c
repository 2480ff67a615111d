/* SPDX-License-Identifier: MIT */
/* Which functions get a table. */
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

#define FILE_NAME "/home/ann/shop/orders.py"

/* So many functions, each with that change. */
static void made_many(
    struct mpr_profile *profile, size_t count, int64_t change, const char *selected_by)
{
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%zu", profile->function_count);
        uint32_t line = 10 * (uint32_t)profile->function_count + 1;
        made_select(made_small_function(profile, FILE_NAME, name, line, change), selected_by);
    }
}

struct expected {
    size_t tables, quiet, never, cut;
};

/* Frees the profile. */
static void assert_listed(
    struct mpr_profile *profile, const struct mpr_view_options *options, struct expected expected)
{
    size_t found[MPR_LISTINGS] = {0};
    struct mpr_view *view = made_view(profile, options);
    for (size_t i = 0; i < view->function_count; i++)
        found[view->functions[i].listing]++;
    assert_int_equal(found[MPR_LISTING_TABLE], expected.tables);
    assert_int_equal(found[MPR_LISTING_QUIET], expected.quiet);
    assert_int_equal(found[MPR_LISTING_NEVER], expected.never);
    assert_int_equal(found[MPR_LISTING_CUT], expected.cut);
    for (size_t i = 0; i < MPR_LISTINGS; i++)
        assert_int_equal(view->listed[i], found[i]);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static const struct mpr_view_options plain = {.unit = MPR_UNIT_AUTO};
static const struct mpr_view_options unfolded = {.all_lines = true};

static void test_listing_shows_a_few_whatever_they_did(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_many(profile, 3, 0, "default");
    assert_listed(profile, &plain, (struct expected){.tables = 3});
}

static void test_listing_folds_what_did_nothing(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_many(profile, 3, 0, "default");
    made_many(profile, 1, MADE_MIB(3), "default");
    assert_listed(profile, &plain, (struct expected){.tables = 1, .quiet = 3});
    profile = made_profile();
    made_many(profile, 4, 0, "default");
    assert_listed(profile, &unfolded, (struct expected){.tables = 4});
    profile = made_profile();
    made_many(profile, 10, 0, "load"); /* named: somebody wants to see them */
    assert_listed(profile, &plain, (struct expected){.tables = 10});
    profile = made_profile();
    made_many(profile, 11, 0, "load");
    assert_listed(profile, &plain, (struct expected){.quiet = 11});
}

/* A page of heap is a change, less is none. */
static void test_listing_sees_the_heap(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].heap.tracked = true;
    made_many(profile, 4, 0, "default");
    made_row_heap(&profile->functions[0], 2, 4096, 0, 0, 0);
    made_row_heap(&profile->functions[1], 12, 4095, 0, 4095, 0);
    made_row_heap(&profile->functions[2], 22, 0, 0, 4096, 0);
    assert_listed(profile, &plain, (struct expected){.tables = 2, .quiet = 2});
}

/* With many, less than half of the last digit is no change either. */
static void test_listing_folds_what_does_not_show(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_many(profile, 10, 4096, "default");
    made_many(profile, 1, MADE_MIB(30), "default");
    struct mpr_view *view = made_view(profile, &plain);
    assert_true(view->small_folded);
    mpr_view_free(view);
    assert_listed(profile, &plain, (struct expected){.tables = 1, .quiet = 10});
}

/* The heaviest keep their tables, and so does the one with the peak, and one that was open. */
static void test_listing_cuts_the_lightest(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_many(profile, 150, MADE_MIB(5), "default");
    made_many(profile, 60, MADE_MIB(2), "default");
    profile->functions[207].rows[1].ended_here = true;
    profile->process[0].peak_function = 208;
    profile->process[0].peak_line = 2082;
    struct mpr_view *view = made_view(profile, &plain);
    for (size_t i = 0; i < view->function_count; i++) {
        bool heavy = view->functions[i].index < 150 || view->functions[i].index == 207 ||
                     view->functions[i].index == 208;
        if (heavy)
            assert_int_equal(view->functions[i].listing, MPR_LISTING_TABLE);
    }
    mpr_view_free(view);
    assert_listed(profile, &plain, (struct expected){.tables = 200, .cut = 10});
}

static void test_listing_knows_what_never_ran(void **state)
{
    static const char *const lines[] = {"def g():", "    pass", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, FILE_NAME, "never", 1, lines);
    made_function(profile, FILE_NAME, "entered", 5, lines)->calls = 1;
    struct mpr_view *view = made_view(profile, &plain);
    assert_int_equal(view->ran, 1);
    assert_false(view->functions[0].measured);
    assert_false(view->functions[1].measured);
    mpr_view_free(view);
    assert_listed(profile, &plain, (struct expected){.tables = 1, .never = 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listing_shows_a_few_whatever_they_did),
        cmocka_unit_test(test_listing_folds_what_did_nothing),
        cmocka_unit_test(test_listing_sees_the_heap),
        cmocka_unit_test(test_listing_folds_what_does_not_show),
        cmocka_unit_test(test_listing_cuts_the_lightest),
        cmocka_unit_test(test_listing_knows_what_never_ran),
    };
    return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
