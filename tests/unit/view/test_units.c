/* SPDX-License-Identifier: MIT */
/* The units in which the tables read well, and their widest values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

static const struct mpr_view_options plain = {.unit = MPR_UNIT_AUTO};

/* One function; so much RSS, changed by so much, in so much time. */
static struct mpr_profile *made(int64_t rss, int64_t change, int64_t time_ns)
{
    struct mpr_profile *profile = made_profile();
    profile->process[0].rss_peak = rss;
    struct mpr_profile_function *f = made_small_function(profile, "/a.py", "f", 1, change);
    f->rss_entry = f->rows[0].rss = f->rows[0].rss_max = rss;
    f->rows[1].rss = f->rows[1].rss_max = rss;
    f->rows[1].time_ns = f->time_ns = time_ns;
    return profile;
}

static void assert_units(struct mpr_profile *profile, const char *size, const char *time)
{
    struct mpr_view *view = made_view(profile, &plain);
    assert_string_equal(view->size.label, size);
    assert_string_equal(view->time.label, time);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* KiB only where everything is small, in which a page can be seen. */
static void test_units_of_sizes(void **state)
{
    (void)state;
    assert_units(made(MADE_MIB(16) - 1, MADE_MIB(1) - 1, 5), "KiB", "ms");
    assert_units(made(MADE_MIB(16), MADE_MIB(1) - 1, 5), "MiB", "ms");
    assert_units(made(MADE_MIB(16) - 1, MADE_MIB(1), 5), "MiB", "ms");
    assert_units(made(MADE_MIB(16) - 1, -MADE_MIB(1), 5), "MiB", "ms");
    struct mpr_profile *profile = made(MADE_MIB(1), 0, 5);
    profile->process[0].heap.all.peak = MADE_MIB(16);
    assert_units(profile, "MiB", "ms");
    profile = made(MPR_UNKNOWN, MPR_UNKNOWN, 5); /* not measured: no size at all */
    assert_units(profile, "KiB", "ms");
    assert_units(made(INT64_MAX, INT64_MIN + 1, 5), "MiB", "ms");
}

static void test_units_of_times(void **state)
{
    const int64_t second = 1000000000;
    (void)state;
    assert_units(made(1, 1, 100 * second - 1), "KiB", "ms");
    assert_units(made(1, 1, 100 * second), "KiB", "s");
    assert_units(made(1, 1, INT64_MAX), "KiB", "s");
}

static void test_units_that_were_asked_for(void **state)
{
    struct mpr_view_options options = {.unit = MPR_UNIT_GIB};
    (void)state;
    struct mpr_profile *profile = made(1, 1, 1);
    struct mpr_view *view = made_view(profile, &options);
    assert_string_equal(view->size.label, "GiB");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* Of all tables and of nothing else; what is not known widens nothing. */
static void test_units_widest_values(void **state)
{
    (void)state;
    struct mpr_profile *profile = made(MADE_MIB(20), -MADE_MIB(3), 7);
    made_small_function(profile, "/a.py", "g", 11, MADE_MIB(5));
    profile->functions[0].rows[0].rss_max = MPR_UNKNOWN;
    made_small_function(profile, "/a.py", "never", 21, MADE_MIB(900));
    profile->functions[2].calls = 0;
    profile->functions[2].rows[1].measured = false;
    profile->functions[2].rows[1].hits = 0;
    struct mpr_view *view = made_view(profile, &plain);
    assert_int_equal(view->extremes.low[column_named("rss_delta") - mpr_columns], -MADE_MIB(3));
    assert_int_equal(view->extremes.high[column_named("rss_delta") - mpr_columns], MADE_MIB(5));
    assert_int_equal(view->extremes.low[column_named("rss_max") - mpr_columns], 0);
    assert_int_equal(view->extremes.high[column_named("line") - mpr_columns], 12);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units_of_sizes),
        cmocka_unit_test(test_units_of_times),
        cmocka_unit_test(test_units_that_were_asked_for),
        cmocka_unit_test(test_units_widest_values),
    };
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
