/* SPDX-License-Identifier: MIT */
/* Tiers of RSS by their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mprun/base.h"
#include "mprun/recording.h"

static void test_tier_names_round_trip(void **state)
{
    (void)state;
    enum mpr_rss_tier tier;
    for (int i = 0; i < MPR_RSS_TIERS; i++) {
        assert_int_equal(mpr_rss_tier_parse(mpr_rss_tier_name((enum mpr_rss_tier)i), &tier), 0);
        assert_int_equal(tier, i);
    }
    assert_int_equal(mpr_rss_tier_parse("fault", &tier), MPR_ERR_INVALID);
    assert_null(mpr_rss_tier_name(MPR_RSS_TIERS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tier_names_round_trip),
    };
    return cmocka_run_group_tests_name("tier", tests, NULL, NULL);
}
