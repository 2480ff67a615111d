/* SPDX-License-Identifier: MIT */
/* What matches what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "parsed_pattern.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static bool matches(const char *pattern_text, const struct mpr_subject *subject)
{
    struct mpr_pattern pattern = parsed(pattern_text);
    return mpr_pattern_match(&pattern, subject);
}

/* One pattern against module, qualname. */
struct name_row {
    const char *pattern, *module, *qualname;
    bool match;
};

static const struct name_row names[] = {
    /* whole components at the end */
    {"load", "pkg.io", "load", true},
    {"io.load", "pkg.io", "load", true},
    {"pkg.io.load", "pkg.io", "load", true},
    {"x.pkg.io.load", "pkg.io", "load", false},
    {"oad", "pkg.io", "load", false},
    {"loa", "pkg.io", "load", false},
    {"o.load", "pkg.io", "load", false},
    {"Load", "pkg.io", "load", false},
    {"load", "pkg.io", "reload", false},
    {"load", "pkg.io", "load_all", false},
    {"Reader.load", "pkg.io", "Reader.load", true},
    {"load", "pkg.io", "Reader.load", true},
    {"io.Reader.load", "pkg.io", "Reader.load", true},
    {"io.load", "pkg.io", "Reader.load", false},
    /* what is inside is selected with it */
    {"Reader", "pkg.io", "Reader.load", true},
    {"io.Reader", "pkg.io", "Reader.load", true},
    {"load", "m", "load.<locals>.inner", true},
    {"load", "m", "load.<locals>.<lambda>", true},
    {"load", "m", "load.<locals>.<listcomp>", true},
    {"load", "m", "Reader.load.<locals>.inner.<locals>.<genexpr>", true},
    {"load", "m", "loader.<locals>.inner", false},
    {"inner", "m", "load.<locals>.inner", true},
    {"load.inner", "m", "load.<locals>.inner", true},
    {"m.load.inner", "m", "load.<locals>.inner", true},
    {"load.<locals>.inner", "m", "load.<locals>.inner", false},
    {"a.b.c", "m", "a.<locals>.b.<locals>.c.<locals>.d", true},
    {"a.c", "m", "a.<locals>.b.<locals>.c", false},
    {"<lambda>", "m", "load.<locals>.<lambda>", true},
    {"load.<lambda>", "m", "load.<locals>.<lambda>", true},
    /* the module alone is no function */
    {"pkg.io", "pkg.io", "load", false},
    {"io", "pkg.io", "load", false},
    {"pkg", "pkg.io", "load", false},
    {"pkg.io.*", "pkg.io", "load", true},
    {"io.*", "pkg.io", "Reader.load", true},
    {"pkg.*", "pkg.io", "load", true},
    {"pkg.*", "other.io", "load", false},
    /* modules */
    {"<module>", "__main__", "<module>", true},
    {"__main__.<module>", "__main__", "<module>", true},
    {"__main__.load", "__main__", "load", true},
    {"__main__", "__main__", "load", false},
    {"<module>", "__main__", "load", false},
    {"load", "", "load", true},
    {"load", "", "load.<locals>.f", true},
    {"m.load", "", "load", false},
    /* wildcards */
    {"*", "m", "load", true},
    {"*", "", "<module>", true},
    {"**", "m", "load", true},
    {"load*", "m", "load_all", true},
    {"load*", "m", "load", true},
    {"*load", "m", "reload", true},
    {"*load", "m", "Reader.reload", true},
    {"l*d", "m", "load", true},
    {"l*d", "m", "loads", false},
    {"l*d", "m", "lo.x.d", true},
    {"R*.load", "m", "Reader.load", true},
    {"R*.load", "m", "Reader.Inner.load", true},
    {"R*.load", "m", "Writer.load", false},
    {"l?ad", "m", "load", true},
    {"l??d", "m", "load", true},
    {"?load", "m", "load", false},
    {"load?", "m", "load", false},
    {"?", "m", "f", true},
    {"?", "m", "\xc3\xa9", true},
    {"??", "m", "\xc3\xa9", false},
    {"h?llo", "m", "h\xc3\xa9llo", true},
    {"h*llo", "m", "h\xe4\xbd\xa0llo", true},
    {"test_*.run", "tests.test_io", "run", true},
    {"[ab]", "m", "a", false},
    {"[ab]", "m", "[ab]", true},
    {"a*b*c", "m", "aXbXbXc", true},
    {"a*b*c", "m", "aXbXbX", false},
    /* the star's first reach is not the last word: the end must be a component's end */
    {"*ab", "m", "abx.yab", true},
    {"l*d", "m", "loady.d", true},
    {"*a", "m", "aab.c", false},
};

static void test_match_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct name_row *row = &names[i];
        struct mpr_subject subject = {row->module, row->qualname, "/srv/x.py", true};
        if (matches(row->pattern, &subject) != row->match)
            fail_msg(
                "%s against %s %s: want %d", row->pattern, row->module, row->qualname, row->match);
        /* The same name in scope of everything. */
        char scoped[128];
        snprintf(scoped, sizeof(scoped), "*:%s", row->pattern);
        subject.users_code = false;
        assert_int_equal(matches(scoped, &subject), row->match);
        assert_false(matches(row->pattern, &subject));
    }
}

static void test_match_scopes(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *module, *file;
        bool match;
    } rows[] = {
        {"json:f", "json", "/usr/lib/python3.11/json/__init__.py", true},
        {"json:f", "json.decoder", "", true},
        {"json:f", "vendor.json", "", true},
        {"json:f", "vendor.json.decoder", "", false},
        {"json:f", "simplejson", "", false},
        {"json:f", "json5", "", false},
        {"json.decoder:f", "json.decoder", "", true},
        {"json.decoder:f", "json", "", false},
        {"decoder:f", "json.decoder", "", true},
        {"j*n:f", "json", "", true},
        {"j?on:f", "json", "", true},
        {"test_*:f", "pkg.test_io", "", true},
        {"json:g", "json", "", false},
        {"*:f", "", "", true},
        {"*:f", "anything", "/x", true},
        {"json:f", "", "json.py", false},
        {"orders.py:f", "m", "orders.py", true},
        {"orders.py:f", "m", "/srv/app/orders.py", true},
        {"orders.py:f", "m", "/srv/app/reorders.py", false},
        {"./orders.py:f", "m", "/srv/app/orders.py", true},
        {"app/orders.py:f", "m", "/srv/app/orders.py", true},
        {"pp/orders.py:f", "m", "/srv/app/orders.py", false},
        {"srv/app/orders.py:f", "m", "/srv/app/orders.py", true},
        {"/srv/app/orders.py:f", "m", "/srv/app/orders.py", true},
        {"/app/orders.py:f", "m", "/srv/app/orders.py", false},
        {"app/*.py:f", "m", "/srv/app/orders.py", true},
        {"<stdin>:f", "m", "<stdin>", true},
        {"<ipython-input-1-0a>:f", "m", "<ipython-input-1-0a>", true},
        {"<ipython-input-1-0a>:f", "m", "<ipython-input-1-0b>", false},
        {"app/*.py:f", "m", "/srv/app/sub/orders.py", true},
        {"srv/*.py:f", "m", "/srv/app/sub/orders.py", true},
        {"app/*:f", "m", "/srv/app/sub/orders", true},
        {"/srv/*:f", "m", "/srv/app/orders.py", true},
        {"/srv/*:f", "m", "/home/srv/orders.py", false},
        {"*.py:f", "m", "<string>", false},
        {"*.py:f", "m", "/srv/a.py", true},
        {"order?.py:f", "m", "/srv/orders.py", true},
        {"orders.py:f", "m", "", false},
        {"orders.py:f", "m", "/srv/orders.py/x", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct mpr_subject subject = {rows[i].module, "f", rows[i].file, false};
        if (matches(rows[i].pattern, &subject) != rows[i].match)
            fail_msg("%s against %s in %s: want %d", rows[i].pattern, rows[i].module, rows[i].file,
                rows[i].match);
    }
}

static void test_match_without_scope_is_users_code_only(void **state)
{
    (void)state;
    struct mpr_subject subject = {"json", "load", "/usr/lib/python3.11/json/__init__.py", false};
    assert_false(matches("load", &subject));
    assert_false(matches("*", &subject));
    assert_true(matches("json:load", &subject));
    assert_true(matches("json:*", &subject));
    subject.users_code = true;
    assert_true(matches("load", &subject));
}

/* Each would take a naive matcher longer than the universe has. */
static void test_match_is_not_exponential(void **state)
{
    (void)state;
    char text[4001];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct mpr_subject subject = {"m", text, "", true};
    clock_t start = clock();
    assert_false(matches("*a*a*a*a*b", &subject));
    assert_false(matches("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", &subject));
    assert_false(matches("*?*?*?*?*?*?*?*?*?*?*?*?*b", &subject));
    assert_true(matches("*a*a*a*a*a", &subject));
    for (size_t i = 1; i < sizeof(text) - 1; i += 40)
        text[i] = '.';
    assert_false(matches("*a*a*a*a*b", &subject));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_names),
        cmocka_unit_test(test_match_scopes),
        cmocka_unit_test(test_match_without_scope_is_users_code_only),
        cmocka_unit_test(test_match_is_not_exponential),
    };
    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
