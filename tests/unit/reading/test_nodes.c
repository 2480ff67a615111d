/* SPDX-License-Identifier: MIT */
/* The call tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_model.h"

static const char *place_of(const struct mpr_profile *profile, size_t node)
{
    return profile->places[profile->nodes[node].place].qualname;
}

static void test_nodes_of_the_tree(void **state)
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
static void test_nodes_adds_up_to_the_heap(void **state)
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
static void test_nodes_leaves_out_what_is_no_path(void **state)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_CASE(test_nodes_of_the_tree),
        MODEL_CASE(test_nodes_adds_up_to_the_heap),
        MODEL_CASE(test_nodes_leaves_out_what_is_no_path),
    };
    return cmocka_run_group_tests_name("nodes", tests, NULL, NULL);
}
