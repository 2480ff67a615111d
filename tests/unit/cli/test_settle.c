/* SPDX-License-Identifier: MIT */
/* What follows from the words of a command line together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsed_options.h"

static void test_settle_strays_are_noted_up_to_a_double_dash(void **state)
{
    (void)state;
    struct mpr_options options =
        PARSE("s.py", "--format=json", "--help", "--formats", "-o", "--", "--unit");
    same(options.strays, (const char *const[]){"--format=json", "-o", NULL});
    mpr_options_release(&options);
    options = PARSE("python3", "-X", "dev", "s.py", "--func", "f");
    same(options.strays, (const char *const[]){"--func", NULL});
    mpr_options_release(&options);
    options = PARSE("--", "--unit"); /* python's own, not a program's */
    assert_null(options.strays[0]);
    mpr_options_release(&options);
}

static void test_settle_format_follows_the_file(void **state)
{
    (void)state;
    struct mpr_options options = PARSE("-o", "x.json", "s.py");
    assert_string_equal(options.format->name, "json");
    mpr_options_release(&options);
    options = PARSE("-o", "x", "s.py");
    assert_string_equal(options.format->name, "text");
    mpr_options_release(&options);
    options = PARSE("-o", "x.out", "--format", "classic", "s.py");
    assert_string_equal(options.format->name, "classic");
    mpr_options_release(&options);
    REFUSES("no format has the ending .out", "-o", "x.out", "s.py");
    REFUSES("-o FILE", "--format", "json", "s.py");
}

static void test_settle_what_is_off_cannot_be_asked_for(void **state)
{
    (void)state;
    REFUSES("--sort needs what --no-heap switches off", "--no-heap", "--sort", "peak", "s.py");
    REFUSES("--sort needs what --rss off switches off", "--sort", "rss", "--rss", "off", "s.py");
    REFUSES("--columns: spike needs what --no-heap", "--no-heap", "--columns", "+spike", "s.py");
    REFUSES("--columns: rss needs what --rss off", "--rss=off", "--columns", "line,rss", "s.py");
    REFUSES("--max-leak needs what --no-heap", "--max-leak", "1M", "--no-heap", "s.py");
    REFUSES("--max-peak-rss needs what --rss off", "--max-peak-rss=1M", "--rss", "off", "s.py");
}

/* What makes its file by itself cannot go to standard output. */
static void test_settle_a_format_with_a_file_of_its_own(void **state)
{
    static const struct mpr_format own = {.name = "own", .owns_file = true};
    const char *const outputs[] = {NULL, "-", "run.own"};
    const char *words[] = {"a.py", NULL};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct mpr_options options = {.args = words, .format = &own, .output = outputs[i]};
        struct mpr_error err = {""};
        int status = mpr_options_settle_program(&options, &err);
        assert_int_equal(status, i < 2 ? MPR_ERR_INVALID : 0);
        assert_string_equal(err.message, i < 2 ? "--format own needs -o FILE" : "");
        free(options.strays);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settle_strays_are_noted_up_to_a_double_dash),
        cmocka_unit_test(test_settle_format_follows_the_file),
        cmocka_unit_test(test_settle_what_is_off_cannot_be_asked_for),
        cmocka_unit_test(test_settle_a_format_with_a_file_of_its_own),
    };
    return cmocka_run_group_tests_name("settle", tests, NULL, NULL);
}
