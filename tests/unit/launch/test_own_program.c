/* SPDX-License-Identifier: MIT */
/* Which file is mapped at an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "mprun/launch.h"
#include "own_program.h"

static void test_own_program_is_what_is_mapped_here(void **state)
{
    (void)state;
    static const char maps[] = "1000-3000 r--p 00000000 08:01 12 /a b/c:[\\012$ (x)\n"
                               "3000-4000 r-xp 00002000 08:01 12 /a/loader\n"
                               "5000-6000 rw-p 00000000 00:00 0 \n"
                               "7000-8000 r-xp 00000000 00:00 0                  [vdso]\n"
                               "nonsense\n"
                               "ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0 /last";
    static const struct {
        uintptr_t address;
        const char *path;
    } row[] = {
        {0xfff, NULL},
        {0x1000, "/a b/c:[\n$ (x)"},
        {0x2fff, "/a b/c:[\n$ (x)"},
        {0x3000, "/a/loader"},
        {0x4000, NULL},
        {0x5000, NULL},
        {0x7000, NULL},
        {0xffffffffff600000, "/last"},
    };
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        char *path = mpr_own_program_parse(maps, row[i].address);
        if (row[i].path)
            assert_string_equal(path, row[i].path);
        else
            assert_null(path);
        free(path);
    }
    assert_null(mpr_own_program_parse("", 0));
}

static void test_own_program_is_this_one(void **state)
{
    char *path = NULL, *expected = realpath("/proc/self/exe", NULL);
    (void)state;
    assert_int_equal(mpr_launch_own_program(&path, NULL), 0);
    assert_string_equal(path, expected);
    free(path);
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_program_is_what_is_mapped_here),
        cmocka_unit_test(test_own_program_is_this_one),
    };
    return cmocka_run_group_tests_name("own_program", tests, NULL, NULL);
}
