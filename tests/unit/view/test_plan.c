/* SPDX-License-Identifier: MIT */
/* Columns, their widths, units, and what there is to say of a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

/* Frees the profile. */
static void assert_columns(struct mpr_profile *profile, const struct mpr_view_options *options,
    size_t width, const char *expected)
{
    struct mpr_view *view = made_view(profile, options);
    struct mpr_plan plan;
    struct mpr_buf got;
    size_t columns = 0;
    mpr_buf_init(&got);
    mpr_view_plan(view, width, &plan);
    for (size_t i = 0; i < plan.count; i++) {
        mpr_buf_printf(&got, "%s%s", i ? " " : "", plan.shown[i].column->name);
        columns += plan.shown[i].column->cell == MPR_CELL_SOURCE ? 0 : plan.shown[i].width;
    }
    assert_string_equal(got.data, expected);
    assert_int_equal(plan.columns, columns);
    assert_int_equal(plan.has_source, strstr(expected, "source") != NULL);
    if (width && plan.has_source)
        assert_true(plan.columns + 2 + plan.source <= width || plan.source == 8);
    mpr_buf_release(&got);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static const struct mpr_view_options plain = {.unit = MPR_UNIT_AUTO};

static void test_plan_columns_suit_the_width(void **state)
{
    (void)state;
    assert_columns(made_orders(), &plain, 80, "line hits rss rss_delta rss_max source");
    assert_columns(made_orders(), &plain, 100, "line hits rss rss_delta rss_max time_ns source");
    assert_columns(made_orders(), &plain, 0, "line hits rss rss_delta rss_max time_ns source");
    assert_columns(made_orders(), &plain, 53, "line rss_delta source");
    assert_columns(made_orders(), &plain, 55, "line hits rss_delta source");
    assert_columns(made_orders_heap(), &plain, 80,
        "line hits rss rss_delta heap_delta spike live_at_peak source");
    assert_columns(made_orders_heap(), &plain, 0,
        "line hits rss rss_delta heap_delta spike live_at_peak at_peak live_at_end time_ns source");
}

/* What was asked for by name stays, however narrow it gets. */
static void test_plan_columns_that_were_asked_for(void **state)
{
    (void)state;
    struct mpr_view_options options = {.columns = "+hits,+rss_max,-rss"};
    assert_columns(made_orders(), &options, 50, "line hits rss_delta rss_max source");
    options.columns = "line,time";
    assert_columns(made_orders(), &options, 80, "line time_ns");
    options.columns = "line,hope";
    struct mpr_profile *profile = made_orders();
    struct mpr_view *view = NULL;
    struct mpr_error err = {""};
    assert_int_equal(mpr_view_new(profile, &options, &view, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "hope"));
    assert_null(view);
    mpr_profile_free(profile);
}

/* With neither RSS nor heap, time is all that there is. */
static void test_plan_without_memory_shows_time(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    profile->process[0].rss_resolution = MPR_UNKNOWN;
    assert_columns(profile, &plain, 50, "line time_ns source");
}

/* A width holds the widest value, its sign and the gap. */
static void test_plan_widths_hold_the_values(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    profile->functions[0].rows[4].rss_delta = MADE_MIB(1234567.8);
    profile->functions[0].rows[5].hits = 1234567890;
    struct mpr_view *view = made_view(profile, &plain);
    struct mpr_plan plan;
    mpr_view_plan(view, 0, &plan);
    assert_int_equal(plan.shown[1].width, strlen(" 1,234,567,890"));
    assert_int_equal(plan.shown[3].width, strlen(" +1,234,567.8"));
    assert_true(plan.has_sizes);
    assert_true(plan.has_times);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void assert_unit(struct mpr_profile *profile, enum mpr_unit unit, const char *label)
{
    const struct mpr_view_options options = {.unit = unit};
    struct mpr_view *view = made_view(profile, &options);
    assert_string_equal(view->size.label, label);
    mpr_view_free(view);
}

static void test_plan_units_suit_the_values(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_small_function(profile, "/a.py", "f", 1, MADE_KIB(40));
    profile->functions[0].rows[1].rss = profile->functions[0].rows[1].rss_max = MADE_MIB(9);
    profile->process[0].rss_peak = MADE_MIB(15);
    assert_unit(profile, MPR_UNIT_AUTO, "KiB");
    assert_unit(profile, MPR_UNIT_GIB, "GiB");
    profile->process[0].rss_peak = MADE_MIB(16);
    assert_unit(profile, MPR_UNIT_AUTO, "MiB");
    profile->process[0].rss_peak = MPR_UNKNOWN;
    profile->functions[0].rows[1].rss_delta = MADE_MIB(1);
    assert_unit(profile, MPR_UNIT_AUTO, "MiB");
    mpr_profile_free(profile);
}

static void assert_figure(const struct mpr_view *view, const char *name, int64_t value,
    bool measured, enum mpr_figure_kind kind, const char *text)
{
    const struct mpr_column *column = mpr_columns;
    while (strcmp(column->name, name) != 0)
        column++;
    struct mpr_figure figure = mpr_view_figure(view, column, value, measured);
    char shown[MPR_NUMBER_MAX + 1] = "";
    if (figure.sign)
        shown[0] = figure.sign;
    strcat(shown, figure.text);
    assert_int_equal(figure.kind, kind);
    if (kind == MPR_FIGURE_NUMBER)
        assert_string_equal(shown, text);
}

static void test_plan_figures_say_what_there_is_to_say(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    profile->process[0].rss_resolution = 262144;
    struct mpr_view *view = made_view(profile, &plain);
    assert_figure(view, "hits", 0, false, MPR_FIGURE_NOTHING, "");
    assert_figure(view, "hits", 0, true, MPR_FIGURE_SMALL, "");
    assert_figure(view, "hits", 1234, true, MPR_FIGURE_NUMBER, "1,234");
    assert_figure(view, "rss", MPR_UNKNOWN, true, MPR_FIGURE_UNKNOWN, "");
    assert_figure(view, "rss", MPR_UNKNOWN, false, MPR_FIGURE_NOTHING, "");
    assert_figure(view, "heap_delta", MPR_UNKNOWN, true, MPR_FIGURE_NOTHING, "");
    assert_figure(view, "rss_delta", 65536, true, MPR_FIGURE_BLURRED, "");
    assert_figure(view, "heap_delta", 65536, true, MPR_FIGURE_NUMBER, "+0.1");
    assert_figure(view, "heap_delta", 1, true, MPR_FIGURE_SMALL, "");
    assert_figure(view, "heap_delta", -MADE_MIB(3), true, MPR_FIGURE_NUMBER, "-3.0");
    assert_figure(view, "spike", MADE_MIB(3), true, MPR_FIGURE_NUMBER, "3.0");
    assert_figure(view, "spike", 0, true, MPR_FIGURE_NOTHING, "");
    assert_figure(view, "live_at_peak", MADE_MIB(53.65), true, MPR_FIGURE_NUMBER, "50%");
    assert_figure(view, "live_at_peak", 1, true, MPR_FIGURE_SMALL, "");
    assert_figure(view, "live_at_peak", -1, true, MPR_FIGURE_NOTHING, "");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_columns_suit_the_width),
        cmocka_unit_test(test_plan_columns_that_were_asked_for),
        cmocka_unit_test(test_plan_without_memory_shows_time),
        cmocka_unit_test(test_plan_widths_hold_the_values),
        cmocka_unit_test(test_plan_units_suit_the_values),
        cmocka_unit_test(test_plan_figures_say_what_there_is_to_say),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
