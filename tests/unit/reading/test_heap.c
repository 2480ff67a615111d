/* SPDX-License-Identifier: MIT */
/* Nodes and sites into rows and holders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static void test_heap_rows_hold_what_callees_took(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(row_of(profile, "main", 22)->live_at_peak, MIB(10));
    assert_int_equal(row_of(profile, "load", 5)->live_at_peak, MIB(9));
    assert_int_equal(row_of(profile, "main", 22)->live_at_end, MIB(4));
    assert_int_equal(row_of(profile, "load", 5)->live_at_end, MIB(1));
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

/* Every field of a node and of a site, and the heap's in the header, with the worst values. */
static void test_heap_survives_any_number(void **state)
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
                mpr_profile_free(profile);
                memcpy(region.bytes + at, &kept, 8);
            }
        }
    }
}

/* A chain as long as a recording can hold takes no longer than its length. */
static void test_heap_long_chains_are_quick(void **state)
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
    assert_int_equal(site_of(profile, "load")->allocations, 10 * (COUNT + 1));
    mpr_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_heap_rows_hold_what_callees_took),
        MODEL_CASE(test_heap_survives_any_number),
        MODEL_CASE(test_heap_long_chains_are_quick),
    };
    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
