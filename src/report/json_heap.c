/* SPDX-License-Identifier: MIT */
/* The heap of the whole program and its sites as JSON. */
#include "json.h"

static void set_sum(json_t *object, const struct mpr_profile_sum *sum)
{
    mpr_json_set(object, "allocated", mpr_json_size(sum->allocated));
    mpr_json_set(object, "freed", mpr_json_size(sum->freed));
    mpr_json_set(object, "allocations", mpr_json_size(sum->allocations));
    mpr_json_set(object, "peak", mpr_json_size(sum->peak));
    mpr_json_set(object, "end", mpr_json_size(sum->end));
}

static json_t *sum_object(const struct mpr_profile_sum *sum)
{
    json_t *object = json_object();
    set_sum(object, sum);
    return object;
}

static json_t *reconciliation(const struct mpr_profile_heap *heap)
{
    const struct mpr_profile_reconciliation *r = &heap->rss;
    if (!r->valid)
        return json_null();
    json_t *object = json_object();
    mpr_json_set(object, "rss", json_integer(r->rss));
    mpr_json_set(object, "python", json_integer(r->python));
    mpr_json_set(object, "native", json_integer(r->native));
    mpr_json_set(object, "untouched", json_integer(r->untouched));
    mpr_json_set(object, "interpreter", json_integer(r->interpreter));
    mpr_json_set(object, "files", json_integer(r->files));
    mpr_json_set(object, "shared", json_integer(r->shared));
    mpr_json_set(object, "slack_python", json_integer(r->slack_python));
    mpr_json_set(
        object, "slack_malloc", r->malloc_known ? json_integer(r->slack_malloc) : json_null());
    mpr_json_set(object, "arenas", mpr_json_count(r->arenas));
    mpr_json_set(object, "unexplained", mpr_json_size(heap->unexplained));
    return object;
}

json_t *mpr_json_heap(const struct mpr_profile *profile, const struct mpr_profile_process *process)
{
    const struct mpr_profile_heap *heap = &process->heap;
    if (!heap->tracked)
        return json_null();
    bool row = heap->at.function < profile->function_count;
    json_t *object = json_object();
    set_sum(object, &heap->all);
    mpr_json_set(object, "python", sum_object(&heap->python));
    mpr_json_set(object, "native", sum_object(&heap->native));
    mpr_json_set(object, "before_program", mpr_json_size(heap->before));
    mpr_json_set(object, "peak_function",
        row ? json_string(profile->functions[heap->at.function].qualname) : json_null());
    mpr_json_set(object, "peak_line", row ? json_integer(heap->at.line) : json_null());
    mpr_json_set(object, "end_after_collection", json_boolean(heap->after_collection));
    json_t *apart = json_object();
    mpr_json_set(apart, "reserved", mpr_json_size(heap->reserved));
    mpr_json_set(apart, "files", mpr_json_size(heap->files));
    mpr_json_set(apart, "shared", mpr_json_size(heap->shared));
    mpr_json_set(object, "maps_apart", apart);
    mpr_json_set(object, "allocator", mpr_json_text(heap->allocator));
    mpr_json_set(object, "reconciliation", reconciliation(heap));
    return object;
}

static void put_site(struct mpr_json *json, const struct mpr_profile_site *site)
{
    mpr_json_element(json, 2, NULL);
    mpr_json_flat_begin(json);
    mpr_json_flat_text(json, "file", site->file);
    mpr_json_flat_size(json, "line", site->line ? (int64_t)site->line : MPR_UNKNOWN);
    mpr_json_flat_text(json, "function", site->function);
    mpr_json_flat_text(json, "package", site->package);
    mpr_json_flat_text(json, "domain", mpr_domain_name(site->domain));
    mpr_json_flat_size(json, "allocated", site->allocated);
    mpr_json_flat_size(json, "allocations", site->allocations);
    mpr_json_flat_size(json, "live_at_peak", site->live_at_peak);
    mpr_json_flat_size(json, "live_at_end", site->live_at_end);
    mpr_json_flat_size(json, "blocks_at_end", site->blocks_at_end);
    mpr_json_flat_size(json, "peak", site->peak);
    mpr_json_flat_size(json, "oldest_ns", site->birth_ns);
    mpr_json_flat_end(json);
}

void mpr_json_sites(struct mpr_json *json)
{
    const struct mpr_view *view = json->view;
    if (view->heap_off) {
        mpr_json_member(json, 1, "sites", json_null());
        return;
    }
    mpr_json_key(json, 1, "sites");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < view->site_count; i++)
        put_site(json, view->sites[i]);
    mpr_buf_puts(json->out, view->site_count ? "\n  ]" : "]");
}
