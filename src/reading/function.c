/* SPDX-License-Identifier: MIT */
/* One function of the profile: identity and rows from its record. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

static char *record_text(const struct mpr_named *named, uint32_t offset)
{
    const char *text = mpr_rec_text(named->head, offset);
    return mpr_build_text(text, strlen(text));
}

static char *selected_by(const struct mpr_builder *b, uint32_t index)
{
    if (index == MPR_REC_BY_DECORATOR)
        return mpr_strdup("@profile");
    if (index >= b->pattern_count)
        return mpr_strdup("default");
    const char *text = mpr_rec_text(&b->patterns[index]->head, sizeof(struct mpr_rec_pattern));
    return mpr_build_text(text, strlen(text));
}

static char *last_component(const char *qualname)
{
    const char *dot = strrchr(qualname, '.');
    return mpr_strdup(dot && dot[1] ? dot + 1 : qualname);
}

static bool set_names(
    struct mpr_builder *b, struct mpr_profile_function *function, const struct mpr_named *named)
{
    const char *file = mpr_rec_text(named->head, named->id->file);
    function->file = mpr_build_path(b->run->cwd, file);
    function->qualname = record_text(named, named->id->qualname);
    function->module = record_text(named, named->id->module);
    function->selected_by = selected_by(b, named->id->selected_by);
    if (!function->qualname)
        return false;
    function->name = last_component(function->qualname);
    return function->file && function->module && function->selected_by && function->name;
}

static void set_heap(
    const struct mpr_builder *b, struct mpr_profile_row *row, const struct mpr_rec_row *recorded)
{
    int64_t none = b->heap_off ? MPR_UNKNOWN : 0;
    row->heap_allocated = row->heap_freed = row->heap_delta = row->allocations = none;
    row->spike = row->live_at_peak = row->live_at_end = none;
    if (b->detail >= MPR_DETAIL_NO_SITES)
        row->live_at_peak = row->live_at_end = MPR_UNKNOWN;
    if (b->heap_off || !recorded)
        return;
    row->heap_allocated = mpr_add(recorded->sum[MPR_COUNTER_ALLOCATED], 0);
    row->heap_freed = mpr_add(recorded->sum[MPR_COUNTER_FREED], 0);
    row->heap_delta = mpr_subtract(row->heap_allocated, row->heap_freed);
    row->allocations = mpr_add(recorded->sum[MPR_COUNTER_ALLOCATIONS], 0);
    row->spike = mpr_add(recorded->spike, 0);
}

static void set_row(
    const struct mpr_builder *b, struct mpr_profile_row *row, const struct mpr_rec_row *recorded)
{
    row->rss = row->rss_max = MPR_UNKNOWN;
    row->rss_delta = b->rss_off ? MPR_UNKNOWN : 0;
    set_heap(b, row, recorded);
    if (!recorded)
        return;
    row->hits = recorded->hits;
    row->measured = recorded->rss != 0;
    row->time_ns = mpr_build_ns(b, recorded->sum[MPR_COUNTER_TICKS]);
    if (row->time_ns < 0) /* the ticks began anew in it */
        row->time_ns = 0;
    if (!row->measured || b->rss_off)
        return;
    if (recorded->rss_max == MPR_REC_RSS_UNKNOWN) {
        row->rss_delta = MPR_UNKNOWN;
        return;
    }
    row->rss = mpr_add(recorded->rss, 0);
    row->rss_max = mpr_add(recorded->rss_max, 0);
    row->rss_delta = mpr_add(recorded->sum[MPR_COUNTER_RSS], 0);
}

/* Only a FUNCTION record has rows; all that the reader has checked. */
static void number_rows(
    struct mpr_profile_function *function, const struct mpr_rec_function *recorded)
{
    const struct mpr_rec_stretch *stretch = mpr_rec_stretches(recorded);
    uint32_t next = function->first_line, left = stretch ? stretch->count : UINT32_MAX;
    for (size_t i = 0; i < function->row_count; i++, left--) {
        if (left == 0) {
            stretch++;
            next = stretch->line;
            left = stretch->count;
        }
        function->rows[i].line = next++;
    }
}

struct mpr_profile_row *mpr_build_row(const struct mpr_profile_function *function, uint32_t line)
{
    size_t low = 0, high = function->row_count;
    size_t at = (size_t)line - function->first_line;
    if (at < high && function->rows[at].line == line)
        return &function->rows[at];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (function->rows[middle].line < line)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < function->row_count && function->rows[low].line == line;
    return found ? &function->rows[low] : NULL;
}

static bool set_rows(struct mpr_builder *b, struct mpr_profile_function *function,
    const struct mpr_named *named, size_t count)
{
    const struct mpr_rec_function *fn = (const void *)named->head;
    const struct mpr_rec_row *recorded = count ? mpr_rec_rows(fn) : NULL;
    function->first_line = named->id->first_line;
    if (count > MPR_MAX_ROWS - b->row_total)
        count = MPR_MAX_ROWS - b->row_total;
    function->last_line = named->id->last_line;
    if (function->last_line < function->first_line)
        function->last_line = function->first_line;
    if (count == 0)
        return true;
    function->rows = calloc(count, sizeof *function->rows);
    if (!function->rows)
        return false;
    function->row_count = count;
    b->row_total += count;
    number_rows(function, fn);
    function->last_line = function->rows[count - 1].line;
    for (size_t i = 0; i < count; i++)
        set_row(b, &function->rows[i], &recorded[i]);
    return true;
}

static bool reserve(struct mpr_builder *b)
{
    if (b->profile->function_count < b->function_capacity)
        return true;
    size_t capacity = b->function_capacity ? b->function_capacity * 2 : 64;
    void *functions = realloc(b->profile->functions, capacity * sizeof *b->profile->functions);
    if (!functions)
        return false;
    b->profile->functions = functions;
    void *origin = realloc(b->origin, capacity * sizeof *b->origin);
    if (!origin)
        return false;
    b->origin = origin;
    b->function_capacity = capacity;
    return true;
}

int mpr_build_add_function(struct mpr_builder *b, struct mpr_named *named, uint64_t calls,
    size_t row_count, struct mpr_error *err)
{
    if (!reserve(b))
        return mpr_build_nomem(err);
    size_t index = b->profile->function_count++;
    struct mpr_profile_function *function = &b->profile->functions[index];
    memset(function, 0, sizeof *function);
    b->origin[index] = named;
    named->listed = true;
    named->function = index;
    function->calls = calls;
    function->source = MPR_NONE;
    function->rss_entry = MPR_UNKNOWN;
    function->freed_on_return = b->heap_off ? MPR_UNKNOWN : 0;
    if (!set_names(b, function, named) || !set_rows(b, function, named, row_count))
        return mpr_build_nomem(err);
    return 0;
}
