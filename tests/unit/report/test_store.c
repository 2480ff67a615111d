/* SPDX-License-Identifier: MIT */
/* The store as a format: it makes its file itself, and knows it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_profile.h"
#include "made_report.h"
#include "mprun/store.h"

static const struct made_options options = {.report = {.width = 80}};

static void test_store_makes_its_file(void **state)
{
    char path[] = "/tmp/mprun-format-XXXXXX";
    char head[MPR_FORMAT_HEAD + 1] = "";
    struct mpr_error err = {""};
    struct mpr_sink sink = {.path = path};
    struct mpr_profile *profile = made_orders(), *loaded = NULL;
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    mpr_buf_init(&sink.out);
    const struct mpr_format *store = mpr_format_by_name("store");
    assert_int_equal(made_report(profile, store, &options, &sink, &err), 0);
    assert_int_equal(sink.out.len, 0);
    assert_int_equal(mpr_store_load(path, &loaded, &err), 0);
    assert_int_equal(loaded->function_count, 1);
    assert_true(read(fd, head, sizeof head - 1) > 100);
    assert_ptr_equal(mpr_format_of_head(head), store);
    close(fd);
    unlink(path);
    mpr_profile_free(loaded);
    mpr_profile_free(profile);
}

static void test_store_needs_a_file(void **state)
{
    struct mpr_error err = {""};
    struct mpr_sink sink = {.path = NULL};
    struct mpr_profile *profile = made_orders();
    (void)state;
    mpr_buf_init(&sink.out);
    const struct mpr_format *store = mpr_format_by_name("store");
    assert_int_equal(made_report(profile, store, &options, &sink, &err), MPR_ERR_INVALID);
    sink.path = "/nonexistent/x";
    assert_int_equal(made_report(profile, store, &options, &sink, &err), MPR_ERR_IO);
    assert_string_equal(err.message, "No such file or directory");
    mpr_profile_free(profile);
}

static void test_store_is_told_by_its_ending(void **state)
{
    const struct mpr_format *found = NULL;
    (void)state;
    assert_int_equal(mpr_format_of_file("a/run.mprun", &found, NULL), 0);
    assert_string_equal(found->name, "store");
    assert_true(found->for_programs && found->owns_file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_makes_its_file),
        cmocka_unit_test(test_store_needs_a_file),
        cmocka_unit_test(test_store_is_told_by_its_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
