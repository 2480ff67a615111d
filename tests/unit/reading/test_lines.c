/* SPDX-License-Identifier: MIT */
/* Source text of the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_lines_of_dash_c_is_not_that_of_exec(void **state)
{
    (void)state;
    run.code = "def f():\n    return 1\nf()";
    add_function("<string>", "f", 1, 2, MPR_REC_BY_DEFAULT);
    struct mpr_rec_function *fn = add_function("<string>", "other", 1, 2, MPR_REC_BY_DEFAULT);
    set_row(fn, 2, 1, MIB(9), 0);
    struct mpr_profile *profile = build();
    assert_ptr_equal(profile->functions[0].source_problem, NULL);
    assert_string_equal(profile->functions[0].rows[1].source, "    return 1");
    assert_non_null(profile->functions[1].source_problem);
    assert_ptr_equal(profile->functions[1].rows[1].source, NULL);
    mpr_profile_free(profile);
}

/* What the target recorded, and which functions it is shown for. */
static void test_lines_that_was_recorded(void **state)
{
    (void)state;
    add_source("<made>", MPR_SOURCE_TEXT, "def f():\n    return 1\n");
    add_source("/nowhere/gone.py", MPR_SOURCE_STAMPED, "");
    add_source("/nowhere/gone.py", MPR_SOURCE_TEXT | MPR_SOURCE_CHANGED, "def f():\n    pass\n");
    add_function("<made>", "f", 1, 2, MPR_REC_BY_DEFAULT);
    add_function("<made>", "other", 1, 2, MPR_REC_BY_DEFAULT);
    add_function("/nowhere/gone.py", "f", 1, 2, MPR_REC_BY_DEFAULT);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->function_count, 3);
    for (size_t i = 0; i < 3; i++) {
        struct mpr_profile_function *fn = &profile->functions[i];
        bool made = fn->file[0] == '<';
        if (strcmp(fn->name, "other") == 0)
            assert_ptr_equal(fn->rows[1].source, NULL);
        else
            assert_string_equal(fn->rows[1].source, made ? "    return 1" : "    pass");
        assert_true((strcmp(fn->name, "other") == 0) == (fn->source_problem != NULL));
    }
    assert_true(has_note(profile, "gone.py changed after it had been loaded"));
    assert_false(has_note(profile, "<made> changed"));
    mpr_profile_free(profile);
}

/* A file's text once, whole, and safe to show. */
static void test_lines_are_the_files(void **state)
{
    (void)state;
    add_source("<made>", MPR_SOURCE_TEXT, "# \xff\ndef f():\n\tpass\ndef g(): pass\n");
    add_source("<never>", MPR_SOURCE_TEXT, "def h(): pass\n");
    add_function("<made>", "f", 2, 3, MPR_REC_BY_DEFAULT);
    add_function("<made>", "g", 4, 4, MPR_REC_BY_DEFAULT);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->source_count, 1);
    const struct mpr_profile_source *source = &profile->sources[0];
    assert_string_equal(source->file, "<made>");
    assert_true(source->made);
    assert_int_equal(source->line_count, 4);
    assert_string_equal(mpr_profile_line(source, 1), "# \\xff");
    assert_string_equal(mpr_profile_line(source, 3), "\tpass");
    assert_int_equal(profile->functions[0].source, 0);
    assert_int_equal(profile->functions[1].source, 0);
    assert_ptr_equal(profile->functions[0].rows[1].source, mpr_profile_line(source, 3));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_lines_of_dash_c_is_not_that_of_exec),
        MODEL_CASE(test_lines_that_was_recorded),
        MODEL_CASE(test_lines_are_the_files),
    };
    return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
