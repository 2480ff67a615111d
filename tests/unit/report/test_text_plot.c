/* SPDX-License-Identifier: MIT */
/* The timeline drawn: against golden files, and at all widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_golden.h"
#include "made_profile.h"
#include "width.h"

static const struct made_options usual = {
    .report = {.width = 80, .unicode = true, .legend = true, .plot = true}};

/* The program of the other golden files, with the heap in its timeline and three functions that the
 * main thread was in. */
static struct mpr_profile *made_course(void)
{
    static const char *const lines[] = {"x", NULL};
    static const size_t where[] = {MPR_NONE, 1, 1, 0, 0, 0, 0, 2, 0, 0, 0, MPR_NONE, 1, 1};
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_profile_timeline *timeline = &profile->process[0].timeline;
    made_function(profile, "/home/ann/shop/orders.py", "<module>", 1, lines);
    made_function(
        profile, "/home/ann/shop/orders.py", "Orders.<locals>.測る\xe2\x80\xae", 40, lines);
    for (size_t i = 0; i < timeline->count; i++) {
        timeline->bucket[i].heap_max = timeline->bucket[i].rss_max - MADE_MIB(8.7 + (double)i);
        timeline->bucket[i].max_function = where[i];
        timeline->bucket[i].max_line = where[i] == MPR_NONE ? 0 : 1;
    }
    profile->process[0].duration_ns = 140000000;
    profile->process[0].rss_peak = MADE_MIB(140);
    profile->process[0].heap.all.peak = timeline->bucket[6].heap_max;
    return profile;
}

/* From the first panel on, without the legend. */
static char *plot_of(struct mpr_profile *profile, const struct made_options *options)
{
    struct made_options how = *options;
    how.report.legend = false;
    char *report = made_rendering(profile, "text", &how);
    const char *plot = report ? strstr(report, "RSS over time") : NULL;
    if (!plot) {
        fail_msg("no plot in %s", report ? report : "no report");
        return report;
    }
    memmove(report, plot, strlen(plot) + 1);
    return report;
}

static void test_text_plot_at_80_columns(void **state)
{
    (void)state;
    made_golden(plot_of(made_course(), &usual), "plot_80.txt");
}

static void test_text_plot_narrow_and_wide(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.width = 45;
    made_golden(plot_of(made_course(), &options), "plot_45.txt");
    options.report.width = 130;
    made_golden(plot_of(made_course(), &options), "plot_130.txt");
}

/* Each where it belongs; names that would cover another go a line down, and those near the edge to
 * the left of their tick. What finds no room is counted. */
static void test_text_plot_has_moments(void **state)
{
    static const struct {
        double ms;
        const char *name;
    } marks[] = {{0, "begun"}, {10, "loaded"}, {12, "parsed\n\xe2\x80\xae"}, {13, "same moment"},
        {13, "again"}, {13, "and again"}, {13, "too many"}, {70, "half"},
        {125, "a name that is longer than there is room for"}, {140, "end"}, {900, "behind"}};
    enum { COUNT = sizeof marks / sizeof *marks };
    (void)state;
    struct mpr_profile *profile = made_course();
    profile->marks = made_array(NULL, COUNT, sizeof *profile->marks);
    for (size_t i = 0; i < COUNT; i++)
        profile->marks[i] = (struct mpr_profile_mark){
            .name = made_text(marks[i].name), .t_ns = (uint64_t)(marks[i].ms * 1e6)};
    profile->mark_count = COUNT;
    made_golden(plot_of(profile, &usual), "plot_moments.txt");
}

static void test_text_plot_in_ascii(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.unicode = false;
    char *got = plot_of(made_course(), &options);
    for (const char *at = got; *at; at++)
        assert_true((unsigned char)*at < 0x80);
    made_golden(got, "plot_ascii.txt");
}

static void test_text_plot_in_color(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.color = true;
    made_golden(plot_of(made_course(), &options), "plot_color.txt");
}

/* Without the heap there is one panel; without limit a hundred columns. */
static void test_text_plot_without_heap_and_limit(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.width = 0;
    char *got = plot_of(made_orders(), &options);
    assert_null(strstr(got, "Heap over time"));
    assert_null(strstr(got, "between two samples"));
    assert_null(strstr(got, "main thread"));
    char *axis = strstr(got, "    0 ┼");
    assert_non_null(axis);
    while (axis > got && axis[-1] != '\n')
        axis--;
    axis[strcspn(axis, "\n")] = '\0';
    assert_int_equal(mpr_width(axis, true), 100);
    free(got);
}

static void test_text_plot_of_no_sample(void **state)
{
    (void)state;
    char *got = made_rendering(made_profile(), "text", &usual);
    assert_non_null(strstr(got, "\nNothing to plot: the program ended before the first sample.\n"));
    free(got);
}

static void test_text_plot_only_where_it_is_asked_for(void **state)
{
    struct made_options options = usual;
    (void)state;
    options.report.plot = false;
    char *got = made_rendering(made_course(), "text", &options);
    assert_null(strstr(got, "over time"));
    free(got);
}

/* No line is wider, and the highest column reaches the top row, as narrow as it gets. */
static void test_text_plot_keeps_to_every_width(void **state)
{
    (void)state;
    for (size_t width = 40; width <= 240; width += 3) {
        struct made_options options = usual;
        options.report.width = width;
        char *got = plot_of(made_course(), &options), *rest = got;
        const char *top = strstr(got, "132.6 ┤");
        assert_non_null(top);
        assert_non_null(strstr(top, "█"));
        assert_true(strstr(top, "█") < strchr(top, '\n'));
        for (char *line; (line = strsep(&rest, "\n"));)
            if (mpr_width(line, true) > width)
                fail_msg("wider than %zu columns: %s", width, line);
        free(got);
    }
}

static void test_text_plot_survives_any_width(void **state)
{
    (void)state;
    for (size_t width = 1; width < 40; width++) {
        struct made_options options = usual;
        options.report.width = width;
        options.report.unicode = width % 2;
        free(made_rendering(made_course(), "text", &options));
    }
}

static void test_text_plot_has_the_largest_figures(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_course();
    struct mpr_profile_bucket *bucket = profile->process[0].timeline.bucket;
    bucket[5].rss_max = bucket[6].heap_max = INT64_MAX;
    bucket[13].t_ns = UINT64_MAX;
    profile->process[0].duration_ns = UINT64_MAX;
    char *got = plot_of(profile, &usual);
    assert_non_null(strstr(got, "8,796,093,022,208.0 ┤"));
    assert_non_null(strstr(got, "50,000 d"));
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_plot_at_80_columns),
        cmocka_unit_test(test_text_plot_narrow_and_wide),
        cmocka_unit_test(test_text_plot_has_moments),
        cmocka_unit_test(test_text_plot_in_ascii),
        cmocka_unit_test(test_text_plot_in_color),
        cmocka_unit_test(test_text_plot_without_heap_and_limit),
        cmocka_unit_test(test_text_plot_of_no_sample),
        cmocka_unit_test(test_text_plot_only_where_it_is_asked_for),
        cmocka_unit_test(test_text_plot_keeps_to_every_width),
        cmocka_unit_test(test_text_plot_survives_any_width),
        cmocka_unit_test(test_text_plot_has_the_largest_figures),
    };
    return cmocka_run_group_tests_name("text_plot", tests, NULL, NULL);
}
