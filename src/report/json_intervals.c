/* SPDX-License-Identifier: MIT */
/* When calls of functions ran, as JSON: the longest of them. */
#include "json.h"
#include "mprun/view_intervals.h"

/* For scripts; a store has all. */
#define SHOWN_MAX 1000

static json_t *interval_object(
    const struct mpr_profile *profile, const struct mpr_profile_interval *interval)
{
    const struct mpr_profile_function *function = &profile->functions[interval->function];
    json_t *object = json_object();
    mpr_json_set(object, "function", mpr_json_text(function->qualname));
    mpr_json_set(object, "line", json_integer(function->first_line));
    mpr_json_set(object, "thread", json_integer(interval->thread));
    mpr_json_set(object, "begin_ns", mpr_json_count(interval->begin_ns));
    mpr_json_set(object, "end_ns", mpr_json_count(interval->end_ns));
    mpr_json_set(object, "rss_begin", mpr_json_size(interval->rss_begin));
    mpr_json_set(object, "rss_end", mpr_json_size(interval->rss_end));
    mpr_json_set(object, "open", json_boolean(interval->open));
    return object;
}

void mpr_json_intervals(struct mpr_json *json)
{
    struct mpr_view_intervals intervals;
    mpr_json_key(json, 1, "intervals");
    if (mpr_view_intervals(json->view, SHOWN_MAX, &intervals) < 0) {
        json->failed = true;
        return;
    }
    mpr_buf_putc(json->out, '{');
    mpr_json_key(json, 2, "least_ns");
    mpr_json_value(json, mpr_json_count(intervals.least_ns));
    mpr_json_key(json, 2, "left_out");
    mpr_json_value(json, mpr_json_count(intervals.left_out));
    mpr_json_key(json, 2, "list");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < intervals.count; i++)
        mpr_json_element(json, 3, interval_object(json->profile, intervals.interval[i]));
    mpr_buf_puts(json->out, intervals.count ? "\n    ]\n  }" : "]\n  }");
    mpr_view_intervals_release(&intervals);
}
