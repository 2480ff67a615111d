/* SPDX-License-Identifier: MIT */
/* Which keys of a JSON report are which fields of the model, and their values. */
#include "json_keys.h"

#include <string.h>

#include "columns.h"
#include "fields.h"

#define STRUCT struct mpr_profile_process
const struct mpr_store_column mpr_json_process_keys[] = {
    SAME(COUNT, pid),
    SAME(TEXT, python),
    SAME(TEXT, interpreter),
    {.name = "host",
        .stored = MPR_STORED_NAME,
        .offset = offsetof(STRUCT, container),
        .size = sizeof(((STRUCT *)0)->container),
        .names = mpr_store_containers},
    SAME(COUNT, duration_ns),
    SAME(COUNT, dropped),
    {0},
};
const struct mpr_store_column mpr_json_engine_keys[] = {
    {.name = "rss",
        .stored = MPR_STORED_NAME,
        .offset = offsetof(STRUCT, tier),
        .size = sizeof(((STRUCT *)0)->tier),
        .names = mpr_store_tiers},
    SAME(INT, rss_resolution),
    FIELD(FLAG, "heap", heap.tracked),
    SAME(COUNT, events),
    SAME(COUNT, statm_reads),
    {0},
};
const struct mpr_store_column mpr_json_check_keys[] = {
    FIELD(COUNT, "changes", check_changes),
    FIELD(COUNT, "missed", check_missed),
    FIELD(COUNT, "failed", statm_failed),
    {0},
};
const struct mpr_store_column mpr_json_rss_keys[] = {
    FIELD(INT, "start", rss_start),
    FIELD(INT, "peak", rss_peak),
    FIELD(INT, "end", rss_end),
    FIELD(INT, "own", rss_own),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_heap
const struct mpr_store_column mpr_json_heap_keys[] = {
    FIELD(INT, "before_program", before),
    FIELD(TEXT_OR_NULL, "allocator", allocator),
    FIELD(FLAG, "end_after_collection", after_collection),
    {0},
};
const struct mpr_store_column mpr_json_map_keys[] = {
    SAME(INT, reserved), SAME(INT, files), SAME(INT, shared), {0}};
const struct mpr_store_column mpr_json_reconciliation_keys[] = {
    FIELD(INT, "rss", rss.rss),
    FIELD(INT, "python", rss.python),
    FIELD(INT, "native", rss.native),
    FIELD(INT, "untouched", rss.untouched),
    FIELD(INT, "interpreter", rss.interpreter),
    FIELD(INT, "files", rss.files),
    FIELD(INT, "shared", rss.shared),
    FIELD(INT, "slack_python", rss.slack_python),
    FIELD(INT, "slack_malloc", rss.slack_malloc),
    FIELD(COUNT, "arenas", rss.arenas),
    SAME(INT, unexplained),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_sum
const struct mpr_store_column mpr_json_sum_keys[] = {SAME(INT, allocated), SAME(INT, freed),
    SAME(INT, allocations), SAME(INT, peak), SAME(INT, end), {0}};
#undef STRUCT

#define STRUCT struct mpr_profile_site
const struct mpr_store_column mpr_json_site_keys[] = {
    WORD(domain, mpr_store_domains),
    SAME(INT, allocated),
    SAME(INT, allocations),
    SAME(INT, live_at_peak),
    SAME(INT, live_at_end),
    SAME(INT, blocks_at_end),
    SAME(INT, peak),
    FIELD(INT, "oldest_ns", birth_ns),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_bucket
const struct mpr_store_column mpr_json_timeline_keys[] = {
    SAME(COUNT, t_ns),
    FIELD(INT, "rss", rss_max),
    SAME(INT, rss_min),
    FIELD(INT, "heap", heap_max),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_intervals
const struct mpr_store_column mpr_json_intervals_keys[] = {
    SAME(COUNT, least_ns), SAME(COUNT, left_out), {0}};
#undef STRUCT

#define STRUCT struct mpr_profile_interval
const struct mpr_store_column mpr_json_interval_keys[] = {
    SAME(COUNT, thread),
    SAME(COUNT, begin_ns),
    SAME(COUNT, end_ns),
    SAME(INT, rss_begin),
    SAME(INT, rss_end),
    SAME(FLAG, open),
    {0},
};
#undef STRUCT

int mpr_json_wrong(const char *key, struct mpr_error *err)
{
    return mpr_error_set(
        err, MPR_ERR_CORRUPT, "\"%s\" is not there, or not what it should be", key);
}

#define STRUCT struct mpr_profile_mark
const struct mpr_store_column mpr_json_mark_keys[] = {
    SAME(TEXT, name),
    SAME(COUNT, t_ns),
    SAME(INT, heap),
    SAME(INT, python),
    SAME(INT, native),
    SAME(INT, heap_peak),
    SAME(INT, rss),
    SAME(INT, rss_peak),
    {0},
};
#undef STRUCT

#define STRUCT struct mpr_profile_section
const struct mpr_store_column mpr_json_section_keys[] = {
    SAME(TEXT, name),
    SAME(COUNT, calls),
    SAME(INT, time_ns),
    SAME(INT, heap_delta),
    SAME(INT, rss_delta),
    SAME(INT, spike),
    SAME(INT, live_at_end),
    {0},
};
#undef STRUCT

/* As the model has text; NULL without one, or without memory. */
char *mpr_json_text_of(const json_t *value)
{
    struct mpr_buf out;
    if (!json_is_string(value))
        return NULL;
    mpr_buf_init(&out);
    mpr_text_append(&out, json_string_value(value), json_string_length(value));
    char *text = out.len ? mpr_buf_steal(&out) : mpr_strdup("");
    mpr_buf_release(&out);
    return text;
}

static bool take_number(const struct mpr_store_column *column, const json_t *value, void *field)
{
    bool is_signed = column->stored == MPR_STORED_INT;
    if (is_signed && (!value || json_is_null(value))) {
        *(int64_t *)field = MPR_UNKNOWN;
        return true;
    }
    json_int_t number = json_integer_value(value);
    mpr_field_set_number(field, column->size, (uint64_t)number);
    return json_is_integer(value) &&
           (is_signed || (number >= 0 && (uint64_t)number <= mpr_field_most(column->size)));
}

bool mpr_json_word(const struct mpr_store_column *column, const json_t *value, void *field)
{
    const char *word = json_string_value(value);
    for (size_t i = 0; word && column->names[i]; i++) {
        if (strcmp(word, column->names[i]) != 0)
            continue;
        mpr_field_set_number(field, column->size, i);
        return true;
    }
    return false;
}

static int take_one(
    const struct mpr_store_column *column, const json_t *value, void *field, struct mpr_error *err)
{
    bool absent = !value || json_is_null(value);
    bool ok;
    if (column->stored == MPR_STORED_TEXT_OR_NULL && absent)
        return 0;
    if (column->stored == MPR_STORED_TEXT || column->stored == MPR_STORED_TEXT_OR_NULL) {
        *(char **)field = mpr_json_text_of(value);
        if (json_is_string(value) && !*(char **)field)
            return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
        ok = json_is_string(value);
    } else if (column->stored == MPR_STORED_NAME) {
        ok = mpr_json_word(column, value, field);
    } else if (column->stored == MPR_STORED_FLAG) {
        *(bool *)field = json_is_true(value);
        ok = absent || json_is_boolean(value);
    } else {
        ok = take_number(column, value, field);
    }
    return ok ? 0 : mpr_json_wrong(column->name, err);
}

int mpr_json_take(
    const struct mpr_store_column *keys, const json_t *object, void *element, struct mpr_error *err)
{
    int status = json_is_object(object) ? 0 : mpr_json_wrong(keys->name, err);
    for (; status == 0 && keys->name; keys++)
        if (keys->stored != MPR_STORED_INDEX && mpr_store_is_loaded(keys))
            status = take_one(
                keys, json_object_get(object, keys->name), mpr_field(element, keys->offset), err);
    return status;
}
