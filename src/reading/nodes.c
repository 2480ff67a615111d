/* SPDX-License-Identifier: MIT */
/* The call tree as the model keeps it. What a damaged recording says of no path is left out, and
 * what is below that belongs to the row around it. */
#include <stdlib.h>

#include "builder.h"

static bool set_row(
    const struct mpr_builder *b, const struct mpr_rec_node *recorded, struct mpr_profile_node *node)
{
    if (recorded->place == 0 || recorded->place > b->place_count)
        return false;
    node->kind = MPR_PATH_ROW;
    node->place = (uint32_t)mpr_build_place(b, recorded->place);
    node->line = recorded->line;
    return true;
}

static void set_site(const struct mpr_builder *b, const struct mpr_rec_node *recorded,
    const struct mpr_rec_site *site, struct mpr_profile_node *node)
{
    node->kind = MPR_PATH_SITE;
    node->place = (uint32_t)mpr_build_place(b, site->place);
    node->line = site->line;
    node->domain = (uint8_t)mpr_build_domain(site->domain);
    node->allocated = mpr_add((int64_t)(recorded->allocated + recorded->allocated_nogil), 0);
    node->allocations = mpr_add((int64_t)(recorded->allocations + recorded->allocations_nogil), 0);
    node->live_at_peak = mpr_add(mpr_node_at_peak(b, recorded), 0);
    node->live_at_end = mpr_add(mpr_node_at_end(b, recorded), 0);
    node->freed = mpr_subtract(node->allocated, node->live_at_end);
    node->blocks_at_end = mpr_add((int64_t)mpr_node_blocks_at_end(b, recorded), 0);
}

/* Behind those that are there. `index` holds what became of the numbers below. */
static uint32_t keep(
    struct mpr_builder *b, const struct mpr_tree *tree, size_t number, const uint32_t *index)
{
    struct mpr_profile *profile = b->profile;
    const struct mpr_rec_node *recorded = tree->node[number];
    uint32_t site = recorded->site, parent = recorded->parent;
    uint32_t around = parent && parent < number ? index[parent] : MPR_NO_PARENT;
    struct mpr_profile_node *node = &profile->nodes[profile->node_count];
    *node = (struct mpr_profile_node){.parent = around};
    if (around != MPR_NO_PARENT && profile->nodes[around].kind != MPR_PATH_ROW)
        node->parent = profile->nodes[around].parent;
    if (site == MPR_NODE_ROW) {
        if (!set_row(b, recorded, node))
            return node->parent;
    } else if (site < tree->site_count && recorded->number == number) {
        set_site(b, recorded, tree->site[site], node);
    } else {
        return node->parent;
    }
    return (uint32_t)profile->node_count++;
}

int mpr_build_nodes(struct mpr_builder *b, const struct mpr_tree *tree, struct mpr_error *err)
{
    if (b->detail >= MPR_DETAIL_NO_NODES)
        return 0;
    uint32_t *index = malloc(tree->count * sizeof *index);
    b->profile->nodes = malloc(tree->count * sizeof *b->profile->nodes);
    if (!index || !b->profile->nodes) {
        free(index);
        return mpr_build_nomem(err);
    }
    for (size_t number = 1; number < tree->count; number++)
        index[number] = keep(b, tree, number, index);
    b->node_index = index;
    b->node_numbers = tree->count;
    return 0;
}
