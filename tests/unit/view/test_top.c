/* SPDX-License-Identifier: MIT */
/* The lists of sites, and the worst line of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

/* Of a line in both domains, of another, and of what was there before the program. */
static struct mpr_profile *made_sites(void)
{
    struct mpr_profile *profile = made_profile();
    profile->process[0].heap.tracked = true;
    made_site(profile, "/a.py", "f", 4, MADE_MIB(9), MADE_MIB(5), MADE_MIB(1));
    made_site(profile, "/a.py", "f", 4, MADE_MIB(3), MADE_MIB(2), MADE_MIB(2));
    made_site(profile, "/a.py", "g", 7, MADE_MIB(4), MADE_MIB(4), MADE_MIB(4));
    made_site(profile, NULL, "<startup>", 0, MADE_MIB(20), MADE_MIB(14), MADE_MIB(13));
    made_site(profile, "/a.py", "h", 9, 10, 10, 10);
    profile->sites[1].domain = MPR_DOMAIN_NATIVE;
    return profile;
}

static void assert_top(const struct mpr_view *view, enum mpr_top top, const char *functions)
{
    assert_int_equal(view->top[top].count, strlen(functions));
    for (size_t i = 0; i < view->top[top].count; i++)
        assert_int_equal(view->top[top].site[i]->function[0], functions[i]);
}

/* What was there before counts only for the peak; what is too small to show for none. */
static void test_top_lists_are_by_size(void **state)
{
    struct mpr_view_options options = {.top = 10};
    (void)state;
    struct mpr_profile *profile = made_sites();
    struct mpr_view *view = made_view(profile, &options);
    assert_top(view, MPR_TOP_PEAK, "<fgf");
    assert_top(view, MPR_TOP_END, "gff");
    assert_top(view, MPR_TOP_ALLOCATED, "fgf");
    mpr_view_free(view);
    options.top = 2;
    view = made_view(profile, &options);
    assert_top(view, MPR_TOP_PEAK, "<f");
    assert_top(view, MPR_TOP_END, "gf");
    mpr_view_free(view);
    options.top = 0;
    view = made_view(profile, &options);
    assert_top(view, MPR_TOP_PEAK, "");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* A short list leaves out what is nothing beside the rest, a long one does not. */
static void test_top_short_lists_are_of_what_matters(void **state)
{
    struct mpr_view_options options = {.top = 5, .unit = MPR_UNIT_B};
    (void)state;
    struct mpr_profile *profile = made_sites();
    struct mpr_view *view = made_view(profile, &options);
    assert_top(view, MPR_TOP_ALLOCATED, "fgf");
    mpr_view_free(view);
    options.top = 6;
    view = made_view(profile, &options);
    assert_top(view, MPR_TOP_ALLOCATED, "fgfh");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* The line that holds most, however many sites share that. */
static void test_top_worst(void **state)
{
    const struct mpr_view_options options = {.top = 0};
    struct mpr_view_worst worst;
    (void)state;
    struct mpr_profile *profile = made_sites();
    struct mpr_view *view = made_view(profile, &options);
    assert_true(mpr_view_worst(view, MPR_TOP_PEAK, &worst));
    assert_string_equal(worst.site->function, "f");
    assert_int_equal(worst.bytes, MADE_MIB(7));
    assert_true(mpr_view_worst(view, MPR_TOP_END, &worst));
    assert_string_equal(worst.site->function, "g");
    assert_int_equal(worst.bytes, MADE_MIB(4));
    profile->sites[2].live_at_peak = MADE_MIB(6); /* the largest site, on the smaller line */
    assert_true(mpr_view_worst(view, MPR_TOP_PEAK, &worst));
    assert_string_equal(worst.site->function, "f");
    assert_int_equal(worst.bytes, MADE_MIB(7));
    profile->sites[0].before = true;
    assert_true(mpr_view_worst(view, MPR_TOP_PEAK, &worst));
    assert_string_equal(worst.site->function, "g");
    profile->sites[0].before = false;
    mpr_view_free(view);
    profile->sites[0].live_at_peak = profile->sites[1].live_at_peak = INT64_MAX;
    view = made_view(profile, &options);
    assert_true(mpr_view_worst(view, MPR_TOP_PEAK, &worst));
    assert_int_equal(worst.bytes, INT64_MAX);
    mpr_view_free(view);
    mpr_profile_free(profile);
    profile = made_profile();
    view = made_view(profile, &options);
    assert_false(mpr_view_worst(view, MPR_TOP_PEAK, &worst));
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_top_lists_are_by_size),
        cmocka_unit_test(test_top_short_lists_are_of_what_matters),
        cmocka_unit_test(test_top_worst),
    };
    return cmocka_run_group_tests_name("top", tests, NULL, NULL);
}
