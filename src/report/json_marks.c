/* SPDX-License-Identifier: MIT */
/* What the program has named, as JSON: marks, what lived at those with a snapshot, sections. */
#include <stdlib.h>

#include "json.h"

static json_t *live_object(const struct mpr_profile *profile, const struct mpr_profile_live *live)
{
    const struct mpr_profile_place *place = &profile->places[live->place];
    json_t *object = json_object();
    mpr_json_set(object, "file", mpr_json_text(place->file));
    mpr_json_set(object, "line", live->line ? json_integer(live->line) : json_null());
    mpr_json_set(object, "function", mpr_json_text(place->qualname));
    mpr_json_set(object, "domain", json_string(mpr_domain_name(live->domain)));
    mpr_json_set(object, "live", mpr_json_size(live->live));
    mpr_json_set(object, "blocks", mpr_json_size(live->blocks));
    return object;
}

static json_t *snapshot(struct mpr_json *json, const struct mpr_profile_mark *mark)
{
    struct mpr_profile_live *live = NULL;
    size_t count = 0;
    if (!mark->snapshot)
        return json_null();
    json->failed |= mpr_profile_live_at(json->profile, mark, &live, &count, NULL) < 0;
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, live_object(json->profile, &live[i]));
    free(live);
    return array;
}

static json_t *mark_object(struct mpr_json *json, const struct mpr_profile_mark *mark)
{
    json_t *object = json_object();
    mpr_json_set(object, "name", mpr_json_text(mark->name));
    mpr_json_set(object, "t_ns", mpr_json_count(mark->t_ns));
    mpr_json_set(object, "heap", mpr_json_size(mark->heap));
    mpr_json_set(object, "python", mpr_json_size(mark->python));
    mpr_json_set(object, "native", mpr_json_size(mark->native));
    mpr_json_set(object, "heap_peak", mpr_json_size(mark->heap_peak));
    mpr_json_set(object, "rss", mpr_json_size(mark->rss));
    mpr_json_set(object, "rss_peak", mpr_json_size(mark->rss_peak));
    mpr_json_set(object, "snapshot", snapshot(json, mark));
    return object;
}

static json_t *section_object(const struct mpr_profile_section *section)
{
    json_t *object = json_object();
    mpr_json_set(object, "name", mpr_json_text(section->name));
    mpr_json_set(object, "calls", mpr_json_count(section->calls));
    mpr_json_set(object, "time_ns", mpr_json_size(section->time_ns));
    mpr_json_set(object, "heap_delta", mpr_json_size(section->heap_delta));
    mpr_json_set(object, "rss_delta", mpr_json_size(section->rss_delta));
    mpr_json_set(object, "spike", mpr_json_size(section->spike));
    mpr_json_set(object, "live_at_end", mpr_json_size(section->live_at_end));
    return object;
}

void mpr_json_marks(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    mpr_json_key(json, 1, "marks");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < profile->mark_count; i++)
        mpr_json_element(json, 2, mark_object(json, &profile->marks[i]));
    mpr_buf_puts(json->out, profile->mark_count ? "\n  ]" : "]");
    mpr_json_key(json, 1, "sections");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < profile->section_count; i++)
        mpr_json_element(json, 2, section_object(&profile->sections[i]));
    mpr_buf_puts(json->out, profile->section_count ? "\n  ]" : "]");
}
