/* SPDX-License-Identifier: MIT */
/* JSON written piece by piece, a member or an element a line. A value is a jansson object for as
 * long as it takes to write it. */
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* A member that found no memory would just be missing. */
static bool refused;

static void *watched_malloc(size_t size)
{
    void *memory = malloc(size);
    refused |= !memory;
    return memory;
}

/* -o - may be a terminal. jansson hands over whole characters. */
static int append(const char *bytes, size_t len, void *out)
{
    mpr_shown_append_json(out, bytes, len);
    return 0;
}

void mpr_json_value(struct mpr_json *json, json_t *value)
{
    /* jansson refuses what is not UTF-8; the profile's text always is. */
    if (!value || json_dump_callback(value, append, json->out, JSON_ENCODE_ANY) != 0)
        json->failed = true;
    json_decref(value);
}

void mpr_json_member(struct mpr_json *json, int depth, const char *name, json_t *value)
{
    mpr_json_key(json, depth, name);
    mpr_json_value(json, value);
}

void mpr_json_key(struct mpr_json *json, int depth, const char *name)
{
    const struct mpr_buf *out = json->out;
    bool first = out->len && out->data[out->len - 1] == '{';
    mpr_buf_printf(json->out, "%s\n%*s\"%s\": ", first ? "" : ",", depth * 2, "", name);
}

void mpr_json_element(struct mpr_json *json, int depth, json_t *value)
{
    const struct mpr_buf *out = json->out;
    bool first = out->len && out->data[out->len - 1] == '[';
    mpr_buf_printf(json->out, "%s\n%*s", first ? "" : ",", depth * 2, "");
    if (value)
        mpr_json_value(json, value);
}

void mpr_json_set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new_nocheck(object, key, value);
}

json_t *mpr_json_text(const char *value)
{
    return value ? json_string(value) : json_null();
}

json_t *mpr_json_size(int64_t value)
{
    return value == MPR_UNKNOWN ? json_null() : json_integer(value);
}

json_t *mpr_json_count(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* --- flat objects, as jansson would write them --- */

static void flat_key(struct mpr_json *json, const char *key)
{
    const struct mpr_buf *out = json->out;
    bool first = out->len && out->data[out->len - 1] == '{';
    mpr_buf_puts(json->out, first ? "\"" : ", \"");
    mpr_buf_puts(json->out, key);
    mpr_buf_puts(json->out, "\": ");
}

static bool is_plain(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\')
            return false;
    return true;
}

void mpr_json_flat_begin(struct mpr_json *json)
{
    mpr_buf_putc(json->out, '{');
}

void mpr_json_flat_text(struct mpr_json *json, const char *key, const char *value)
{
    flat_key(json, key);
    if (!value || !is_plain(value)) {
        mpr_json_value(json, mpr_json_text(value));
        return;
    }
    mpr_buf_putc(json->out, '"');
    mpr_shown_append_json(json->out, value, strlen(value));
    mpr_buf_putc(json->out, '"');
}

void mpr_json_flat_size(struct mpr_json *json, const char *key, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = mpr_magnitude(value);
    flat_key(json, key);
    if (value == MPR_UNKNOWN) {
        mpr_buf_puts(json->out, "null");
        return;
    }
    do
        digits[--at] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        digits[--at] = '-';
    mpr_buf_append(json->out, &digits[at], sizeof digits - at);
}

void mpr_json_flat_end(struct mpr_json *json)
{
    mpr_buf_putc(json->out, '}');
}

void mpr_json_begin(struct mpr_json *json)
{
    refused = false;
    json_set_alloc_funcs(watched_malloc, free);
    mpr_buf_putc(json->out, '{');
}

int mpr_json_end(struct mpr_json *json, struct mpr_error *err)
{
    mpr_buf_puts(json->out, "\n}\n");
    if (json->failed || refused)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while writing the report");
    return 0;
}
