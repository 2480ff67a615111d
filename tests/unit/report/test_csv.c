/* SPDX-License-Identifier: MIT */
/* The comma-separated values: against a golden file, and what the file does not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_golden.h"
#include "made_profile.h"

#define HEADS                                                                                      \
    "file,function,line,hits,rss,rss_delta,heap_delta,heap_allocated,heap_freed,allocations,"      \
    "spike,live_at_peak,live_at_end,rss_max,time_ns,source\r\n"

static const struct made_options options = {.report = {.width = 40, .color = true}};

/* Frees the profile. */
static void assert_renders(struct mpr_profile *profile, const char *expected)
{
    char *got = made_rendering(profile, "csv", &options);
    assert_string_equal(got, expected);
    free(got);
}

static void test_csv_golden(void **state)
{
    (void)state;
    made_golden(made_rendering(made_orders_heap(), "csv", &options), "orders.csv");
}

/* A quote doubles; line ends, commas and what a spreadsheet takes for a formula stay what they are,
 * and what steers a terminal is told by its number. */
static void test_csv_quotes_any_text(void **state)
{
    static const char *const lines[] = {"=1,\"+2\"\tà", "\"", "", "\xe2\x80\xae|`</script>", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "/a\n\",b", "=f()", 7, lines);
    f->rows[3].source = NULL;
    made_function(profile, "/x", "\xe2\x80\xae", 1, lines + 3)->row_count = 1;
    assert_renders(profile,
        HEADS "\"/a\\x0a\"\",b\",\"=f()\",7,0,,0,,,,,,,,,0,\"=1,\"\"+2\"\"\tà\"\r\n"
              "\"/a\\x0a\"\",b\",\"=f()\",8,0,,0,,,,,,,,,0,\"\"\"\"\r\n"
              "\"/a\\x0a\"\",b\",\"=f()\",9,0,,0,,,,,,,,,0,\"\"\r\n"
              "\"/a\\x0a\"\",b\",\"=f()\",10,0,,0,,,,,,,,,0,\r\n"
              "\"/x\",\"\\u202e\",1,0,,0,,,,,,,,,0,\"\\u202e|`</script>\"\r\n");
}

static void test_csv_has_the_largest_figures(void **state)
{
    static const char *const lines[] = {"x", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *f = made_function(profile, "/a", "f", 1, lines);
    made_row(f, 1, UINT64_MAX, INT64_MAX, INT64_MIN + 1, INT64_MAX);
    made_move(f, UINT32_MAX - 1);
    f->rows[0].heap_delta = -1;
    f->rows[0].rss_max = MPR_UNKNOWN;
    assert_renders(profile, HEADS "\"/a\",\"f\",4294967295,9223372036854775807,9223372036854775807,"
                                  "-9223372036854775807,-1,,,,,,,,9223372036854775807,\"x\"\r\n");
}

/* The view's order; a function that never ran has no rows. */
static void test_csv_of_several_functions(void **state)
{
    static const char *const lines[] = {"x", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/a", "never", 1, lines)->row_count = 0;
    made_row(made_function(profile, "/a", "small", 2, lines), 2, 1, 5, 1, 9);
    made_function(profile, "/a", "large", 3, lines)->calls = 1;
    made_row(&profile->functions[2], 3, 1, 5, 2, 9);
    profile->functions[1].calls = 1;
    assert_renders(profile, HEADS "\"/a\",\"large\",3,1,5,2,,,,,,,,5,9,\"x\"\r\n"
                                  "\"/a\",\"small\",2,1,5,1,,,,,,,,5,9,\"x\"\r\n");
}

static void test_csv_of_nothing_has_its_heads(void **state)
{
    (void)state;
    assert_renders(made_profile(), HEADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_golden),
        cmocka_unit_test(test_csv_quotes_any_text),
        cmocka_unit_test(test_csv_has_the_largest_figures),
        cmocka_unit_test(test_csv_of_several_functions),
        cmocka_unit_test(test_csv_of_nothing_has_its_heads),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
