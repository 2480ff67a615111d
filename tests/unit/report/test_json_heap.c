/* SPDX-License-Identifier: MIT */
/* The JSON report: the heap of the whole program, and its sites. */
#include "read_json.h"

static void test_json_heap_of_the_program(void **state)
{
    (void)state;
    json_t *root = render_json(made_orders_heap());
    const json_t *heap = json_object_get(root, "heap");
    assert_int_equal(json_number(heap, "peak"), MADE_MIB(107.3));
    assert_int_equal(json_number(heap, "allocations"), 2900000);
    assert_int_equal(json_number(heap, "before_program"), MADE_MIB(14));
    assert_string_equal(json_text(heap, "peak_function"), "load");
    assert_int_equal(json_number(heap, "peak_line"), 8);
    assert_int_equal(json_number(json_object_get(heap, "python"), "end"), MADE_MIB(70.7));
    assert_int_equal(json_number(json_object_get(heap, "native"), "end"), 0);
    assert_json_null(heap, "allocator");
    const json_t *rss = json_object_get(heap, "reconciliation");
    assert_int_equal(json_number(rss, "untouched"), MADE_MIB(6));
    assert_int_equal(json_number(rss, "slack_malloc"), MADE_MIB(1.4));
    assert_int_equal(json_number(rss, "unexplained"), MADE_MIB(0.1));
    assert_int_equal(json_number(rss, "arenas"), 15);
    json_decref(root);
}

static void test_json_heap_that_is_not_known_is_null(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_profile_heap *heap = &profile->process[0].heap;
    heap->at.function = MPR_NONE;
    heap->rss.malloc_known = false;
    heap->reserved = MPR_UNKNOWN;
    heap->allocator = made_text("/u/jemalloc.so");
    json_t *root = render_json(profile);
    const json_t *got = json_object_get(root, "heap");
    assert_json_null(got, "peak_function");
    assert_json_null(got, "peak_line");
    assert_json_null(json_object_get(got, "reconciliation"), "slack_malloc");
    assert_json_null(json_object_get(got, "maps_apart"), "reserved");
    assert_string_equal(json_text(got, "allocator"), "/u/jemalloc.so");
    json_decref(root);
    profile = made_orders_heap();
    profile->process[0].heap.rss.valid = false;
    root = render_json(profile);
    assert_json_null(json_object_get(root, "heap"), "reconciliation");
    json_decref(root);
    root = render_json(made_orders());
    assert_json_null(root, "heap");
    assert_json_null(root, "sites");
    json_decref(root);
}

static void test_json_heap_sites(void **state)
{
    (void)state;
    struct mpr_profile *profile = made_orders_heap();
    profile->sites[2].birth_ns = MPR_UNKNOWN;
    json_t *root = render_json(profile);
    const json_t *sites = json_object_get(root, "sites");
    assert_int_equal(json_array_size(sites), 3);
    const json_t *first = json_array_get(sites, 0);
    assert_int_equal(json_number(first, "line"), 8);
    assert_string_equal(json_text(first, "domain"), "python");
    assert_int_equal(json_number(first, "oldest_ns"), 1500000);
    const json_t *startup = json_array_get(sites, 1);
    assert_json_null(startup, "file");
    assert_json_null(startup, "line");
    assert_json_null(startup, "package");
    assert_string_equal(json_text(startup, "function"), "<startup>");
    const json_t *native = json_array_get(sites, 2);
    assert_string_equal(json_text(native, "domain"), "native");
    assert_json_null(native, "oldest_ns");
    json_decref(root);
    profile = made_orders_heap();
    profile->site_count = 0;
    root = render_json(profile);
    assert_int_equal(json_array_size(json_object_get(root, "sites")), 0);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_heap_of_the_program),
        cmocka_unit_test(test_json_heap_that_is_not_known_is_null),
        cmocka_unit_test(test_json_heap_sites),
    };
    return cmocka_run_group_tests_name("json_heap", tests, NULL, NULL);
}
