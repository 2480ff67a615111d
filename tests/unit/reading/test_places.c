/* SPDX-License-Identifier: MIT */
/* What allocates, by its name and origin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "builder.h"
#include "made_model.h"

static void test_places_know_their_functions_and_origins(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->place_count, 3 + MPR_AT_KINDS - 1);
    const struct mpr_profile_place *load = &profile->places[1], *decode = &profile->places[2];
    assert_string_equal(load->file, "/home/ann/shop.py");
    assert_string_equal(profile->functions[load->function].name, "load");
    assert_string_equal(profile->functions[profile->places[0].function].name, "main");
    assert_int_equal(load->origin, MPR_ORIGIN_USER);
    assert_null(load->package);
    assert_int_equal(decode->origin, MPR_ORIGIN_STDLIB);
    assert_string_equal(decode->package, "json");
    assert_true(decode->function == MPR_NONE);
    mpr_profile_free(profile);
}

static void test_places_of_a_hostile_package(void **state)
{
    static const uint32_t offsets[] = {0, 1, 63, 4711, UINT32_MAX};
    (void)state;
    made_heap();
    struct mpr_rec_place *place = add_place("x", "hostile", 1);
    place->origin = 4711;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        place->package = offsets[i];
        struct mpr_profile *profile = build();
        assert_int_equal(profile->places[3].origin, MPR_ORIGIN_USER);
        assert_null(profile->places[3].package);
        mpr_profile_free(profile);
    }
}

/* What is no code has its kind; a number that nobody gave is none. */
static void test_places_by_their_numbers(void **state)
{
    const struct mpr_builder b = {.place_count = 3};
    static const struct {
        uint32_t recorded;
        size_t index;
    } rows[] = {
        {1, 0},
        {3, 2},
        {MPR_PLACE_STARTUP, 3 + MPR_AT_STARTUP - 1},
        {MPR_PLACE_INTERPRETER, 3 + MPR_AT_INTERPRETER - 1},
        {MPR_PLACE_NATIVE_THREAD, 3 + MPR_AT_NATIVE_THREAD - 1},
        {MPR_PLACE_FOLDED, 3 + MPR_AT_FOLDED - 1},
        {0, 3 + MPR_AT_UNKNOWN - 1},
        {4, 3 + MPR_AT_UNKNOWN - 1},
        {MPR_PLACE_STARTUP - 1, 3 + MPR_AT_UNKNOWN - 1},
        {UINT32_MAX,
            MPR_PLACE_FOLDED == UINT32_MAX ? 3 + MPR_AT_FOLDED - 1 : 3 + MPR_AT_UNKNOWN - 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(mpr_build_place(&b, rows[i].recorded), rows[i].index);
    made_heap();
    struct mpr_profile *profile = build();
    for (size_t i = 3; i < profile->place_count; i++) {
        const struct mpr_profile_place *place = &profile->places[i];
        assert_int_equal(place->kind, MPR_AT_CODE + 1 + i - 3);
        assert_string_equal(place->qualname, mpr_place_kind_name(place->kind));
        assert_null(place->file);
    }
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_places_know_their_functions_and_origins),
        MODEL_CASE(test_places_of_a_hostile_package),
        MODEL_CASE(test_places_by_their_numbers),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
