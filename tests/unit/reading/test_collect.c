/* SPDX-License-Identifier: MIT */
/* What of a recording is taken, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

/* Whatever they did: another order is a view's. */
static void test_collect_keeps_the_order_of_first_starts(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "late", 50, 51, MPR_REC_BY_DEFAULT);
    set_row(fn, 51, 1, MIB(9), MIB(1));
    fn = add_function("a.py", "small", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), MIB(7));
    struct mpr_profile *profile = build();
    assert_string_equal(profile->functions[0].qualname, "late");
    assert_string_equal(profile->functions[1].qualname, "small");
    mpr_profile_free(profile);
}

static void test_collect_leaves_the_withdrawn_out(void **state)
{
    (void)state;
    struct mpr_rec_function *fn = add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    fn->flags = MPR_REC_FN_WITHDRAWN;
    add_slots(1)->slot[0] = opened(1, fn, 5, MIB(1), 0);
    add_function("b.py", "g", 9, 9, MPR_REC_BY_DECORATOR);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_string_equal(profile->functions[0].selected_by, "@profile");
    assert_int_equal(profile->process[0].open_count, 0);
    mpr_profile_free(profile);
}

static void test_collect_says_what_it_could_not_map(void **state)
{
    (void)state;
    add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    region.size = header()->log_used + 64;
    add_record(MPR_KIND_CANDIDATE, 64);
    header()->log_used += 4096;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_true(has_note(profile, "could not be read whole: address space limit"));
    assert_false(has_note(profile, "damaged"));
    mpr_profile_free(profile);
}

static void test_collect_reports_what_stands_before_the_damage(void **state)
{
    (void)state;
    add_function("b.py", "f", 5, 6, MPR_REC_BY_DEFAULT);
    struct mpr_rec_head *bad = add_record(MPR_KIND_FUNCTION, 8);
    bad->size = 0xfffffff8;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 1);
    assert_true(has_note(profile, "damaged"));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_collect_keeps_the_order_of_first_starts),
        MODEL_CASE(test_collect_leaves_the_withdrawn_out),
        MODEL_CASE(test_collect_says_what_it_could_not_map),
        MODEL_CASE(test_collect_reports_what_stands_before_the_damage),
    };
    return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
