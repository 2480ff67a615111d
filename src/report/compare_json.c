/* SPDX-License-Identifier: MIT */
/* A comparison as JSON: all that changed, each figure before, after and its change. */
#include "formats.h"
#include "json.h"

static const char *const sides[MPR_SIDES] = {"before", "after"};

static json_t *profile_object(const struct mpr_comparison *comparison, enum mpr_side side)
{
    const struct mpr_profile_process *process = &comparison->profile[side]->process[0];
    json_t *object = json_object(), *words = json_array();
    for (size_t i = 0; process->command && process->command[i]; i++)
        json_array_append_new(words, json_string(process->command[i]));
    mpr_json_set(object, "profile", mpr_json_text(comparison->name[side]));
    mpr_json_set(object, "command", words);
    mpr_json_set(object, "cwd", mpr_json_text(comparison->profile[side]->cwd));
    mpr_json_set(object, "python", mpr_json_text(process->python));
    return object;
}

static json_t *figure(int64_t before, int64_t after)
{
    json_t *object = json_object();
    mpr_json_set(object, "before", mpr_json_size(before));
    mpr_json_set(object, "after", mpr_json_size(after));
    mpr_json_set(object, "change", mpr_json_size(mpr_change(before, after)));
    return object;
}

static void totals(struct mpr_json *json, const struct mpr_comparison *comparison)
{
    json_t *object = json_object();
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++) {
        const struct mpr_compared_total *total = &comparison->total[i];
        mpr_json_set(
            object, total->name, figure(total->value[MPR_BEFORE], total->value[MPR_AFTER]));
    }
    mpr_json_member(json, 1, "totals", object);
}

static json_t *function_object(const struct mpr_profile_function *function)
{
    json_t *object = json_object();
    if (!function) {
        json_decref(object);
        return json_null();
    }
    mpr_json_set(object, "file", mpr_json_text(function->file));
    mpr_json_set(object, "module", mpr_json_text(function->module));
    mpr_json_set(object, "qualname", mpr_json_text(function->qualname));
    mpr_json_set(object, "first_line", json_integer(function->first_line));
    mpr_json_set(object, "calls", mpr_json_count(function->calls));
    return object;
}

/* Its line and text, and what it does to memory. */
static json_t *row_object(const struct mpr_json *json, const struct mpr_compared_row *row)
{
    json_t *object = json_object();
    mpr_json_set(object, "fate", json_string(mpr_fate_name(row->fate)));
    mpr_json_set(object, "edited", json_boolean(row->edited));
    for (size_t i = 0; i < json->key_count; i++) {
        const struct mpr_column *column = json->keys[i];
        json_t *both = json_object();
        bool text = column->cell == MPR_CELL_SOURCE, place = text || column->cell == MPR_CELL_LINE;
        for (size_t side = 0; side < MPR_SIDES; side++) {
            const struct mpr_profile_row *is = row->row[side];
            json_t *value = place && !is ? json_null()
                            : text       ? mpr_json_text(is->source)
                                         : mpr_json_size(mpr_compared_value(
                                               json->comparison, column, row, (enum mpr_side)side));
            mpr_json_set(both, sides[side], value);
        }
        if (!place)
            mpr_json_set(
                both, "change", mpr_json_size(mpr_compared_change(json->comparison, column, row)));
        if (column->summed && row->other_work)
            mpr_json_set(
                both, "change_a_hit", mpr_json_size(mpr_compared_change_a_hit(column, row)));
        mpr_json_set(object, column->name, both);
    }
    return object;
}

static void function(struct mpr_json *json, const struct mpr_compared_function *compared)
{
    mpr_json_element(json, 2, NULL);
    mpr_buf_putc(json->out, '{');
    mpr_json_member(json, 3, "fate", json_string(mpr_fate_name(compared->fate)));
    mpr_json_member(json, 3, "renamed", json_boolean(compared->renamed));
    mpr_json_member(json, 3, "moved", json_boolean(compared->moved));
    for (size_t side = 0; side < MPR_SIDES; side++)
        mpr_json_member(json, 3, sides[side], function_object(compared->function[side]));
    mpr_json_key(json, 3, "rows");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < compared->row_count; i++)
        if (compared->rows[i].fate != MPR_FATE_SAME)
            mpr_json_element(json, 4, row_object(json, &compared->rows[i]));
    mpr_buf_puts(json->out, compared->changed ? "\n      ]" : "]");
    mpr_buf_puts(json->out, "\n    }");
}

static void functions(struct mpr_json *json, const struct mpr_comparison *comparison)
{
    bool any = false;
    mpr_json_key(json, 1, "functions");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *compared = &comparison->functions[i];
        if (compared->fate == MPR_FATE_SAME && !compared->renamed && !compared->moved)
            continue;
        function(json, compared);
        any = true;
    }
    mpr_buf_puts(json->out, any ? "\n  ]" : "]");
}

static json_t *site_object(const struct mpr_compared_site *compared)
{
    const struct mpr_profile_site *was = compared->site[MPR_BEFORE];
    const struct mpr_profile_site *is = compared->site[MPR_AFTER];
    const struct mpr_profile_site *site = is ? is : was;
    json_t *object = json_object();
    mpr_json_set(object, "file", mpr_json_text(site->file));
    mpr_json_set(object, "function", mpr_json_text(site->function));
    mpr_json_set(object, "domain", mpr_json_text(mpr_domain_name(site->domain)));
    json_t *line = json_object();
    mpr_json_set(line, "before", was ? json_integer(was->line) : json_null());
    mpr_json_set(line, "after", is ? json_integer(is->line) : json_null());
    mpr_json_set(object, "line", line);
    mpr_json_set(object, "allocated", figure(was ? was->allocated : 0, is ? is->allocated : 0));
    mpr_json_set(
        object, "allocations", figure(was ? was->allocations : 0, is ? is->allocations : 0));
    mpr_json_set(
        object, "live_at_peak", figure(was ? was->live_at_peak : 0, is ? is->live_at_peak : 0));
    mpr_json_set(
        object, "live_at_end", figure(was ? was->live_at_end : 0, is ? is->live_at_end : 0));
    return object;
}

int mpr_compare_json(const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_json json = {.comparison = comparison, .out = &sink->out};
    (void)options; /* a program wants all of it */
    json.key_count = mpr_columns_keys(json.keys);
    mpr_json_begin(&json);
    mpr_json_member(&json, 1, "schema", json_integer(1));
    mpr_json_member(&json, 1, "mprun", json_string(MPRUN_VERSION));
    for (size_t side = 0; side < MPR_SIDES; side++)
        mpr_json_member(&json, 1, sides[side], profile_object(comparison, (enum mpr_side)side));
    mpr_json_member(&json, 1, "rss_noise", json_integer(comparison->rss_noise));
    totals(&json, comparison);
    functions(&json, comparison);
    mpr_json_key(&json, 1, "sites");
    mpr_buf_putc(json.out, '[');
    for (size_t i = 0; i < comparison->site_count; i++)
        mpr_json_element(&json, 2, site_object(&comparison->sites[i]));
    mpr_buf_puts(json.out, comparison->site_count ? "\n  ]" : "]");
    return mpr_json_end(&json, err);
}
