/* SPDX-License-Identifier: MIT */
/* What a recording tells of paths, places, samples and sources, as the model has it. */
#include <stdio.h>

#include "made_model.h"

static int setup(void **state)
{
    (void)state;
    make_region(1 << 20);
    return 0;
}

static const char *place_of(const struct mpr_profile *profile, size_t node)
{
    return profile->places[profile->nodes[node].place].qualname;
}

static void test_tree_of_the_model(void **state)
{
    static const struct {
        const char *place;
        uint32_t parent, line;
        enum mpr_node_kind kind;
        enum mpr_domain domain;
    } rows[] = {
        {"<startup>", MPR_NO_PARENT, 0, MPR_PATH_SITE, MPR_DOMAIN_PYTHON},
        {"main", MPR_NO_PARENT, 22, MPR_PATH_ROW, MPR_DOMAIN_PYTHON},
        {"load", 1, 5, MPR_PATH_ROW, MPR_DOMAIN_PYTHON},
        {"load", 2, 5, MPR_PATH_SITE, MPR_DOMAIN_PYTHON},
        {"decode", 2, 310, MPR_PATH_SITE, MPR_DOMAIN_PYTHON},
        {"decode", 1, 320, MPR_PATH_SITE, MPR_DOMAIN_NATIVE},
    };
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    assert_int_equal(profile->node_count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct mpr_profile_node *node = &profile->nodes[i];
        assert_string_equal(place_of(profile, i), rows[i].place);
        assert_int_equal(node->parent, rows[i].parent);
        assert_int_equal(node->line, rows[i].line);
        assert_int_equal(node->kind, rows[i].kind);
        assert_int_equal(node->domain, rows[i].domain);
    }
    const struct mpr_profile_node *load = &profile->nodes[3];
    assert_int_equal(load->allocated, MIB(8));
    assert_int_equal(load->freed, MIB(7));
    assert_int_equal(load->live_at_peak, MIB(7));
    assert_int_equal(load->live_at_end, MIB(1));
    assert_int_equal(load->allocations, 10);
    assert_int_equal(load->blocks_at_end, 6);
    assert_int_equal(profile->nodes[1].allocated, 0);
    mpr_profile_free(profile);
}

/* All that the sites say stands in the tree, too. */
static void test_tree_adds_up_to_the_heap(void **state)
{
    (void)state;
    made_heap();
    struct mpr_profile *profile = build();
    const struct mpr_profile_sum *all = &profile->process[0].heap.all;
    int64_t allocated = 0, freed = 0, end = 0, peak = 0;
    for (size_t i = 0; i < profile->node_count; i++) {
        allocated += profile->nodes[i].allocated;
        freed += profile->nodes[i].freed;
        end += profile->nodes[i].live_at_end;
        peak += profile->nodes[i].live_at_peak;
    }
    assert_int_equal(allocated, all->allocated);
    assert_int_equal(freed, all->freed);
    assert_int_equal(end, all->end);
    assert_int_equal(peak, all->peak);
    mpr_profile_free(profile);
}

/* What is below a node of no path belongs to the row around. */
static void test_tree_leaves_out_what_is_no_path(void **state)
{
    (void)state;
    struct mpr_rec_node *node = made_heap();
    node[3].place = 99;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->node_count, 5);
    assert_string_equal(place_of(profile, 2), "load");
    assert_int_equal(profile->nodes[2].kind, MPR_PATH_SITE);
    assert_int_equal(profile->nodes[2].parent, 1);
    mpr_profile_free(profile);
    node[3].place = 2;
    node[5].parent = 4; /* a site holds nothing */
    profile = build();
    assert_int_equal(profile->nodes[4].parent, 2);
    mpr_profile_free(profile);
    node[5].parent = 6; /* nor does what comes later */
    profile = build();
    assert_int_equal(profile->nodes[4].parent, MPR_NO_PARENT);
    mpr_profile_free(profile);
}

static void test_tree_places_know_their_functions_and_origins(void **state)
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

static void test_tree_place_of_a_hostile_package(void **state)
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

/* Samples name functions by index. */
static void test_tree_timeline_names_functions(void **state)
{
    (void)state;
    made_heap();
    struct mpr_rec_function *main_function = (void *)(region.bytes + MPR_REC_LOG);
    add_sample(10, MIB(10), offset_of(main_function), 22);
    add_sample(20, MIB(11), offset_of(main_function) + 8, 22);
    add_sample(30, MIB(12), 0, 0);
    struct mpr_profile *profile = build();
    const struct mpr_profile_timeline *samples = &profile->process[0].timeline;
    assert_int_equal(samples->count, 3);
    assert_string_equal(profile->functions[samples->bucket[0].max_function].name, "main");
    assert_int_equal(samples->bucket[0].max_line, 22);
    assert_true(samples->bucket[1].max_function == MPR_NONE);
    assert_int_equal(samples->bucket[1].max_line, 0);
    assert_true(samples->bucket[2].max_function == MPR_NONE);
    assert_int_equal(samples->bucket[2].rss_max, MIB(12));
    mpr_profile_free(profile);
}

/* A file's text once, whole, and safe to show. */
static void test_tree_sources_are_the_files(void **state)
{
    (void)state;
    add_source("<made>", MPR_SOURCE_TEXT, "# \xff\ndef f():\n\tpass\ndef g(): pass\n");
    add_source("<never>", MPR_SOURCE_TEXT, "def h(): pass\n");
    add_function("<made>", "f", 2, 3, MPR_REC_BY_DEFAULT);
    add_function("<made>", "g", 4, 4, MPR_REC_BY_DEFAULT);
    struct mpr_profile *profile = build();
    assert_int_equal(profile->source_count, 1);
    const struct mpr_profile_source *source = &profile->sources[0];
    assert_string_equal(source->file, "<made>");
    assert_true(source->made);
    assert_int_equal(source->line_count, 4);
    assert_string_equal(mpr_profile_line(source, 1), "# \\xff");
    assert_string_equal(mpr_profile_line(source, 3), "\tpass");
    assert_int_equal(profile->functions[0].source, 0);
    assert_int_equal(profile->functions[1].source, 0);
    assert_ptr_equal(profile->functions[0].rows[1].source, mpr_profile_line(source, 3));
    mpr_profile_free(profile);
}

/* The model's names of tiers are the recording's, which are those of the command line. */
static void test_tree_tiers_are_called_the_same(void **state)
{
    (void)state;
    for (int tier = MPR_RSS_FAULTS; tier < MPR_RSS_TIERS; tier++) {
        header()->rss.tier = (uint32_t)tier;
        struct mpr_profile *profile = build();
        assert_string_equal(
            mpr_tier_name(profile->process[0].tier), mpr_rss_tier_name((enum mpr_rss_tier)tier));
        mpr_profile_free(profile);
    }
}

static void test_tree_process_ends_as_it_did(void **state)
{
    (void)state;
    struct mpr_profile *profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_EXIT);
    mpr_profile_free(profile);
    run.wait_status = 9;
    profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_SIGNAL);
    assert_int_equal(profile->process[0].exit_signal, 9);
    mpr_profile_free(profile);
    run.wait_status = 0;
    header()->processes.exec_ns = header()->clock.start.ns + 1;
    profile = build();
    assert_int_equal(profile->process[0].end, MPR_END_EXEC);
    mpr_profile_free(profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, free_region)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tree_of_the_model),
        TEST(test_tree_adds_up_to_the_heap),
        TEST(test_tree_leaves_out_what_is_no_path),
        TEST(test_tree_places_know_their_functions_and_origins),
        TEST(test_tree_place_of_a_hostile_package),
        TEST(test_tree_timeline_names_functions),
        TEST(test_tree_sources_are_the_files),
        TEST(test_tree_tiers_are_called_the_same),
        TEST(test_tree_process_ends_as_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
