/* SPDX-License-Identifier: MIT */
/* python's own command line: where its options end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "python_words.h"

#define WORDS_MAX 16

static void test_python_words_interpreter_names(void **state)
{
    (void)state;
    static const char *const yes[] = {"python", "python3", "python3.11", "python3.11.2",
        "./python3", "/usr/bin/python3.9", "python3.13t", "python3.14td", "/usr/bin/python3.11d",
        "python3-dbg", "pypy3", "pypy3.9"};
    static const char *const no[] = {"python2", "python3.", "python3.x", "python3.1.2.3", "pythonx",
        "python3.py", "python3tx", "pypy.py", "python/script.py", "ipython3", ""};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(mpr_is_interpreter_name(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(mpr_is_interpreter_name(no[i]));
}

/* Words of python's command line, where the program stands in them, and CODE. */
struct scan_case {
    const char *words[WORDS_MAX];
    size_t program;
    const char *code;
};

static void test_python_words_end_at_the_program(void **state)
{
    (void)state;
    static const struct scan_case cases[] = {
        {{"s.py", "-c", "x"}, 0, NULL},
        {{"-u", "-W", "ignore", "-Xdev", "s.py"}, 4, NULL},
        {{"-uX", "dev", "-m", "mod", "-c", "x"}, 3, NULL},
        {{"-mmod", "x"}, 0, NULL},
        {{"-cpass", "x"}, 0, "pass"},
        {{"-Bc", "pass"}, 1, "pass"},
        {{"--check-hash-based-pycs", "always", "s.py"}, 2, NULL},
        {{"--", "-s.py"}, 1, NULL},
        {{"-", "x"}, 0, NULL},
        {{"--version"}, 1, NULL},
        {{"-i"}, 1, NULL},
        {{"-c"}, 1, NULL},
        {{"-X"}, 1, NULL},
        {{"--"}, 0, NULL},
        {{NULL}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mpr_python_words found;
        mpr_python_words_scan(cases[i].words, &found);
        assert_int_equal(found.program, cases[i].program);
        assert_int_equal(found.code != NULL, cases[i].code != NULL);
        if (found.code)
            assert_string_equal(found.code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_python_words_interpreter_names),
        cmocka_unit_test(test_python_words_end_at_the_program),
    };
    return cmocka_run_group_tests_name("python_words", tests, NULL, NULL);
}
