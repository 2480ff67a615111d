/* SPDX-License-Identifier: MIT */
/* The sites, with their names and births. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_heap_sites_have_names_and_births(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->site_count, 4);
    const struct mpr_profile_site *load = site_of(profile, "load");
    assert_string_equal(load->function, "load");
    assert_string_equal(load->file, "/home/ann/shop.py");
    assert_null(load->package);
    assert_int_equal(load->blocks_at_end, 6);
    assert_int_equal(load->peak, MIB(7));
    assert_true(load->birth_ns > 0);
    assert_true(site_of(profile, "<startup>")->before);
    assert_string_equal(site_of(profile, "decode")->package, "json");
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_heap_sites_have_names_and_births),
    };
    return cmocka_run_group_tests_name("heap_sites", tests, NULL, NULL);
}
