/* SPDX-License-Identifier: MIT */
/* What was selected and never started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "builder.h"
#include "made_model.h"

static void test_candidates_lists_the_never_called_once(void **state)
{
    (void)state;
    add_pattern("load*");
    add_candidate("orders.py", "loader", 30, 0);
    add_candidate("orders.py", "load", 4, 0);
    add_candidate("orders.py", "loader", 30, 0);
    add_candidate("orders.py", "other", 40, MPR_REC_BY_NONE);
    add_candidate("orders.py", "marked", 50, MPR_REC_BY_DECORATOR);
    add_function("orders.py", "load", 4, 7, 0);
    header()->notes = MPR_NOTE_NUMBA;
    struct mpr_profile *profile = build();
    assert_true(has_note(profile, "What numba compiles runs as machine code"));
    assert_int_equal(profile->function_count, 3);
    assert_string_equal(profile->functions[1].qualname, "loader");
    assert_string_equal(profile->functions[2].qualname, "marked");
    assert_string_equal(profile->functions[2].selected_by, "@profile");
    assert_int_equal(profile->functions[1].calls, 0);
    assert_int_equal(profile->functions[1].row_count, 0);
    assert_int_equal(profile->functions[1].last_line, 33);
    assert_ptr_equal(profile->functions[1].source_problem, NULL);
    assert_int_equal(profile->functions[1].rss_entry, MPR_UNKNOWN);
    assert_int_equal(profile->unmatched_count, 0);
    mpr_profile_free(profile);
}

/* File, qualified name and first line: code is the same if all are. */
static void test_candidates_are_the_same_by_identity(void **state)
{
    static const struct {
        const char *file, *name;
        uint32_t line;
    } others[] = {{"b.py", "f", 3}, {"a.py", "g", 3}, {"a.py", "f", 4}};
    (void)state;
    struct mpr_rec_place *one = add_place("a.py", "f", 3), *same = add_place("a.py", "f", 3);
    const struct mpr_named a = {.head = &one->head, .id = &one->id};
    const struct mpr_named b = {.head = &same->head, .id = &same->id};
    assert_true(mpr_named_same(&a, &b));
    for (size_t i = 0; i < 3; i++) {
        struct mpr_rec_place *other = add_place(others[i].file, others[i].name, others[i].line);
        const struct mpr_named c = {.head = &other->head, .id = &other->id};
        assert_false(mpr_named_same(&a, &c));
    }
}

/* More than any table is first made for. */
static void test_candidates_by_the_thousand(void **state)
{
    char name[16];
    (void)state;
    add_pattern("*");
    for (uint32_t i = 0; i < 6000; i++) {
        snprintf(name, sizeof name, "f%u", i % 2000);
        add_candidate("a.py", name, 1 + i % 2000, 0);
    }
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 2000);
    assert_string_equal(profile->functions[1999].name, "f1999");
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_candidates_lists_the_never_called_once),
        MODEL_CASE(test_candidates_are_the_same_by_identity),
        MODEL_CASE(test_candidates_by_the_thousand),
    };
    return cmocka_run_group_tests_name("candidates", tests, NULL, NULL);
}
