/* SPDX-License-Identifier: MIT */
/* Which texts are patterns, and of what parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parsed_pattern.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void test_parse_spans(void **state)
{
    (void)state;
    static const struct {
        const char *text, *scope, *name;
        bool file;
    } rows[] = {
        {"load", NULL, "load", false},
        {"pkg.io.load", NULL, "pkg.io.load", false},
        {"*", NULL, "*", false},
        {"<module>", NULL, "<module>", false},
        {"json:load", "json", "load", false},
        {"*:*", "*", "*", false},
        {"orders.py:load", "orders.py", "load", true},
        {"./orders.py:load", "orders.py", "load", true},
        {"./bin/tool:load", "bin/tool", "load", true},
        {"./tool:load", "tool", "load", true},
        {"path/*.py:load", "path/*.py", "load", true},
        {"/srv/a.py:Reader.load", "/srv/a.py", "Reader.load", true},
        {"/srv/a:b/c.py:load", "/srv/a:b/c.py", "load", true},
        {"C:x.py:load", "C:x.py", "load", true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mpr_pattern p = parsed(rows[i].text);
        assert_ptr_equal(p.text, rows[i].text);
        assert_int_equal(p.scope_is_file, rows[i].file);
        assert_int_equal(p.name_len, strlen(rows[i].name));
        assert_memory_equal(p.name, rows[i].name, p.name_len);
        assert_int_equal(p.scope != NULL, rows[i].scope != NULL);
        if (!rows[i].scope)
            continue;
        assert_int_equal(p.scope_len, strlen(rows[i].scope));
        assert_memory_equal(p.scope, rows[i].scope, p.scope_len);
    }
}

static void test_parse_refuses(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        ":",
        ":load",
        "json:",
        "a::b:",
        ".load",
        "load.",
        "a..b",
        ".",
        "..",
        "json.:load",
        ".json:load",
        "a..b:load",
        "a//b.py:load",
        "dir/:load",
        "/:load",
        "./:load",
        "src/x.py",
        "load:src/x.py",
        "load()",
        "a.py:Reader.load(path)",
        "load save",
        "load,save",
        "json:load,save",
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mpr_pattern pattern = {.text = "untouched"};
        struct mpr_error err = {""};
        if (mpr_pattern_parse(rows[i], &pattern, &err) != MPR_ERR_INVALID)
            fail_msg("'%s' was accepted", rows[i]);
        assert_non_null(strstr(err.message, "--func '"));
        assert_non_null(strstr(err.message, rows[i]));
        assert_string_equal(pattern.text, "untouched");
    }
    struct mpr_pattern pattern;
    struct mpr_error err;
    assert_int_equal(mpr_pattern_parse("", &pattern, NULL), MPR_ERR_INVALID);
    assert_int_equal(mpr_pattern_parse("a.py:load(x)", &pattern, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "; write a.py:load"));
    assert_int_equal(mpr_pattern_parse("load,save", &pattern, &err), MPR_ERR_INVALID);
    assert_non_null(strstr(err.message, "several times"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_spans),
        cmocka_unit_test(test_parse_refuses),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
