/* SPDX-License-Identifier: MIT */
/* The hash of tables: FNV-1a by its published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/hash.h"

static void test_hash_is_fnv1a(void **state)
{
    (void)state;
    assert_true(mpr_hash_bytes(MPR_HASH_START, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(mpr_hash_bytes(MPR_HASH_START, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(mpr_hash_bytes(MPR_HASH_START, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void test_hash_of_texts_knows_where_they_end(void **state)
{
    (void)state;
    uint64_t first = mpr_hash_text(mpr_hash_text(MPR_HASH_START, "a"), "bc");
    uint64_t second = mpr_hash_text(mpr_hash_text(MPR_HASH_START, "ab"), "c");
    assert_true(first != second);
    assert_true(mpr_hash_fold(UINT64_C(0x1234567800000000)) == UINT64_C(0x1234567812345678));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_is_fnv1a),
        cmocka_unit_test(test_hash_of_texts_knows_where_they_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
