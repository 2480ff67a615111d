/* SPDX-License-Identifier: MIT */
/* What the model calls its numbers: part of the JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/profile.h"

static void test_names_of_the_json(void **state)
{
    (void)state;
    assert_string_equal(mpr_domain_name(MPR_DOMAIN_PYTHON), "python");
    assert_string_equal(mpr_domain_name(MPR_DOMAIN_NATIVE), "native");
    assert_string_equal(mpr_domain_name(MPR_DOMAIN_MMAP), "mmap");
    assert_string_equal(mpr_container_name(MPR_CONTAINER_INTERPRETER), "interpreter");
    assert_string_equal(mpr_container_name(MPR_CONTAINER_EMBEDDED), "embedded");
    assert_string_equal(mpr_container_name(MPR_CONTAINER_EXTENSION), "extension");
    assert_string_equal(mpr_tier_name(MPR_TIER_FAULTS), "faults");
    assert_string_equal(mpr_tier_name(MPR_TIER_USER_FAULTS), "user-faults");
    assert_string_equal(mpr_tier_name(MPR_TIER_RUSAGE), "rusage");
    assert_string_equal(mpr_tier_name(MPR_TIER_EVERY_LINE), "every-line");
    assert_string_equal(mpr_tier_name(MPR_TIER_OFF), "off");
    assert_null(mpr_engine_name(MPR_ENGINE_NONE));
    assert_string_equal(mpr_engine_name(MPR_ENGINE_SETTRACE), "settrace");
    assert_string_equal(mpr_engine_name(MPR_ENGINE_MONITORING), "monitoring");
}

/* What is no code has a name that no code can have. */
static void test_names_of_places(void **state)
{
    (void)state;
    assert_null(mpr_place_kind_name(MPR_AT_CODE));
    assert_string_equal(mpr_place_kind_name(MPR_AT_STARTUP), "<startup>");
    for (int kind = MPR_AT_CODE + 1; kind < MPR_AT_KINDS; kind++)
        assert_int_equal(mpr_place_kind_name((enum mpr_place_kind)kind)[0], '<');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_the_json),
        cmocka_unit_test(test_names_of_places),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
