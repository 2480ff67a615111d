/* SPDX-License-Identifier: MIT */
/* What is known of a code object's calls: found once, as the code has them, by a serial that is its
 * own while it lives; and memory that dead code gives back is used again. */
#include "embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <stdlib.h>

#include "../python/3_11/stack.h"
#include "call_args_3_11.h"

static const char calls[] = "def f(a, b, c, *rest, **more):\n"
                            "    x = [a(b, c), b.append(c), (a, (b, c(a, b=b)))]\n"
                            "    a(*rest, **more)\n"
                            "    return c(a(b(c(), 1), 2), 3, k=4, l=a(m=5))\n";

static uint32_t take(void)
{
    uint32_t serial = mpr_call_args_ops.take_serial(NULL);
    assert_int_not_equal(serial, 0);
    return serial;
}

static void give_back(uint32_t serial)
{
    mpr_call_args_ops.give_serial_back(serial);
}

static PyCodeObject *compile_calls(void)
{
    PyCodeObject *module = compile_file(calls, "calls.py");
    PyCodeObject *code = nested_code(module, "f");
    assert_non_null(code);
    Py_INCREF(code);
    Py_DECREF(module);
    return code;
}

static void test_call_args_serials_are_unique(void **state)
{
    (void)state;
    enum { MANY = 3000 }; /* of more than one block */
    uint32_t serial[MANY];
    static unsigned char seen[1 << 16];
    for (int round = 0; round < 2; round++) {
        memset(seen, 0, sizeof seen);
        for (int i = 0; i < MANY; i++) {
            serial[i] = take();
            assert_true(serial[i] < sizeof seen);
            assert_false(seen[serial[i]]);
            seen[serial[i]] = 1;
        }
        for (int i = 0; i < MANY; i++)
            give_back(serial[(i * 7) % MANY]);
    }
    uint32_t last = take();
    assert_true(seen[last]); /* none is taken anew while there are free ones */
    give_back(last);
}

static void test_call_args_sites_are_the_code_s(void **state)
{
    (void)state;
    PyCodeObject *code = compile_calls();
    uint32_t serial = take();
    const struct mpr_call_site *sites = mpr_callsites_of(code, serial);
    assert_non_null(sites);
    int found = 0, by_name[4] = {0};
    for (int unit = 0; unit < (int)Py_SIZE(code); unit++) {
        if (_Py_OPCODE(_PyCode_CODE(code)[unit]) != CALL)
            continue;
        struct mpr_call_site site = sites[unit / MPR_UNITS_PER_SITE];
        int precall = unit - 1 - INLINE_CACHE_ENTRIES_PRECALL; /* takes the arguments off */
        assert_int_equal(_Py_OPCODE(_PyCode_CODE(code)[precall]), PRECALL);
        assert_int_equal(site.depth, mpr_code_depths(code)[precall]);
        assert_true(site.keywords < 4);
        by_name[site.keywords]++;
        found++;
    }
    assert_int_equal(found, 8);
    assert_int_equal(by_name[0], 5);
    assert_int_equal(by_name[1], 2); /* b=b, m=5 */
    assert_int_equal(by_name[2], 1); /* k=4, l=… */
    give_back(serial);
    Py_DECREF(code);
}

static void test_call_args_sites_are_found_once(void **state)
{
    (void)state;
    PyCodeObject *code = compile_calls();
    uint32_t serial = take();
    const struct mpr_call_site *sites = mpr_callsites_of(code, serial);
    int64_t own = mpr_probe->header->rss.own;
    for (int i = 0; i < 1000; i++)
        assert_ptr_equal(mpr_callsites_of(code, serial), sites);
    assert_int_equal(mpr_probe->header->rss.own, own);
    give_back(serial);
    Py_DECREF(code);
}

/* Another code object with a dead one's serial: its own sites, in memory that was used before. */
static void test_call_args_nothing_stays_of_dead_code(void **state)
{
    (void)state;
    PyCodeObject *code = compile_calls();
    PyCodeObject *other = compile_file("a(1)\nb(2, k=3)\n", "other.py");
    uint32_t serial = take();
    const struct mpr_call_site *sites = mpr_callsites_of(code, serial);
    give_back(serial);
    uint32_t again = take();
    assert_int_equal(again, serial);
    const struct mpr_call_site *others = mpr_callsites_of(other, again);
    struct mpr_call_site expected[64];
    assert_true(mpr_code_site_count(other) <= 64);
    mpr_code_call_sites(other, expected);
    assert_memory_equal(others, expected, mpr_code_site_count(other) * sizeof *expected);
    give_back(again);
    int64_t own = mpr_probe->header->rss.own;
    for (int i = 0; i < 1000; i++) {
        serial = take();
        assert_ptr_equal(mpr_callsites_of(code, serial), sites);
        give_back(serial);
    }
    assert_int_equal(mpr_probe->header->rss.own, own);
    Py_DECREF(code);
    Py_DECREF(other);
}

/* Code that is too long to ask is called as it stands. */
static void test_call_args_of_very_long_code(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    char *text = malloc(LINES * 5 + 1);
    assert_non_null(text);
    for (int i = 0; i < LINES; i++)
        memcpy(text + i * 5, "f(a)\n", 6);
    PyCodeObject *code = compile_file(text, "long.py");
    uint32_t serial = take();
    assert_non_null(code);
    assert_null(mpr_callsites_of(code, serial));
    give_back(serial);
    Py_DECREF(code);
    free(text);
}

/* A child has the table, and takes nothing for it. */
static void test_call_args_unarmed(void **state)
{
    (void)state;
    PyCodeObject *code = compile_calls();
    uint32_t serial = take();
    mpr_probe->armed = 0;
    assert_null(mpr_callsites_of(code, serial));
    mpr_probe->armed = 1;
    assert_non_null(mpr_callsites_of(code, serial));
    give_back(serial);
    Py_DECREF(code);
}

static int start(void **state)
{
    (void)state;
    return start_python(NULL, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_call_args_serials_are_unique),
        cmocka_unit_test(test_call_args_sites_are_the_code_s),
        cmocka_unit_test(test_call_args_sites_are_found_once),
        cmocka_unit_test(test_call_args_nothing_stays_of_dead_code),
        cmocka_unit_test(test_call_args_of_very_long_code),
        cmocka_unit_test(test_call_args_unarmed),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
