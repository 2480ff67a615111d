/* SPDX-License-Identifier: MIT */
/* What is wrong with a word that should have been an option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "parsed_options.h"

static void test_option_words_wrong_words_name_the_nearest(void **state)
{
    (void)state;
    REFUSES("is --func meant?", "--fnuc", "f", "s.py");
    REFUSES("is --columns meant?", "--colunms", "x", "s.py");
    REFUSES("no option --frobnicate", "--frobnicate", "s.py");
    REFUSES("--co may be --color or --columns", "--co", "x", "s.py");
    REFUSES("--unit needs a value: --unit UNIT", "--unit");
    REFUSES("-o needs a value: -o FILE", "-qo");
    REFUSES("-m needs a value: -m MODULE", "-m");
    REFUSES("there is no option -z", "-z", "s.py");
    REFUSES("there is no option -z", "-qzf", "x", "s.py");
    REFUSES("--quiet takes no value", "--quiet=1", "s.py");
    REFUSES("nothing to run", "-q");
    REFUSES("nothing to run: s.py is the value of --output;", "-o", "s.py");
    REFUSES("s.py is the value of --func;", "-q", "--func=s.py", "-q");
    REFUSES("nothing to run: give a SCRIPT", "-f", "load");
    REFUSES("no format has the ending .mprn of run.mprn, only ", "-o", "run.mprn", "s.py");
    REFUSES("nothing to run", "run");
    REFUSES("empty", "");
    REFUSES("no help on 'me'", "help", "me");
}

static void test_option_words_that_deserve_a_note(void **state)
{
    static const char *const yes[] = {"--func", "--func=x", "-o", "-f", "--top=5"};
    static const char *const no[] = {"--functions", "-ofile", "--help", "-q", "-h", "-m", "-c",
        "--version", "--", "-", "", "func", "--fun"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(mpr_option_is_stray(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(mpr_option_is_stray(no[i]));
}

static void test_option_words_that_are_right(void **state)
{
    static const char *const words[] = {"--", "--quiet", "--func=x", "--qui", "-q", "-qo", "x", ""};
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct mpr_error err = {""};
        int status = mpr_option_diagnose(words[i], &err);
        assert_int_equal(status, strcmp(words[i], "-qo") == 0 ? MPR_ERR_INVALID : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_words_wrong_words_name_the_nearest),
        cmocka_unit_test(test_option_words_that_deserve_a_note),
        cmocka_unit_test(test_option_words_that_are_right),
    };
    return cmocka_run_group_tests_name("option_words", tests, NULL, NULL);
}
