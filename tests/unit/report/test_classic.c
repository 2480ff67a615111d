/* SPDX-License-Identifier: MIT */
/* memory_profiler's table: against a golden file, and the cases that the file does not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_profile.h"
#include "made_report.h"

#define HEAD                                                                                       \
    "Line #    Mem usage    Increment  Occurrences   Line Contents\n"                              \
    "=============================================================\n"

/* Frees the profile. */
static char *render(struct mpr_profile *profile)
{
    static const struct made_options options = {
        .report = {.width = 80, .color = true, .legend = true}};
    struct mpr_error err = {""};
    struct mpr_sink sink;
    made_sink(&sink);
    if (made_report(profile, mpr_format_by_name("classic"), &options, &sink, &err) != 0)
        fail_msg("%s", err.message);
    mpr_profile_free(profile);
    char *text = mpr_buf_steal(&sink.out);
    return text ? text : mpr_strdup("");
}

/* Frees the profile. */
static void assert_renders(struct mpr_profile *profile, const char *expected)
{
    char *got = render(profile);
    assert_string_equal(got, expected);
    free(got);
}

static void test_classic_golden(void **state)
{
    (void)state;
    const char *folder = getenv("MPRUN_GOLDEN");
    char path[4096];
    struct mpr_buf expected;
    snprintf(path, sizeof path, "%s/orders_classic.txt", folder ? folder : "tests/golden");
    mpr_buf_init(&expected);
    char *got = render(made_orders());
    if (getenv("MPRUN_UPDATE_GOLDEN")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(got, 1, strlen(got), file), strlen(got));
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(mpr_buf_read_file(&expected, path, 1 << 20, NULL), 0);
    assert_string_equal(got, expected.data);
    mpr_buf_release(&expected);
    free(got);
}

static struct mpr_profile *one_line(const char *file)
{
    static const char *const lines[] = {"def f(): return []", NULL};
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *function = made_function(profile, file, "f", 7, lines);
    made_row(function, 7, 3, MADE_MIB(12), MADE_MIB(2), 100);
    made_entry(function, 3, MADE_MIB(10));
    return profile;
}

static void test_classic_first_line_that_ran_has_both(void **state)
{
    (void)state;
    assert_renders(one_line("/home/ann/shop/orders.py"),
        "Filename: orders.py\n\n" HEAD
        "     7   12.000 MiB   12.000 MiB           3   def f(): return []\n\n\n");
}

static void test_classic_names_files_as_their_code_does(void **state)
{
    (void)state;
    struct mpr_profile *profile = one_line("/home/ann/shop/sub/orders.py");
    char *got = render(profile);
    assert_non_null(strstr(got, "Filename: /home/ann/shop/sub/orders.py\n"));
    free(got);
    profile = one_line("/home/ann/shop/orders.py");
    free(profile->process[0].command[0]);
    profile->process[0].command[0] = made_text("./orders.py");
    got = render(profile);
    assert_non_null(strstr(got, "Filename: ./orders.py\n"));
    free(got);
}

static void test_classic_leaves_out_what_never_ran(void **state)
{
    static const char *const lines[] = {"def g():", "    pass", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    made_function(profile, "/home/ann/shop/orders.py", "g", 1, lines);
    assert_renders(profile, "");
}

static void test_classic_unmeasured_sizes_are_blank(void **state)
{
    static const char *const lines[] = {"def g():", "    pass", NULL};
    (void)state;
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *function =
        made_function(profile, "/home/ann/shop/orders.py", "g", 1, lines);
    made_row(function, 2, 5, MPR_UNKNOWN, MPR_UNKNOWN, 100);
    made_entry(function, 5, MPR_UNKNOWN);
    function->rows[1].source = NULL;
    assert_renders(profile,
        "Filename: orders.py\n\n" HEAD "     1                                     5   def g():\n"
        "     2                                     5   \n\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classic_golden),
        cmocka_unit_test(test_classic_first_line_that_ran_has_both),
        cmocka_unit_test(test_classic_names_files_as_their_code_does),
        cmocka_unit_test(test_classic_leaves_out_what_never_ran),
        cmocka_unit_test(test_classic_unmeasured_sizes_are_blank),
    };
    return cmocka_run_group_tests_name("classic", tests, NULL, NULL);
}
