/* SPDX-License-Identifier: MIT */
/* From nodes to figures: each node's bytes go to its site, and to every row on its path once. The
 * tree may come from a target that died at any instruction, or be hostile: a parent's number must
 * be smaller than the child's, all others are checked against what there is. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* What a node holds. */
struct leaf {
    int64_t at_peak;
    int64_t at_end;
};

struct tree {
    struct mpr_builder *b;
    struct mpr_tree by_number;
    struct leaf *inside;      /* by number: of all leaves below */
    struct mpr_site_sum *sum; /* by site */
    int64_t *held;            /* by number of a row's node: at the peak, as the innermost row */
    int64_t special[MPR_AT_KINDS]; /* the same of what is no row, by kind of place */
};

/* --- arrays by number --- */

static bool list_nodes(struct tree *tree)
{
    const struct mpr_builder *b = tree->b;
    size_t room = 1;
    for (size_t i = 0; i < b->nodes_count; i++)
        room += b->nodes[i]->capacity;
    tree->by_number.node = calloc(room, sizeof *tree->by_number.node);
    tree->held = calloc(room, sizeof *tree->held);
    tree->inside = calloc(room, sizeof *tree->inside);
    if (!tree->by_number.node || !tree->held || !tree->inside)
        return false;
    for (size_t i = 0; i < b->nodes_count; i++) {
        const struct mpr_rec_nodes *record = b->nodes[i];
        const struct mpr_rec_node *first = (const void *)((const char *)record + record->first);
        uint32_t used = __atomic_load_n(&record->count, __ATOMIC_ACQUIRE);
        for (uint32_t n = 0; n < record->capacity && n < used && tree->by_number.count < room; n++)
            tree->by_number.node[tree->by_number.count++] = first + n;
        if (used < record->capacity)
            break; /* the last one */
    }
    return true;
}

static bool list_sites(struct tree *tree)
{
    const struct mpr_builder *b = tree->b;
    size_t room = 1;
    for (size_t i = 0; i < b->sites_count; i++)
        room += b->sites[i]->capacity;
    tree->by_number.site = calloc(room, sizeof *tree->by_number.site);
    tree->sum = calloc(room, sizeof *tree->sum);
    if (!tree->by_number.site || !tree->sum)
        return false;
    for (size_t i = 0; i < b->sites_count; i++) {
        const struct mpr_rec_sites *record = b->sites[i];
        uint32_t used = __atomic_load_n(&record->count, __ATOMIC_ACQUIRE);
        for (uint32_t n = 0; n < record->capacity && n < used && tree->by_number.site_count < room;
             n++)
            tree->by_number.site[tree->by_number.site_count++] = &record->site[n];
        if (used < record->capacity)
            break;
    }
    return true;
}

/* The row of a row's node, or NULL. */
static struct mpr_profile_row *row_of(
    const struct tree *tree, const struct mpr_rec_node *node, size_t *ret_function)
{
    if (node->site != MPR_NODE_ROW || node->place == 0 || node->place > tree->b->place_count)
        return NULL;
    const struct mpr_profile *profile = tree->b->profile;
    size_t index = profile->places[mpr_build_place(tree->b, node->place)].function;
    if (index == MPR_NONE)
        return NULL;
    struct mpr_profile_function *function = &profile->functions[index];
    struct mpr_profile_row *row = mpr_build_row(function, node->line);
    if (row)
        *ret_function = index;
    return row;
}

/* --- sums --- */

static void to_site(
    struct tree *tree, const struct mpr_rec_node *node, uint32_t site, struct leaf leaf)
{
    struct mpr_site_sum *sum = &tree->sum[site];
    uint64_t blocks = mpr_node_blocks_at_end(tree->b, node);
    sum->allocated = mpr_add(sum->allocated, (int64_t)(node->allocated + node->allocated_nogil));
    sum->allocations =
        mpr_add(sum->allocations, (int64_t)(node->allocations + node->allocations_nogil));
    sum->at_peak = mpr_add(sum->at_peak, leaf.at_peak);
    sum->at_end = mpr_add(sum->at_end, leaf.at_end);
    sum->blocks_at_end = mpr_add(sum->blocks_at_end, (int64_t)blocks);
    if (blocks && (sum->birth == 0 || node->birth < sum->birth))
        sum->birth = node->birth;
}

static void add_leaf(struct leaf *sum, struct leaf leaf)
{
    sum->at_peak = mpr_add(sum->at_peak, leaf.at_peak);
    sum->at_end = mpr_add(sum->at_end, leaf.at_end);
}

/* What no row holds. Code outside all rows is as little told apart as what was folded. */
static void to_nobody(struct tree *tree, uint32_t site, int64_t at_peak)
{
    const struct mpr_tree *known = &tree->by_number;
    const struct mpr_rec_site *recorded = site < known->site_count ? known->site[site] : NULL;
    size_t place = mpr_build_place(tree->b, recorded ? recorded->place : 0);
    enum mpr_place_kind kind = tree->b->profile->places[place].kind;
    if (kind == MPR_AT_CODE || kind == MPR_AT_UNKNOWN)
        kind = MPR_AT_FOLDED;
    tree->special[kind] = mpr_add(tree->special[kind], at_peak);
}

static void to_section(struct mpr_builder *b, uint32_t label, int64_t at_end)
{
    if (label > 0 && label <= b->labels_count)
        b->section_live[label] = mpr_add(b->section_live[label], at_end);
}

/* One node, all of its children being done: its bytes, or those of the leaves below it, go to the
 * node around. A path holds no row twice, so that each gets a leaf's bytes once. Rows that are not
 * shown hand on what they held as the innermost one. */
static void add_node(struct tree *tree, size_t number)
{
    const struct mpr_rec_node *node = tree->by_number.node[number];
    uint32_t site = node->site, parent = node->parent;
    size_t function;
    bool around = parent && parent < number;
    struct leaf leaf = tree->inside[number];
    int64_t held = 0;
    if (site < tree->by_number.site_count && node->number == number) {
        leaf = (struct leaf){mpr_node_at_peak(tree->b, node), mpr_node_at_end(tree->b, node)};
        held = leaf.at_peak;
        to_site(tree, node, site, leaf);
    } else if (site == MPR_NODE_ROW) {
        struct mpr_profile_row *row = row_of(tree, node, &function);
        if (row) {
            row->live_at_peak = mpr_add(row->live_at_peak, leaf.at_peak);
            row->live_at_end = mpr_add(row->live_at_end, leaf.at_end);
        } else {
            held = tree->held[number];
            tree->held[number] = 0;
        }
    }
    if (site == MPR_NODE_ROW && node->place == MPR_PLACE_SECTION)
        to_section(tree->b, node->line, leaf.at_end);
    if (around) {
        add_leaf(&tree->inside[parent], leaf);
        tree->held[parent] = mpr_add(tree->held[parent], held);
    } else {
        to_nobody(tree, site, held);
    }
}

/* Children have larger numbers than their parents. */
static void add_up(struct tree *tree)
{
    for (size_t number = tree->by_number.count; number-- > 1;)
        add_node(tree, number);
}

static void set_sums(struct tree *tree)
{
    for (size_t i = 0; i < tree->by_number.site_count; i++)
        mpr_heap_add_site(tree->b, tree->by_number.site[i], &tree->sum[i]);
    mpr_heap_set_sums(tree->b);
}

/* --- who held the peak --- */

static int by_row(const void *left, const void *right)
{
    const struct mpr_profile_holder *a = left;
    const struct mpr_profile_holder *b = right;
    if (a->function != b->function)
        return a->function < b->function ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static int by_held(const void *left, const void *right)
{
    const struct mpr_profile_holder *a = left;
    const struct mpr_profile_holder *b = right;
    if (a->live_at_peak != b->live_at_peak)
        return a->live_at_peak > b->live_at_peak ? -1 : 1;
    return by_row(left, right);
}

/* A row has a node on each path that it is on: sum them up. */
static size_t merge_rows(struct mpr_profile_holder *holders, size_t count)
{
    size_t kept = 0;
    qsort(holders, count, sizeof *holders, by_row);
    for (size_t i = 0; i < count; i++) {
        if (kept && by_row(&holders[kept - 1], &holders[i]) == 0)
            holders[kept - 1].live_at_peak =
                mpr_add(holders[kept - 1].live_at_peak, holders[i].live_at_peak);
        else
            holders[kept++] = holders[i];
    }
    return kept;
}

/* What no row held. `holders` has room. */
static bool add_special(const struct tree *tree, struct mpr_profile_heap *heap)
{
    static const char *const names[MPR_AT_KINDS] = {
        [MPR_AT_STARTUP] = "before the program",
        [MPR_AT_INTERPRETER] = "the interpreter",
        [MPR_AT_NATIVE_THREAD] = "<native thread>",
        [MPR_AT_FOLDED] = "other code",
    };
    for (size_t i = 0; i < MPR_AT_KINDS; i++) {
        if (tree->special[i] <= 0)
            continue;
        char *name = mpr_strdup(names[i]);
        if (!name)
            return false;
        heap->holders[heap->holder_count++] =
            (struct mpr_profile_holder){MPR_NONE, 0, name, tree->special[i]};
    }
    return true;
}

static bool set_holders(struct tree *tree)
{
    struct mpr_profile_heap *heap = &tree->b->process->heap;
    struct mpr_profile_holder *holders =
        calloc(tree->by_number.count + MPR_AT_KINDS + 1, sizeof *holders);
    size_t count = 0;
    if (!holders)
        return false;
    for (size_t number = 1; number < tree->by_number.count; number++) {
        size_t function = MPR_NONE;
        if (tree->held[number] <= 0 || !row_of(tree, tree->by_number.node[number], &function))
            continue;
        holders[count++] = (struct mpr_profile_holder){
            function, tree->by_number.node[number]->line, NULL, tree->held[number]};
    }
    heap->holders = holders;
    heap->holder_count = merge_rows(holders, count);
    if (!add_special(tree, heap))
        return false;
    qsort(holders, heap->holder_count, sizeof *holders, by_held);
    return true;
}

/* The innermost row in which the peak was reached. */
static void set_place(struct tree *tree)
{
    struct mpr_profile_holder *at = &tree->b->process->heap.at;
    uint32_t number = tree->b->header->heap.peak_node, child = UINT32_MAX;
    size_t function = MPR_NONE;
    while (number && number < child && number < tree->by_number.count) {
        const struct mpr_rec_node *node = tree->by_number.node[number];
        if (row_of(tree, node, &function)) {
            at->function = function;
            at->line = node->line;
            return;
        }
        child = number;
        number = node->parent;
    }
}

static bool set_allocator(struct mpr_builder *b)
{
    const char *name = b->header->heap.allocator;
    size_t len = strnlen(name, sizeof b->header->heap.allocator);
    if (len)
        b->process->heap.allocator = mpr_build_text(name, len);
    return !len || b->process->heap.allocator;
}

static void tree_release(struct tree *tree)
{
    free(tree->by_number.node);
    free(tree->by_number.site);
    free(tree->held);
    free(tree->inside);
    free(tree->sum);
}

/* What is no amount of memory comes of a damaged recording. */
static bool plausible(int64_t bytes)
{
    const int64_t most = (int64_t)1 << 50;
    return bytes > -most && bytes < most;
}

static struct mpr_profile_reconciliation copy_reconciliation(
    const struct mpr_rec_reconciliation *recorded)
{
    return (struct mpr_profile_reconciliation){
        .valid = recorded->valid,
        .malloc_known = recorded->malloc_known,
        .rss = recorded->rss,
        .python = recorded->python,
        .native = recorded->native,
        .untouched = recorded->untouched,
        .interpreter = recorded->interpreter,
        .files = recorded->files,
        .shared = recorded->shared,
        .slack_python = recorded->slack_python,
        .slack_malloc = recorded->slack_malloc,
        .arenas = recorded->arenas,
    };
}

static void set_reconciliation(struct mpr_builder *b)
{
    struct mpr_profile_heap *heap = &b->process->heap;
    struct mpr_profile_reconciliation *r = &heap->rss;
    *r = copy_reconciliation(&b->header->heap.reconciliation);
    heap->unexplained = MPR_UNKNOWN;
    const int64_t terms[] = {r->python, r->native, r->untouched, r->interpreter, r->files,
        r->shared, r->slack_python, r->slack_malloc};
    r->valid = r->valid && plausible(r->rss);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        r->valid = r->valid && plausible(terms[i]);
    if (r->valid)
        heap->unexplained = r->rss - (r->python + r->native - r->untouched + r->interpreter +
                                         r->files + r->shared + r->slack_python + r->slack_malloc);
}

static void set_facts(struct mpr_builder *b)
{
    const struct mpr_rec_heap *recorded = &b->header->heap;
    struct mpr_profile_heap *heap = &b->process->heap;
    heap->tracked = true;
    heap->after_collection = recorded->snapshot == MPR_SNAPSHOT_COLLECTED;
    heap->reserved = mpr_add(recorded->nonheap_reserved, 0);
    heap->files = mpr_add(recorded->nonheap_file, 0);
    heap->shared = mpr_add(recorded->nonheap_shared, 0);
    set_reconciliation(b);
}

static int build_tree(struct tree *tree, struct mpr_error *err)
{
    struct mpr_builder *b = tree->b;
    b->section_live = calloc(b->labels_count + 1, sizeof *b->section_live);
    if (!b->section_live || !list_nodes(tree) || !list_sites(tree))
        return mpr_build_nomem(err);
    int status = mpr_build_places(b, err);
    if (status < 0)
        return status;
    add_up(tree);
    set_sums(tree);
    set_place(tree);
    if (!set_holders(tree) || !set_allocator(b))
        return mpr_build_nomem(err);
    status = mpr_build_sites(b, &tree->by_number, tree->sum, err);
    return status == 0 ? mpr_build_nodes(b, &tree->by_number, err) : status;
}

int mpr_build_heap(struct mpr_builder *b, struct mpr_error *err)
{
    struct tree tree = {.b = b};
    if (b->heap_off)
        return 0;
    set_facts(b);
    if (b->detail >= MPR_DETAIL_NO_SITES) {
        mpr_heap_totals(b);
        return set_allocator(b) ? 0 : mpr_build_nomem(err);
    }
    int status = build_tree(&tree, err);
    tree_release(&tree);
    return status;
}
