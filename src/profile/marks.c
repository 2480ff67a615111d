/* SPDX-License-Identifier: MIT */
/* What lived at a mark: by site, or in place of what lived at the end. */
#include <stdlib.h>
#include <string.h>

#include "mprun/number.h"
#include "mprun/profile.h"

/* A node's key as a site's: what is no code has no line. */
static struct mpr_profile_live key_of(
    const struct mpr_profile *profile, const struct mpr_profile_node *node)
{
    bool code = profile->places[node->place].kind == MPR_AT_CODE;
    return (struct mpr_profile_live){
        .place = node->place, .line = code ? node->line : 0, .domain = node->domain};
}

static int by_key(const void *left, const void *right)
{
    const struct mpr_profile_live *a = left, *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->domain > b->domain) - (a->domain < b->domain);
}

static int by_size(const void *left, const void *right)
{
    const struct mpr_profile_live *a = left, *b = right;
    if (a->live != b->live)
        return a->live > b->live ? -1 : 1;
    return by_key(left, right);
}

/* Sums of those with the same key; sorted by it. */
static size_t merge(struct mpr_profile_live *live, size_t count)
{
    size_t kept = 0;
    qsort(live, count, sizeof *live, by_key);
    for (size_t i = 0; i < count; i++) {
        if (kept && by_key(&live[kept - 1], &live[i]) == 0) {
            live[kept - 1].live = mpr_add(live[kept - 1].live, live[i].live);
            live[kept - 1].blocks = mpr_add(live[kept - 1].blocks, live[i].blocks);
        } else {
            live[kept++] = live[i];
        }
    }
    return kept;
}

static int list_live(const struct mpr_profile *profile, const struct mpr_profile_mark *mark,
    struct mpr_profile_live **ret_live, size_t *ret_count, struct mpr_error *err)
{
    struct mpr_profile_live *live = calloc(mark->held_count + 1, sizeof *live);
    if (!live)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < mark->held_count; i++) {
        const struct mpr_profile_held *held = &profile->held[mark->held + i];
        live[i] = key_of(profile, &profile->nodes[held->node]);
        live[i].live = held->bytes;
        live[i].blocks = held->blocks;
    }
    *ret_count = merge(live, mark->held_count);
    *ret_live = live;
    return 0;
}

int mpr_profile_live_at(const struct mpr_profile *profile, const struct mpr_profile_mark *mark,
    struct mpr_profile_live **ret_live, size_t *ret_count, struct mpr_error *err)
{
    struct mpr_profile_live *live = NULL;
    size_t count = 0;
    int status = list_live(profile, mark, &live, &count, err);
    if (status < 0)
        return status;
    qsort(live, count, sizeof *live, by_size);
    *ret_live = live;
    *ret_count = count;
    return 0;
}

/* --- the model as of a mark --- */

static const struct mpr_profile_mark *find(const struct mpr_profile *profile, const char *name)
{
    for (size_t i = profile->mark_count; i-- > 0;)
        if (profile->marks[i].snapshot && strcmp(profile->marks[i].name, name) == 0)
            return &profile->marks[i];
    return NULL;
}

static bool is_known(const struct mpr_profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->mark_count; i++)
        if (strcmp(profile->marks[i].name, name) == 0)
            return true;
    return false;
}

#define NAMES_SHOWN 5

/* Those that there are, the first few. */
static int no_mark(const struct mpr_profile *profile, const char *name, struct mpr_error *err)
{
    struct mpr_buf names;
    size_t count = 0;
    if (is_known(profile, name))
        return mpr_error_set(err, MPR_ERR_INVALID,
            "the mark %s has no snapshot: set it with mprun.snapshot(name)", name);
    mpr_buf_init(&names);
    for (size_t i = 0; i < profile->mark_count && count < NAMES_SHOWN; i++)
        if (profile->marks[i].snapshot)
            mpr_buf_printf(&names, "%s%s", count++ ? ", " : "", profile->marks[i].name);
    int status =
        mpr_error_set(err, MPR_ERR_INVALID, "there is no snapshot called %s in it; %s%s", name,
            count ? "some that there are: " : "there is none at all", names.data ? names.data : "");
    mpr_buf_release(&names);
    return status;
}

static void set_sites(
    struct mpr_profile *profile, const struct mpr_profile_live *live, size_t count)
{
    for (size_t i = 0; i < profile->site_count; i++) {
        struct mpr_profile_site *site = &profile->sites[i];
        const struct mpr_profile_live key = {site->place, site->line, site->domain, 0, 0};
        const struct mpr_profile_live *found = bsearch(&key, live, count, sizeof key, by_key);
        site->live_at_end = found ? found->live : 0;
        site->blocks_at_end = found ? found->blocks : 0;
    }
}

static void add_end(struct mpr_profile_sum *sum, int64_t bytes)
{
    sum->end = mpr_add(sum->end, bytes);
}

static void set_heap(
    struct mpr_profile *profile, struct mpr_profile_heap *heap, const struct mpr_profile_mark *mark)
{
    struct mpr_profile_sum *sums[] = {&heap->all, &heap->python, &heap->native};
    for (size_t i = 0; i < 3; i++)
        sums[i]->end = 0;
    heap->before = 0;
    for (size_t i = 0; i < mark->held_count; i++) {
        const struct mpr_profile_held *held = &profile->held[mark->held + i];
        const struct mpr_profile_node *node = &profile->nodes[held->node];
        add_end(&heap->all, held->bytes);
        add_end(node->domain == MPR_DOMAIN_PYTHON ? &heap->python : &heap->native, held->bytes);
        if (profile->places[node->place].kind == MPR_AT_STARTUP)
            heap->before = mpr_add(heap->before, held->bytes);
    }
    for (size_t i = 0; i < 3; i++)
        sums[i]->freed = mpr_subtract(sums[i]->allocated, sums[i]->end);
    heap->after_collection = false;
}

static void set_nodes(struct mpr_profile *profile, const struct mpr_profile_mark *mark)
{
    for (size_t i = 0; i < profile->node_count; i++)
        profile->nodes[i].live_at_end = profile->nodes[i].blocks_at_end = 0;
    for (size_t i = 0; i < mark->held_count; i++) {
        const struct mpr_profile_held *held = &profile->held[mark->held + i];
        profile->nodes[held->node].live_at_end = held->bytes;
        profile->nodes[held->node].blocks_at_end = held->blocks;
    }
    for (size_t i = 0; i < profile->node_count; i++)
        profile->nodes[i].freed =
            mpr_subtract(profile->nodes[i].allocated, profile->nodes[i].live_at_end);
}

static struct mpr_profile_row *row_of(
    const struct mpr_profile *profile, const struct mpr_profile_node *node)
{
    size_t index = profile->places[node->place].function;
    if (node->kind != MPR_PATH_ROW || index == MPR_NONE)
        return NULL;
    const struct mpr_profile_function *function = &profile->functions[index];
    size_t low = 0, high = function->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (function->rows[middle].line < node->line)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < function->row_count && function->rows[low].line == node->line;
    return found ? &function->rows[low] : NULL;
}

/* What a row and all that it called held: children stand behind their parents. */
static void set_rows(struct mpr_profile *profile, int64_t *inside)
{
    for (size_t i = 0; i < profile->function_count; i++)
        for (size_t n = 0; n < profile->functions[i].row_count; n++)
            if (profile->functions[i].rows[n].live_at_end != MPR_UNKNOWN)
                profile->functions[i].rows[n].live_at_end = 0;
    for (size_t i = profile->node_count; i-- > 0;) {
        const struct mpr_profile_node *node = &profile->nodes[i];
        struct mpr_profile_row *row = row_of(profile, node);
        inside[i] = mpr_add(inside[i], node->live_at_end);
        if (node->parent != MPR_NO_PARENT)
            inside[node->parent] = mpr_add(inside[node->parent], inside[i]);
        if (row && row->live_at_end != MPR_UNKNOWN)
            row->live_at_end = mpr_add(row->live_at_end, inside[i]);
    }
}

int mpr_profile_at_mark(struct mpr_profile *profile, const char *name, struct mpr_error *err)
{
    const struct mpr_profile_mark *mark = find(profile, name);
    struct mpr_profile_live *live = NULL;
    size_t count = 0;
    if (!mark)
        return no_mark(profile, name, err);
    int status = list_live(profile, mark, &live, &count, err);
    if (status < 0)
        return status;
    int64_t *inside = calloc(profile->node_count + 1, sizeof *inside);
    if (inside) {
        set_nodes(profile, mark);
        set_rows(profile, inside);
        set_sites(profile, live, count);
        set_heap(profile, &profile->process[mark->process].heap, mark);
        profile->process[mark->process].rss_end = mark->rss;
        for (size_t i = 0; i < profile->section_count; i++)
            profile->sections[i].live_at_end = MPR_UNKNOWN;
    }
    free(live);
    free(inside);
    return inside ? 0 : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
}
