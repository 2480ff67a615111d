/* SPDX-License-Identifier: MIT */
/* The heap of the whole program and its sites as JSON. */
#include "json.h"

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new_nocheck(object, key, value);
}

static json_t *text(const char *value)
{
    return value ? json_string(value) : json_null();
}

static void set_sum(json_t *object, const struct mpr_profile_sum *sum)
{
    set(object, "allocated", mpr_json_size(sum->allocated));
    set(object, "freed", mpr_json_size(sum->freed));
    set(object, "allocations", mpr_json_size(sum->allocations));
    set(object, "peak", mpr_json_size(sum->peak));
    set(object, "end", mpr_json_size(sum->end));
}

static json_t *sum_object(const struct mpr_profile_sum *sum)
{
    json_t *object = json_object();
    set_sum(object, sum);
    return object;
}

static json_t *reconciliation(const struct mpr_profile_heap *heap)
{
    const struct mpr_rec_reconciliation *r = &heap->rss;
    if (!r->valid)
        return json_null();
    json_t *object = json_object();
    set(object, "rss", json_integer(r->rss));
    set(object, "python", json_integer(r->python));
    set(object, "native", json_integer(r->native));
    set(object, "untouched", json_integer(r->untouched));
    set(object, "interpreter", json_integer(r->interpreter));
    set(object, "slack_python", json_integer(r->slack_python));
    set(object, "slack_malloc", r->malloc_known ? json_integer(r->slack_malloc) : json_null());
    set(object, "arenas", mpr_json_count(r->arenas));
    set(object, "unexplained", mpr_json_size(heap->unexplained));
    return object;
}

json_t *mpr_json_heap(const struct mpr_profile *profile)
{
    const struct mpr_profile_heap *heap = &profile->heap;
    if (!heap->tracked)
        return json_null();
    bool row = heap->at.function < profile->function_count;
    json_t *object = json_object();
    set_sum(object, &heap->all);
    set(object, "python", sum_object(&heap->python));
    set(object, "native", sum_object(&heap->native));
    set(object, "before_program", mpr_json_size(heap->before));
    set(object, "peak_function",
        row ? json_string(profile->functions[heap->at.function].qualname) : json_null());
    set(object, "peak_line", row ? json_integer(heap->at.line) : json_null());
    set(object, "end_after_collection", json_boolean(heap->after_collection));
    json_t *apart = json_object();
    set(apart, "reserved", mpr_json_size(heap->reserved));
    set(apart, "files", mpr_json_size(heap->files));
    set(apart, "shared", mpr_json_size(heap->shared));
    set(object, "maps_apart", apart);
    set(object, "allocator", text(heap->allocator));
    set(object, "reconciliation", reconciliation(heap));
    return object;
}

static json_t *site_object(const struct mpr_profile_site *site)
{
    static const char *const domains[] = {"python", "native", "mmap"};
    json_t *object = json_object();
    set(object, "file", text(site->file));
    set(object, "line", site->line ? json_integer(site->line) : json_null());
    set(object, "function", text(site->function));
    set(object, "package", text(site->package));
    set(object, "domain", json_string(domains[site->domain]));
    set(object, "allocated", mpr_json_size(site->allocated));
    set(object, "allocations", mpr_json_size(site->allocations));
    set(object, "live_at_peak", mpr_json_size(site->live_at_peak));
    set(object, "live_at_end", mpr_json_size(site->live_at_end));
    set(object, "blocks_at_end", mpr_json_size(site->blocks_at_end));
    set(object, "peak", mpr_json_size(site->peak));
    set(object, "oldest_ns", mpr_json_size(site->birth_ns));
    return object;
}

void mpr_json_sites(struct mpr_json *json)
{
    const struct mpr_profile_heap *heap = &json->profile->heap;
    if (!heap->tracked) {
        mpr_json_member(json, 1, "sites", json_null());
        return;
    }
    mpr_json_key(json, 1, "sites");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < heap->site_count; i++)
        mpr_json_element(json, 2, site_object(&heap->sites[i]));
    mpr_buf_puts(json->out, heap->site_count ? "\n  ]" : "]");
}
