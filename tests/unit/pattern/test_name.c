/* SPDX-License-Identifier: MIT */
/* The walk over module.qualname without its <locals>. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "name.h"

/* What is left to walk, byte by byte. */
static void assert_walks(struct mpr_name name, const char *expected)
{
    char got[64];
    size_t len = 0;
    while (mpr_name_byte(&name)) {
        got[len++] = mpr_name_byte(&name);
        assert_true(len < sizeof got);
        mpr_name_step(&name);
    }
    got[len] = '\0';
    assert_string_equal(got, expected);
}

static void test_name_leaves_locals_out(void **state)
{
    (void)state;
    assert_walks(mpr_name_start("m", "f"), "m.f");
    assert_walks(mpr_name_start("pkg.io", "load.<locals>.inner"), "pkg.io.load.inner");
    assert_walks(mpr_name_start("m", "a.<locals>.b.<locals>.<lambda>"), "m.a.b.<lambda>");
    assert_walks(mpr_name_start("m", "<locals>.<locals>.f"), "m.f");
    assert_walks(mpr_name_start("", "<locals>.f"), "f");
    assert_walks(mpr_name_start("", "f"), "f");
    assert_walks(mpr_name_start("m", ""), "m.");
    assert_walks(mpr_name_start("", ""), "");
    /* What only looks like it stays. */
    assert_walks(mpr_name_start("m", "f.<locals>"), "m.f.<locals>");
    assert_walks(mpr_name_start("m", "f<locals>.g"), "m.f<locals>.g");
}

static void test_name_of_a_plain_text(void **state)
{
    (void)state;
    assert_walks(mpr_name_plain("/srv/a.py"), "/srv/a.py");
    assert_walks(mpr_name_plain(""), "");
}

static void test_name_steps_over_characters(void **state)
{
    (void)state;
    struct mpr_name name = mpr_name_start("m", "\xc3\xa9\xe4\xbd\xa0x");
    mpr_name_step_character(&name);
    assert_int_equal(mpr_name_byte(&name), '.');
    mpr_name_step_character(&name);
    assert_walks(name, "\xc3\xa9\xe4\xbd\xa0x");
    mpr_name_step_character(&name);
    assert_walks(name, "\xe4\xbd\xa0x");
    mpr_name_step_character(&name);
    assert_walks(name, "x");
}

static void test_name_goes_from_component_to_component(void **state)
{
    (void)state;
    struct mpr_name name = mpr_name_start("pkg.io", "Reader.<locals>.load");
    assert_true(mpr_name_next_component(&name, '.'));
    assert_walks(name, "io.Reader.load");
    struct mpr_name kept = name;
    assert_true(mpr_name_next_component(&name, '.'));
    assert_walks(name, "Reader.load");
    assert_true(mpr_name_next_component(&name, '.'));
    assert_walks(name, "load");
    assert_false(mpr_name_next_component(&name, '.'));
    assert_false(mpr_name_next_component(&name, '.'));
    assert_walks(kept, "io.Reader.load");
    name = mpr_name_plain("/srv/a");
    assert_true(mpr_name_next_component(&name, '/'));
    assert_walks(name, "srv/a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_leaves_locals_out),
        cmocka_unit_test(test_name_of_a_plain_text),
        cmocka_unit_test(test_name_steps_over_characters),
        cmocka_unit_test(test_name_goes_from_component_to_component),
    };
    return cmocka_run_group_tests_name("name", tests, NULL, NULL);
}
