/* SPDX-License-Identifier: MIT */
/* The tree of nodes is bounded: what finds no room folds into its context, and nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attached.h"
#include "mprun/heap.h"
#include "mprun/nodes.h"

static void test_heap_the_tree_is_bounded(void **state)
{
    (void)state;
    uint32_t code = mpr_node_place("bound.py", "f", 1, 1);
    uint32_t context = 0;
    for (uint32_t line = 1; line < 200000; line++)
        context = mpr_node_row(context % 3 ? context : 0, code, line);
    uint32_t bound = mpr_nodes_count();
    assert_true(bound < 150000);
    assert_true(mpr_probe->header->notes & MPR_NOTE_HEAP_FOLDED);
    struct mpr_rec_node *folded = mpr_node_leaf(context, code, 999999, MPR_HEAP_NATIVE);
    assert_int_equal(folded->site_here->place, MPR_PLACE_FOLDED);
    assert_int_equal(folded->site_here->domain, MPR_HEAP_NATIVE);
    assert_int_equal(folded->parent, context);
    assert_int_equal(mpr_node_row(0, code, 1000000), 0);
}

static int attach(void **state)
{
    (void)state;
    int status = attach_recording();
    return status < 0 ? status : mpr_heap_start(&(struct mpr_heap_config){0}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_the_tree_is_bounded),
    };
    return cmocka_run_group_tests(tests, attach, NULL);
}
