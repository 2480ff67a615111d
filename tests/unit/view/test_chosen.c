/* SPDX-License-Identifier: MIT */
/* --func on a profile that is there: which functions a view keeps, and what it says of a pattern
 * that fits none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

static struct mpr_profile *made_shop(void)
{
    static const char *const names[] = {"load", "Reader.load", "Reader.close", "save.<locals>.one"};
    struct mpr_profile *profile = made_profile();
    for (uint32_t i = 0; i < 4; i++)
        made_small_function(profile, i < 3 ? "/home/ann/shop/io.py" : "/usr/lib/json.py", names[i],
            10 * i + 10, MADE_MIB(i));
    return profile;
}

/* "load Reader.close": their names in order. */
static void assert_chosen(const char *first, const char *second, const char *names)
{
    const char *const patterns[] = {first, second};
    const struct mpr_view_options options = {
        .sort = MPR_SORT_SOURCE, .patterns = patterns, .pattern_count = second ? 2 : 1};
    struct mpr_profile *profile = made_shop();
    struct mpr_view *view = made_view(profile, &options);
    struct mpr_buf got;
    mpr_buf_init(&got);
    for (size_t i = 0; i < view->function_count; i++) {
        const struct mpr_view_function *function = &view->functions[i];
        mpr_buf_printf(&got, "%s%s", i ? " " : "", function->function->qualname);
        assert_ptr_equal(function->function, &profile->functions[function->index]);
    }
    assert_string_equal(got.data, names);
    assert_int_equal(view->listed[MPR_LISTING_TABLE], view->function_count);
    mpr_buf_release(&got);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_chosen_match_a_pattern(void **state)
{
    (void)state;
    assert_chosen("load", NULL, "load Reader.load");
    assert_chosen("Reader.*", NULL, "Reader.load Reader.close");
    assert_chosen("close", "one", "Reader.close save.<locals>.one");
    assert_chosen("save", NULL, "save.<locals>.one");
    assert_chosen("io.py:*", NULL, "load Reader.load Reader.close");
    assert_chosen("*:load", "load", "load Reader.load");
}

static void test_chosen_by_none_are_all(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_shop();
    struct mpr_view *view = made_view(profile, &(struct mpr_view_options){0});
    assert_int_equal(view->function_count, 4);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_chosen_must_be_some(void **state)
{
    static const struct {
        const char *pattern, *message;
    } misses[] = {
        {"laod", "no function of the profile matches 'laod'; nearest: load (io.py:10), Reader.load "
                 "(io.py:20)"},
        {"nothing_like_it", "no function of the profile matches 'nothing_like_it'"},
    };
    (void)state;
    struct mpr_profile *profile = made_shop();
    for (size_t i = 0; i < 2; i++) {
        const char *const patterns[] = {"load", misses[i].pattern};
        struct mpr_view *view = NULL;
        struct mpr_error err = {""};
        assert_int_equal(mpr_view_new(profile,
                             &(struct mpr_view_options){
                                 .sort = MPR_SORT_SOURCE, .patterns = patterns, .pattern_count = 2},
                             &view, &err),
            MPR_ERR_NOTFOUND);
        assert_string_equal(err.message, misses[i].message);
        assert_null(view);
    }
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chosen_match_a_pattern),
        cmocka_unit_test(test_chosen_by_none_are_all),
        cmocka_unit_test(test_chosen_must_be_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
