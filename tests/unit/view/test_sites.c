/* SPDX-License-Identifier: MIT */
/* Sites in order, and those of packages summed up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "made_view.h"

static struct mpr_profile_site *set_package(
    struct mpr_profile *profile, size_t index, const char *package, enum mpr_domain domain)
{
    struct mpr_profile_site *site = &profile->sites[index];
    struct mpr_profile_place *place = &profile->places[site->place];
    free(place->package);
    site->package = place->package = made_text(package);
    site->domain = domain;
    return site;
}

/* json in two lines and two domains, csv in one line, a line of the user's own. */
static struct mpr_profile *made_packages(void)
{
    struct mpr_profile *profile = made_profile();
    profile->process[0].heap.tracked = true;
    made_site(profile, "/lib/json/decoder.py", "decode", 300, 100, 10, 1);
    made_site(profile, "/home/ann/a.py", "load", 4, 500, 25, 2);
    made_site(profile, "/lib/csv.py", "reader", 7, 50, 5, 3);
    made_site(profile, "/lib/json/decoder.py", "scan", 320, 200, 20, 4);
    made_site(profile, "/lib/json/decoder.py", "scan", 320, 300, 30, 5);
    set_package(profile, 0, "json", MPR_DOMAIN_PYTHON)->birth_ns = MPR_UNKNOWN;
    set_package(profile, 2, "csv", MPR_DOMAIN_PYTHON);
    set_package(profile, 3, "json", MPR_DOMAIN_PYTHON)->birth_ns = 77;
    set_package(profile, 4, "json", MPR_DOMAIN_NATIVE);
    return profile;
}

static void test_sites_by_what_they_held(void **state)
{
    static const int64_t expected[] = {30, 25, 20, 10, 5};
    const struct mpr_view_options options = {.top = 1};
    (void)state;
    struct mpr_profile *profile = made_packages();
    struct mpr_view *view = made_view(profile, &options);
    assert_int_equal(view->site_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(view->sites[i]->live_at_peak, expected[i]);
    assert_string_equal(profile->sites[0].function, "decode");
    mpr_view_free(view);
    mpr_profile_free(profile);
}

static void test_sites_packages_fold(void **state)
{
    const struct mpr_view_options options = {.fold_packages = true};
    (void)state;
    struct mpr_profile *profile = made_packages();
    struct mpr_view *view = made_view(profile, &options);
    assert_int_equal(view->site_count, 4);
    const struct mpr_profile_site *json = view->sites[0], *native = view->sites[1];
    assert_string_equal(native->function, "json");
    assert_int_equal(native->domain, MPR_DOMAIN_NATIVE);
    assert_int_equal(native->live_at_peak, 30);
    assert_string_equal(json->function, "json");
    assert_string_equal(json->package, "json");
    assert_null(json->file);
    assert_int_equal(json->line, 0);
    assert_int_equal(json->peak, MPR_UNKNOWN);
    assert_int_equal(json->live_at_peak, 30);
    assert_int_equal(json->allocated, 300);
    assert_int_equal(json->live_at_end, 5);
    assert_int_equal(json->birth_ns, 77);
    assert_string_equal(view->sites[2]->function, "load");
    assert_string_equal(view->sites[2]->file, "/home/ann/a.py");
    assert_string_equal(view->sites[3]->function, "csv");
    /* The model knows nothing of it. */
    assert_int_equal(profile->site_count, 5);
    assert_string_equal(profile->sites[3].function, "scan");
    assert_int_equal(profile->sites[3].allocated, 200);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

/* Equal ones: what was asked for more, then by file and line, then as they are in the model. */
static void test_sites_equal_ones_have_an_order(void **state)
{
    const struct mpr_view_options options = {.fold_packages = false};
    (void)state;
    struct mpr_profile *profile = made_profile();
    profile->process[0].heap.tracked = true;
    made_site(profile, "/b.py", "f", 9, 100, 10, 0);
    made_site(profile, "/b.py", "g", 9, 100, 10, 0);
    made_site(profile, "/b.py", "h", 8, 100, 10, 0);
    made_site(profile, "/a.py", "i", 9, 100, 10, 0);
    made_site(profile, "/z.py", "j", 9, 101, 10, 0);
    struct mpr_view *view = made_view(profile, &options);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(view->sites[i]->function[0], "jihfg"[i]);
    mpr_view_free(view);
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sites_by_what_they_held),
        cmocka_unit_test(test_sites_packages_fold),
        cmocka_unit_test(test_sites_equal_ones_have_an_order),
    };
    return cmocka_run_group_tests_name("sites", tests, NULL, NULL);
}
