/* SPDX-License-Identifier: MIT */
/* From nodes to rows, sites and holders, and what a recording may say that is not true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_model.h"

static int setup(void **state)
{
    (void)state;
    make_region(1 << 20);
    return 0;
}

static const struct mpr_profile_row *row(
    const struct mpr_profile *profile, const char *name, uint32_t line)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        const struct mpr_profile_function *function = &profile->functions[i];
        if (strcmp(function->name, name) == 0)
            return &function->rows[line - function->first_line];
    }
    fail_msg("no function %s", name);
    return NULL;
}

static const struct mpr_profile_site *site(const struct mpr_profile *profile, const char *function)
{
    for (size_t i = 0; i < profile->site_count; i++)
        if (strcmp(profile->sites[i].function, function) == 0)
            return &profile->sites[i];
    return NULL;
}

static void test_profile_heap_rows_hold_what_callees_took(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, "main", 22)->live_at_peak, MIB(10));
    assert_int_equal(row(profile, "load", 5)->live_at_peak, MIB(9));
    assert_int_equal(row(profile, "main", 22)->live_at_end, MIB(4));
    assert_int_equal(row(profile, "load", 5)->live_at_end, MIB(1));
    assert_int_equal(profile->process[0].heap.all.end, MIB(6));
    assert_int_equal(profile->process[0].heap.before, MIB(2));
    assert_int_equal(profile->process[0].heap.all.peak, MIB(13));
    assert_int_equal(profile->process[0].heap.native.end, MIB(3));
    assert_int_equal(profile->process[0].heap.holder_count, 3);
    assert_int_equal(profile->process[0].heap.holders[0].live_at_peak, MIB(9));
    assert_int_equal(profile->process[0].heap.holders[0].line, 5);
    assert_string_equal(profile->process[0].heap.holders[1].name, "before the program");
    assert_int_equal(profile->process[0].heap.holders[2].line, 22);
    assert_int_equal(profile->process[0].heap.at.line, 5);
    mpr_profile_free(profile);
}

static void test_profile_heap_sites_have_names_and_births(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->site_count, 4);
    const struct mpr_profile_site *load = site(profile, "load");
    assert_string_equal(load->function, "load");
    assert_string_equal(load->file, "/home/ann/shop.py");
    assert_null(load->package);
    assert_int_equal(load->blocks_at_end, 6);
    assert_int_equal(load->peak, MIB(7));
    assert_true(load->birth_ns > 0);
    assert_true(site(profile, "<startup>")->before);
    assert_string_equal(site(profile, "decode")->package, "json");
    mpr_profile_free(profile);
}

/* The highest total has not fallen again: what is live now is the peak. */
static void test_profile_heap_peak_may_stand_at_the_end(void **state)
{
    (void)state;
    made_heap();
    header()->heap.on_free = MPR_ON_FREE_RISING;
    struct mpr_profile *profile = build();
    assert_int_equal(row(profile, "load", 5)->live_at_peak, MIB(1));
    mpr_profile_free(profile);
}

static void test_profile_heap_a_snapshot_is_the_end(void **state)
{
    (void)state;
    struct mpr_rec_node *node = made_heap();
    header()->heap.snapshot = MPR_SNAPSHOT_COLLECTED;
    node[4].end = 4711;
    node[4].end_blocks = 3;
    struct mpr_profile *profile = build();
    assert_int_equal(site(profile, "load")->live_at_end, 4711);
    assert_int_equal(site(profile, "load")->blocks_at_end, 3);
    assert_true(profile->process[0].heap.after_collection);
    mpr_profile_free(profile);
}

static void render_all(const struct mpr_profile *profile)
{
    for (size_t i = 0; i < profile->site_count; i++)
        assert_non_null(profile->sites[i].function);
}

/* Every field of a node and of a site, and the heap's in the header, with the worst values. */
static void test_profile_heap_survives_any_number(void **state)
{
    static const uint64_t values[] = {
        0, 1, 3, 7, 0x7fffffff, 0xffffffff, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX};
    (void)state;
    struct mpr_rec_node *node = made_heap();
    uint64_t start = offset_of(header()), heap = start + offsetof(struct mpr_rec_header, heap);
    uint64_t areas[][2] = {{offset_of(node), 7 * sizeof *node}, {heap, sizeof(struct mpr_rec_heap)},
        {offset_of(node) - sizeof(struct mpr_rec_nodes) - 4 * sizeof(struct mpr_rec_site) - 16,
            4 * sizeof(struct mpr_rec_site) + 16 + sizeof(struct mpr_rec_nodes)}};
    for (size_t area = 0; area < 3; area++) {
        for (uint64_t at = areas[area][0]; at < areas[area][0] + areas[area][1]; at += 4) {
            for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
                uint64_t kept;
                memcpy(&kept, region.bytes + at, 8);
                memcpy(region.bytes + at, &values[i], at % 8 ? 4 : 8);
                struct mpr_profile *profile = try_build(&(struct mpr_error){""});
                if (profile)
                    render_all(profile);
                mpr_profile_free(profile);
                memcpy(region.bytes + at, &kept, 8);
            }
        }
    }
}

/* A chain as long as a recording can hold takes no longer than its length. */
static void test_profile_heap_long_chains_are_quick(void **state)
{
    (void)state;
    free(region.bytes);
    make_region((size_t)64 << 20);
    made_heap();
    enum { COUNT = 400000 };
    struct mpr_rec_node *node = add_nodes(COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        set_leaf(&node[i], i + 6, 1, 1, 1);
        node[i].number = i + 7;
    }
    struct mpr_profile *profile = build();
    assert_int_equal(site(profile, "load")->allocations, 10 * (COUNT + 1));
    mpr_profile_free(profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, free_region)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_profile_heap_rows_hold_what_callees_took),
        TEST(test_profile_heap_sites_have_names_and_births),
        TEST(test_profile_heap_peak_may_stand_at_the_end),
        TEST(test_profile_heap_a_snapshot_is_the_end),
        TEST(test_profile_heap_survives_any_number),
        TEST(test_profile_heap_long_chains_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
