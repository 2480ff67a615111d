/* SPDX-License-Identifier: MIT */
/* One process of several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_processes.h"

static void test_only_one_process(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    assert_int_equal(mpr_profile_only(profile, "4712", NULL), 0);
    assert_int_equal(mpr_profile_check(profile, NULL), 0);
    assert_int_equal(profile->process_count, 1);
    assert_int_equal(profile->process[0].pid, 4712);
    assert_true(profile->process[0].parent == MPR_NONE);
    assert_int_equal(profile->process[0].timeline.count, 2);
    const struct mpr_profile_tree *tree = &profile->tree;
    assert_int_equal(tree->rss_peak, MADE_MIB(96.5));
    assert_int_equal(tree->rss_peak_ns, 500000000);
    assert_int_equal(tree->rss.count, 2);
    assert_int_equal(tree->samples, 4);
    assert_int_equal(tree->pss.count, 0);
    assert_int_equal(tree->pss_peak, MPR_UNKNOWN);
    assert_int_equal(tree->found, 1);
    mpr_profile_free(profile);
}

static void test_only_main(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_processes();
    assert_int_equal(mpr_profile_only(profile, "main", NULL), 0);
    assert_int_equal(profile->process[0].pid, 4711);
    assert_int_equal(profile->process_count, 1);
    mpr_profile_free(profile);
    profile = made_whole();
    assert_int_equal(mpr_profile_only(profile, "4711", NULL), 0);
    assert_int_equal(profile->function_count, 1);
    mpr_profile_free(profile);
}

static void test_only_of_those_that_are_there(void **state)
{
    static const char *const none[] = {"5", "", "mains", "-1", "4712 "};
    (void)state;
    struct mpr_profile *profile = made_processes();
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct mpr_error err;
        assert_int_equal(mpr_profile_only(profile, none[i], &err), MPR_ERR_NOTFOUND);
        assert_non_null(strstr(err.message, "there is main, or one of 4711, 4712, 4720"));
        assert_int_equal(profile->process_count, 3);
    }
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_one_process),
        cmocka_unit_test(test_only_main),
        cmocka_unit_test(test_only_of_those_that_are_there),
    };
    return cmocka_run_group_tests_name("only", tests, NULL, NULL);
}
