/* SPDX-License-Identifier: MIT */
/* A function and its rows as JSON. */
#include "json.h"

static json_t *row_object(const struct mpr_json *json, const struct mpr_profile_row *row)
{
    json_t *object = json_object();
    for (size_t i = 0; i < json->key_count; i++) {
        const struct mpr_column *column = json->keys[i];
        mpr_json_set(object, column->name,
            column->cell == MPR_CELL_SOURCE ? mpr_json_text(row->source)
                                            : mpr_json_size(mpr_column_value(column, row)));
    }
    return object;
}

static void scalars(struct mpr_json *json, const struct mpr_profile_function *function)
{
    mpr_json_member(json, 3, "file", mpr_json_text(function->file));
    mpr_json_member(json, 3, "name", mpr_json_text(function->name));
    mpr_json_member(json, 3, "qualname", mpr_json_text(function->qualname));
    mpr_json_member(json, 3, "module", mpr_json_text(function->module));
    mpr_json_member(json, 3, "selected_by", mpr_json_text(function->selected_by));
    mpr_json_member(json, 3, "first_line", json_integer(function->first_line));
    mpr_json_member(json, 3, "last_line", json_integer(function->last_line));
    mpr_json_member(json, 3, "calls", mpr_json_count(function->calls));
    mpr_json_member(json, 3, "time_ns", json_integer(function->time_ns));
    mpr_json_member(json, 3, "rss_entry", mpr_json_size(function->rss_entry));
    mpr_json_member(json, 3, "rss_delta", mpr_json_size(function->rss_delta));
    mpr_json_member(json, 3, "heap_delta", mpr_json_size(function->heap_delta));
    mpr_json_member(json, 3, "freed_on_return", mpr_json_size(function->freed_on_return));
    mpr_json_member(json, 3, "spike", mpr_json_size(function->spike));
    if (function->source_problem)
        mpr_json_member(json, 3, "source_problem", json_string(function->source_problem));
}

void mpr_json_function(struct mpr_json *json, const struct mpr_profile_function *function)
{
    mpr_json_element(json, 2, NULL);
    mpr_buf_putc(json->out, '{');
    scalars(json, function);
    mpr_json_key(json, 3, "rows");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < function->row_count; i++)
        mpr_json_element(json, 4, row_object(json, &function->rows[i]));
    mpr_buf_puts(json->out, function->row_count ? "\n      ]" : "]");
    mpr_buf_puts(json->out, "\n    }");
}
