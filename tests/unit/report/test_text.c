/* SPDX-License-Identifier: MIT */
/* The text report against golden files. MPRUN_UPDATE_GOLDEN=1 writes them anew: read the difference
 * before you commit it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "made_profile.h"
#include "made_report.h"
#include "width.h"

static const struct made_options narrow = {
    .report = {.width = 80, .unicode = true, .legend = true}};

static void render(
    const struct mpr_profile *profile, const struct made_options *options, struct mpr_buf *out)
{
    struct mpr_error err = {""};
    struct mpr_sink sink;
    made_sink(&sink);
    if (made_report(profile, mpr_format_by_name("text"), options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    *out = sink.out;
}

static void golden_path(const char *name, char *path, size_t size)
{
    const char *folder = getenv("MPRUN_GOLDEN");
    snprintf(path, size, "%s/%s.txt", folder ? folder : "tests/golden", name);
}

/* Frees the profile. */
static void assert_golden(
    struct mpr_profile *profile, const struct made_options *options, const char *name)
{
    char path[4096];
    struct mpr_buf got;
    struct mpr_buf expected;
    golden_path(name, path, sizeof path);
    render(profile, options, &got);
    mpr_profile_free(profile);
    if (getenv("MPRUN_UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(got.data, 1, got.len, file), got.len);
        assert_int_equal(fclose(file), 0);
    }
    mpr_buf_init(&expected);
    assert_int_equal(mpr_buf_read_file(&expected, path, 1 << 20, NULL), 0);
    assert_string_equal(got.data, expected.data);
    mpr_buf_release(&got);
    mpr_buf_release(&expected);
}

static void test_text_at_80_columns(void **state)
{
    (void)state;
    assert_golden(made_orders(), &narrow, "orders_80");
}

static void test_text_heap(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.view.top = 5;
    assert_golden(made_orders_heap(), &options, "orders_heap_80");
    options.report.width = 130;
    assert_golden(made_orders_heap(), &options, "orders_heap_130");
    options = narrow;
    options.report.unicode = false;
    options.view.top = 2;
    options.view.columns = "line,heap,allocated,freed,allocations,at_peak,end,source";
    assert_golden(made_orders_heap(), &options, "orders_heap_columns");
}

static void test_text_at_120_columns(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.report.width = 120;
    assert_golden(made_orders(), &options, "orders_120");
}

static void test_text_in_ascii(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.report.unicode = false;
    assert_golden(made_orders(), &options, "orders_ascii");
}

static void test_text_in_color(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.report.color = true;
    struct mpr_profile *profile = made_orders();
    profile->functions[0].rows[18].ended_here = true;
    assert_golden(profile, &options, "orders_color");
}

static void test_text_without_limit_and_unfolded(void **state)
{
    (void)state;
    struct made_options options = {.view.all_lines = true, .report.unicode = true};
    assert_golden(made_orders(), &options, "orders_unlimited");
}

static void test_text_in_chosen_columns_and_unit(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.view.columns = "+time,-rss,-rss_max";
    options.view.unit = MPR_UNIT_KIB;
    assert_golden(made_orders(), &options, "orders_columns");
}

static void test_text_of_a_killed_program(void **state)
{
    static const char *const lines[] = {"def grow():", "    kept = []", "    while True:",
        "        kept.append(bytearray(1 << 20))  # until somebody stops us, which takes a while",
        NULL};
    static const double course[] = {9, 100, 200, 300, 400, 500, 610.5, -1};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *grow =
        made_function(profile, "/home/ann/shop/orders.py", "grow", 1, lines);
    made_row(grow, 2, 1, MADE_MIB(9), 0, 100);
    made_row(grow, 3, 601, MADE_MIB(610.5), 0, 30000);
    made_row(grow, 4, 601, MADE_MIB(610.5), MADE_MIB(601.5), 350000000)->ended_here = true;
    made_entry(grow, 1, MADE_MIB(9));
    profile->process[0].exit_status = -1;
    profile->process[0].exit_signal = 9;
    profile->process[0].rss_start = MADE_MIB(8.8);
    profile->process[0].rss_peak = profile->process[0].rss_end = MADE_MIB(610.5);
    profile->process[0].peak_function = 0;
    profile->process[0].peak_line = 4;
    made_samples(profile, course);
    made_note(profile, "The program ended inside the line marked \"ended here\": it is charged up "
                       "to the last RSS that was seen.");
    assert_golden(profile, &narrow, "killed");
}

/* A module with a class and functions inside, as the default selection shows it. */
static struct mpr_profile *made_module(void)
{
    static const char *const lines[] = {"import sys", "",
        "class Shop:", "    def sell(self):", "        x = 1", "        return x", "", "",
        "def stock(n):", "    items = list(range(n))", "    return items", "",
        "def idle():", "    pass", "", "kept = stock(10**6)", "idle(); Shop().sell()", NULL};
    static const char *const path = "/home/ann/shop/orders.py";
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, path, "<module>", 1, lines);
    made_row(f, 1, 1, MADE_MIB(9), 0, 900);
    made_row(f, 3, 1, MADE_MIB(9), 0, 900);
    made_row(f, 9, 1, MADE_MIB(9), 0, 900);
    made_row(f, 13, 1, MADE_MIB(9), 0, 900);
    made_row(f, 16, 1, MADE_MIB(47), MADE_MIB(38), 40000000);
    made_row(f, 17, 1, MADE_MIB(47), 0, 900);
    made_entry(f, 1, MADE_MIB(9));
    f = made_function(
        profile, path, "stock", 9, (const char *const[]){lines[8], lines[9], lines[10], NULL});
    made_row(f, 10, 1, MADE_MIB(47), MADE_MIB(38), 39000000);
    made_row(f, 11, 1, MADE_MIB(47), 0, 100);
    made_entry(f, 1, MADE_MIB(9));
    f = made_function(profile, path, "idle", 13, (const char *const[]){lines[12], lines[13], NULL});
    made_row(f, 14, 1, MADE_MIB(47), 0, 100);
    made_entry(f, 1, MADE_MIB(47));
    f = made_function(profile, path, "Shop", 3,
        (const char *const[]){lines[2], lines[3], lines[4], lines[5], NULL});
    made_row(f, 3, 1, MADE_MIB(9), 0, 100);
    made_row(f, 4, 1, MADE_MIB(9), 0, 100);
    made_entry(f, 1, MADE_MIB(9));
    made_function(
        profile, path, "Shop.sell", 4, (const char *const[]){lines[3], lines[4], lines[5], NULL});
    made_function(profile, "/usr/lib/far/away/tools.py", "outer.<locals>.inner", 70,
        (const char *const[]){"def inner():", "    return 1", NULL});
    profile->process[0].peak_function = 1;
    profile->process[0].peak_line = 10;
    profile->process[0].rss_peak = profile->process[0].rss_end = MADE_MIB(47);
    return profile;
}

static void test_text_folds_bodies_and_quiet_functions(void **state)
{
    (void)state;
    assert_golden(made_module(), &narrow, "module");
}

static void test_text_shows_all_lines(void **state)
{
    (void)state;
    struct made_options options = narrow;
    options.view.all_lines = true;
    assert_golden(made_module(), &options, "module_all_lines");
}

static void test_text_without_source(void **state)
{
    static const char *const lines[] = {"", "", "", "", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "<stdin>", "work", 3, lines);
    made_row(f, 4, 1, MADE_MIB(20), MADE_MIB(10), 900);
    made_row(f, 6, 1, MADE_MIB(10), -MADE_MIB(10), 900);
    made_entry(f, 1, MADE_MIB(10));
    for (size_t i = 0; i < f->row_count; i++)
        f->rows[i].source = NULL;
    f->source_problem = made_text("the program came from standard input, which is not kept");
    assert_golden(profile, &narrow, "no_source");
}

static void test_text_aligns_tabs_and_wide_characters(void **state)
{
    static const char *const lines[] = {
        "def 測る():", "\tif 1:", "\t\t注文 = ['日本語日本語日本語日本語日本語']",
        "        é = 'e\xcc\x81'\t# x", "    hidden = '\033[2J\xe2\x80\xae'", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f =
        made_function(profile, "/home/ann/shop/注文.py", "測る", 1, lines);
    for (uint32_t line = 2; line <= 5; line++)
        made_row(f, line, line * 1000, MADE_KIB(9000), MADE_KIB(line * 4), 50000);
    made_entry(f, 1, MADE_KIB(8986));
    profile->process[0].rss_start = MADE_KIB(8800);
    profile->process[0].rss_peak = profile->process[0].rss_end = MADE_KIB(9000);
    assert_golden(profile, &narrow, "wide_characters");
}

static void test_text_with_rss_off(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders();
    struct mpr_profile_function *f = &profile->functions[0];
    profile->process[0].tier = MPR_TIER_OFF;
    profile->process[0].rss_resolution = MPR_UNKNOWN;
    f->rss_entry = f->rss_delta = MPR_UNKNOWN;
    for (size_t i = 0; i < f->row_count; i++)
        f->rows[i].rss = f->rows[i].rss_max = f->rows[i].rss_delta = MPR_UNKNOWN;
    assert_golden(profile, &narrow, "rss_off");
}

static void test_text_with_coarse_resolution_and_comprehension(void **state)
{
    static const char *const lines[] = {
        "def f():", "    a = [", "        x * 2", "        for x in range(9)", "    ]", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f =
        made_function(profile, "/home/ann/shop/orders.py", "f", 1, lines);
    made_row(f, 2, 1, MADE_MIB(20), MADE_MIB(10), 900);
    made_row(f, 3, 0, MADE_MIB(20), 65536, 900);
    made_row(f, 4, 1, MADE_MIB(20), -65536, 900);
    made_entry(f, 3, MADE_MIB(10));
    profile->process[0].rss_resolution = 262144;
    assert_golden(profile, &narrow, "coarse");
}

static void test_text_with_nothing_measured(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_note(
        profile, "The program started 2 processes: they were not measured and in no number here.");
    assert_golden(profile, &narrow, "nothing");
}

/* No line is wider than that. */
static void assert_within(const char *report, size_t width)
{
    char line[4096];
    while (*report) {
        size_t len = strcspn(report, "\n");
        assert_true(len < sizeof line);
        memcpy(line, report, len);
        line[len] = '\0';
        if (mpr_width(line, true) > width)
            fail_msg("wider than %zu columns: %s", width, line);
        report += len + (report[len] == '\n');
    }
}

static void assert_fits(struct mpr_profile *profile, size_t width)
{
    struct made_options options = narrow;
    struct mpr_buf out;
    options.report.width = width;
    options.view.top = 5;
    render(profile, &options, &out);
    assert_within(out.data, width);
    mpr_buf_release(&out);
    mpr_profile_free(profile);
}

static void test_text_keeps_to_every_width(void **state)
{
    (void)state;
    for (size_t width = 50; width <= 200; width += 3) {
        assert_fits(made_orders(), width);
        assert_fits(made_orders_heap(), width);
    }
}

static void test_text_survives_any_width(void **state)
{
    (void)state;
    for (size_t width = 1; width < 50; width++) {
        struct made_options options = narrow;
        struct mpr_buf out;
        options.report.width = width;
        options.report.unicode = width % 2;
        struct mpr_profile *profile = made_module();
        render(profile, &options, &out);
        mpr_buf_release(&out);
        mpr_profile_free(profile);
    }
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_text_of_ten_thousand_functions_is_fast(void **state)
{
    static const char *const lines[] = {"def f():", "    a = 1", "    b = 2", "    c = 3",
        "    d = 4", "    e = 5", "    f = 6", "    return 7", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    for (uint32_t i = 0; i < 10000; i++) {
        struct mpr_profile_function *f =
            made_function(profile, "/home/ann/shop/orders.py", "f", 1, lines);
        made_move(f, i * 10);
        int64_t change = i == 9990 ? MADE_MIB(2) : i % 10 ? 0 : MADE_MIB(1);
        for (uint32_t line = 1; line < 8; line++)
            made_row(f, f->first_line + line, 3, MADE_MIB(20), change, 900);
        made_entry(f, 3, MADE_MIB(10));
    }
    struct mpr_buf out;
    double before = seconds();
    render(profile, &narrow, &out);
    /* The bar is 1 s; sanitizers take their share. */
    assert_true(seconds() - before < 5.0);
    assert_non_null(strstr(out.data, "and 8,800 more; --all-lines shows them"));
    assert_non_null(strstr(out.data, "\nand 800 more functions with smaller changes: -o FILE"));
    /* The heaviest has its table, however late in the order. */
    assert_non_null(strstr(out.data, "f   orders.py:99901   "));
    size_t count = 0;
    for (const char *at = out.data; (at = strchr(at, '\n')); at++)
        count++;
    assert_in_range(count, 2000, 4000);
    mpr_buf_release(&out);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_heap),
        cmocka_unit_test(test_text_at_80_columns),
        cmocka_unit_test(test_text_at_120_columns),
        cmocka_unit_test(test_text_in_ascii),
        cmocka_unit_test(test_text_in_color),
        cmocka_unit_test(test_text_without_limit_and_unfolded),
        cmocka_unit_test(test_text_in_chosen_columns_and_unit),
        cmocka_unit_test(test_text_of_a_killed_program),
        cmocka_unit_test(test_text_folds_bodies_and_quiet_functions),
        cmocka_unit_test(test_text_shows_all_lines),
        cmocka_unit_test(test_text_without_source),
        cmocka_unit_test(test_text_aligns_tabs_and_wide_characters),
        cmocka_unit_test(test_text_with_rss_off),
        cmocka_unit_test(test_text_with_coarse_resolution_and_comprehension),
        cmocka_unit_test(test_text_with_nothing_measured),
        cmocka_unit_test(test_text_keeps_to_every_width),
        cmocka_unit_test(test_text_survives_any_width),
        cmocka_unit_test(test_text_of_ten_thousand_functions_is_fast),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
