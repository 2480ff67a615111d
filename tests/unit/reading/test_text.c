/* SPDX-License-Identifier: MIT */
/* Text, paths and times of the build. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "builder.h"
#include "made_model.h"

/* Two ticks a nanosecond, as the recording has it: no clock of the reader's comes in. */
static void test_text_time_means_the_same_tomorrow(void **state)
{
    (void)state;
    struct mpr_rec_function *f = add_function("orders.py", "f", 4, 7, MPR_REC_BY_DEFAULT);
    set_row(f, 5, 1, MIB(11), MIB(1)); /* 1000 ticks */
    header()->clock =
        (struct mpr_rec_clock){.start = {400, 1000000, 0}, .end = {4000400, 3000000, 0}};
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, 0, 5)->time_ns, 500);
    mpr_profile_free(profile);
    header()->clock.end = (struct mpr_rec_moment){0};
    run.end = (struct mpr_rec_moment){1000400, 5000000, 0};
    profile = build();
    assert_int_equal(row(profile, 0, 5)->time_ns, 4000);
    mpr_profile_free(profile);
}

static void assert_path(const char *cwd, const char *file, const char *expected)
{
    char *path = mpr_build_path(cwd, file);
    assert_string_equal(path, expected);
    free(path);
}

static void test_text_paths_start_where_the_program_did(void **state)
{
    (void)state;
    assert_path("/home/ann", "a.py", "/home/ann/a.py");
    assert_path("/home/ann", "././sub/a.py", "/home/ann/sub/a.py");
    assert_path("/home/ann", "../a.py", "/home/ann/../a.py");
    assert_path("/", "a.py", "/a.py");
    assert_path("/home/ann", "/srv/a.py", "/srv/a.py");
    assert_path("/home/ann", "<string>", "<string>");
    assert_path("/home/ann", "", "");
    assert_path(NULL, "a.py", "a.py");
    assert_path("/b\xff", "\xe9\n", "/b\\xff/\\xe9\\x0a");
}

static void test_text_is_utf8(void **state)
{
    (void)state;
    char *text = mpr_build_text("a\0\xff\xc3\xa9", 5);
    assert_string_equal(text, "a\\x00\\xff\xc3\xa9");
    free(text);
    text = mpr_build_text(NULL, 0);
    assert_string_equal(text, "");
    free(text);
}

/* Of more than there can be, nothing. */
static void test_text_times_of_any_number(void **state)
{
    struct mpr_builder b = {.pace.ns_per_tick = 0.5};
    (void)state;
    assert_int_equal(mpr_build_ns(&b, 1000), 500);
    assert_int_equal(mpr_build_ns(&b, -1000), -500);
    assert_int_equal(mpr_build_ns(&b, INT64_MAX), (int64_t)((double)INT64_MAX * 0.5));
    b.pace.ns_per_tick = 3;
    assert_int_equal(mpr_build_ns(&b, INT64_MAX), 0);
    assert_int_equal(mpr_build_ns(&b, INT64_MIN), 0);
    b.pace.ns_per_tick = (double)INFINITY;
    assert_int_equal(mpr_build_ns(&b, 1), 0);
    assert_int_equal(mpr_build_ns(&b, 0), 0); /* not a number */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_text_time_means_the_same_tomorrow),
        cmocka_unit_test(test_text_paths_start_where_the_program_did),
        cmocka_unit_test(test_text_is_utf8),
        cmocka_unit_test(test_text_times_of_any_number),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
