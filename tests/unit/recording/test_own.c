/* SPDX-License-Identifier: MIT */
/* Pages of mprun's own: resident before they are used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "mprun/own.h"

#define PAGE ((size_t)4096)
#define PAGES ((size_t)64)

static size_t resident(void *start, size_t size)
{
    unsigned char in[PAGES];
    size_t count = 0;
    assert_int_equal(mincore(start, size, in), 0);
    for (size_t i = 0; i < size / PAGE; i++)
        count += in[i] & 1;
    return count;
}

static void test_own_pages_are_resident_at_once(void **state)
{
    size_t bytes = 0;
    (void)state;
    char *start = mpr_own_map(PAGE * 4 + 1, &bytes);
    assert_non_null(start);
    assert_int_equal(bytes, PAGE * 5);
    assert_int_equal(resident(start, bytes), 5);
    for (size_t i = 0; i < bytes; i++)
        assert_int_equal(start[i], 0);
    munmap(start, bytes);
    start = mpr_own_map(1, NULL);
    assert_non_null(start);
    munmap(start, PAGE);
}

static void test_own_what_cannot_be_had_is_null(void **state)
{
    size_t bytes = 77;
    (void)state;
    assert_null(mpr_own_map((size_t)1 << 60, &bytes));
    assert_int_equal(bytes, 77);
}

/* Only what was named; what is there stays. */
static void test_own_populates_a_part(void **state)
{
    (void)state;
    char *start =
        mmap(NULL, PAGE * PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(start, MAP_FAILED);
    madvise(start, PAGE * PAGES, MADV_NOHUGEPAGE);
    start[PAGE * 5] = 'x';
    mpr_own_populate(start + PAGE * 4, PAGE * 3);
    assert_int_equal(resident(start, PAGE * PAGES), 3);
    assert_int_equal(start[PAGE * 5], 'x');
    munmap(start, PAGE * PAGES);
}

static void test_own_object_by_an_address_in_it(void **state)
{
    static int in_data;
    (void)state;
    size_t bytes = mpr_own_populate_object(&in_data);
    assert_true(bytes >= 4 * PAGE && bytes % PAGE == 0);
    assert_int_equal(mpr_own_populate_object("in text"), bytes);
    char *none = malloc(1);
    assert_int_equal(mpr_own_populate_object(none), 0);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_pages_are_resident_at_once),
        cmocka_unit_test(test_own_what_cannot_be_had_is_null),
        cmocka_unit_test(test_own_populates_a_part),
        cmocka_unit_test(test_own_object_by_an_address_in_it),
    };
    return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
