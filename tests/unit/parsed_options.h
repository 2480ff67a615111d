/* SPDX-License-Identifier: MIT */
/* Command lines, for tests of what is made of them. */
#ifndef MPRUN_TESTS_PARSED_OPTIONS_H
#define MPRUN_TESTS_PARSED_OPTIONS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include "option_table.h"
#include "options.h"

#define PARSE(...) parse((char *const[]){"mprun", __VA_ARGS__, NULL})
#define REFUSES(part, ...) refuses(part, (char *const[]){"mprun", __VA_ARGS__, NULL})
#define ARGS(options, ...) same(options.args, (const char *const[]){__VA_ARGS__, NULL})

static inline int count_words(char *const *argv)
{
    int count = 0;
    while (argv[count])
        count++;
    return count;
}

static inline struct mpr_options parse(char *const *argv)
{
    struct mpr_options options = {0};
    struct mpr_error err = {""};
    int rc = mpr_options_parse(count_words(argv), argv, &options, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(rc, 0);
    return options;
}

static inline void refuses(const char *part, char *const *argv)
{
    struct mpr_options options = {0};
    struct mpr_error err = {""};
    assert_int_equal(mpr_options_parse(count_words(argv), argv, &options, &err), MPR_ERR_INVALID);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" does not hold \"%s\"", err.message, part);
    assert_null(options.args);
}

static inline void same(const char *const *words, const char *const *expected)
{
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(words[i]);
        assert_string_equal(words[i], expected[i]);
    }
    assert_null(words[i]);
}

#endif
