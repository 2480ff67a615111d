/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <sys/mman.h>

#include "attached.h"
#include "reconcile.h"

static void test_resident_untouched_is_what_mincore_says(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    madvise(memory, size, MADV_NOHUGEPAGE);
    memset(memory, 1, size / 4);
    uintptr_t start = (uintptr_t)memory;
    assert_int_equal(mpr_untouched(start, start + size), size / 4 * 3);
    assert_int_equal(mpr_untouched(start + 1, start + 4096), 0);
    munmap(memory, size);
}

/* Of a mapping that is known, what is said is taken, and the smaller part is looked at. */
static void test_resident_untouched_of_large_mappings(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20, huge = (size_t)32 << 40;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    madvise(memory, size, MADV_NOHUGEPAGE);
    memset(memory, 1, size / 4);
    uintptr_t start = (uintptr_t)memory, far = start + ((uintptr_t)1 << 40);
    mpr_resident_begin();
    mpr_resident_learn(start, start + size, (int64_t)size / 4);
    mpr_resident_learn(far, far + huge, 0);
    mpr_resident_learn(far + huge, far + 2 * huge, 8192);
    assert_int_equal(mpr_untouched(start, start + size), size / 4 * 3);
    assert_int_equal(mpr_untouched(start + size / 8, start + size), size / 4 * 3);
    assert_int_equal(mpr_untouched(start, start + size / 8), 0);
    assert_int_equal(mpr_untouched(far + 4096, far + huge), huge - 4096);
    assert_int_equal(mpr_untouched(far, far + 2 * huge), 2 * huge - 8192);
    assert_true(mpr_resident_known());
    mpr_untouched(far + huge, far + huge + huge / 2); /* which half holds them? */
    assert_false(mpr_resident_known());
    mpr_resident_begin();
    assert_int_equal(mpr_untouched(start, start + size), size / 4 * 3);
    assert_true(mpr_resident_known());
    munmap(memory, size);
}

static int attach(void **state)
{
    (void)state;
    return attach_recording();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resident_untouched_is_what_mincore_says),
        cmocka_unit_test(test_resident_untouched_of_large_mappings),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
