/* SPDX-License-Identifier: MIT */
/* How far a mistyped pattern is from a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parsed_pattern.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static size_t distance(const char *pattern_text, const char *module, const char *qualname)
{
    struct mpr_pattern pattern = parsed(pattern_text);
    return mpr_pattern_distance(&pattern, module, qualname);
}

static void test_nearest_counts_edits(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *module, *qualname;
        size_t want;
    } rows[] = {
        {"load", "m", "load", 0},
        {"LOAD", "m", "load", 0},
        {"laod", "m", "load", 1},
        {"lod", "m", "load", 1},
        {"loadd", "m", "load", 1},
        {"lo?d", "m", "load", 0},
        {"load*", "m", "load", 0},
        {"Raeder.load", "m", "Reader.load", 1},
        {"io.load", "pkg.io", "load", 0},
        {"ip.load", "pkg.io", "load", 1},
        {"json:laod", "json", "load", 1},
        {"inner", "m", "load.<locals>.innr", 1},
        {"load.iner", "m", "load.<locals>.inner", 1},
        {"heavy", "m", "heavy_function", 9},
        {"heavy_fucntion", "m", "heavy_function", 1},
        {"Writer.load", "m", "Reader.load", 4},
        {"load", "m", "save", SIZE_MAX},
        {"completely", "m", "different", SIZE_MAX},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        size_t got = distance(rows[i].pattern, rows[i].module, rows[i].qualname);
        if (got != rows[i].want)
            fail_msg("%s to %s: %zu", rows[i].pattern, rows[i].qualname, got);
    }
}

static void test_nearest_orders_candidates(void **state)
{
    (void)state;
    assert_true(distance("load", "m", "laod") < distance("load", "m", "load_everything"));
    assert_true(distance("heavy_func", "m", "heavy_function") < SIZE_MAX);
    assert_true(
        distance("heavy_func", "m", "heavy_fund") < distance("heavy_func", "m", "heavy_function"));
}

static void test_nearest_is_bounded(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(distance("aaaa", "m", text), SIZE_MAX);
    assert_int_equal(distance(text, "m", "aaaa"), SIZE_MAX);
    assert_int_equal(distance("*", "m", "load"), SIZE_MAX);
    /* What fits of a long name's end still counts. */
    memcpy(text + sizeof(text) - 6, ".load", 5);
    assert_int_equal(distance("laod", "m", text), 1);
    /* Exactly the bound on both sides. */
    text[128] = '\0';
    assert_int_equal(distance(text, "", text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest_counts_edits),
        cmocka_unit_test(test_nearest_orders_candidates),
        cmocka_unit_test(test_nearest_is_bounded),
    };
    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
