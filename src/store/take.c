/* SPDX-License-Identifier: MIT */
/* Values of a store, each held against its column: type, range, word, text. All text together takes
 * not more than the file has bytes. */
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "loading.h"

int mpr_loading_no_memory(struct mpr_loading *load)
{
    return mpr_error_set(load->err, MPR_ERR_NOMEM, "out of memory");
}

int mpr_loading_damaged(struct mpr_loading *load, const char *what)
{
    return mpr_error_set(load->err, MPR_ERR_CORRUPT, "the table %s is damaged: row %lld: %s",
        load->table->name, (long long)load->id, what);
}

bool mpr_loading_is_number(const struct mpr_loading *load, int at)
{
    return sqlite3_column_type(load->statement, at) == SQLITE_INTEGER;
}

static bool is_null(const struct mpr_loading *load, int at)
{
    return sqlite3_column_type(load->statement, at) == SQLITE_NULL;
}

static bool take_int(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *field)
{
    sqlite3_int64 value = sqlite3_column_int64(load->statement, at);
    if (column->size == 8) {
        *(int64_t *)field = is_null(load, at) ? MPR_UNKNOWN : value;
        return is_null(load, at) || mpr_loading_is_number(load, at);
    }
    *(int32_t *)field = (int32_t)value;
    return mpr_loading_is_number(load, at) && value == (int32_t)value;
}

static bool take_count(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *field)
{
    uint64_t value = (uint64_t)sqlite3_column_int64(load->statement, at);
    mpr_field_set_number(field, column->size, value);
    return mpr_loading_is_number(load, at) && value <= mpr_field_most(column->size);
}

static bool take_index(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *field)
{
    uint64_t most = mpr_field_most(column->size);
    if (is_null(load, at)) {
        mpr_field_set_number(field, column->size, most);
        return true;
    }
    sqlite3_int64 value = sqlite3_column_int64(load->statement, at);
    mpr_field_set_number(field, column->size, (uint64_t)value);
    return mpr_loading_is_number(load, at) && value >= 0 && (uint64_t)value < most;
}

static bool take_flag(struct mpr_loading *load, int at, void *field)
{
    sqlite3_int64 value = sqlite3_column_int64(load->statement, at);
    *(bool *)field = value != 0;
    return mpr_loading_is_number(load, at) && (value == 0 || value == 1);
}

static bool take_name(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *field)
{
    if (sqlite3_column_type(load->statement, at) != SQLITE_TEXT)
        return false;
    const char *word = (const char *)sqlite3_column_text(load->statement, at);
    size_t len = (size_t)sqlite3_column_bytes(load->statement, at); /* a NUL may be in it */
    for (size_t i = 0; word && column->names[i]; i++) {
        if (strcmp(word, column->names[i]) != 0 || strlen(word) != len)
            continue;
        mpr_field_set_number(field, column->size, i);
        return true;
    }
    return false;
}

/* --- text --- */

/* As the model has it: UTF-8 without control characters, but for tabs and the ends of lines. */
static bool is_clean(const char *text, size_t len, bool lines)
{
    for (size_t at = 0, step; at < len; at += step) {
        unsigned char byte = (unsigned char)text[at];
        bool kept = byte == '\t' || (byte == '\n' && lines);
        if ((byte < 0x20 && !kept) || byte == 0x7f)
            return false;
        step = byte < 0x80 ? 1 : mpr_utf8_sequence(text + at, len - at);
        if (step == 0)
            return false;
    }
    return true;
}

/* What is not gets its escapes, line by line where it has lines: elsewhere an end of a line would
 * be that of a message. */
static char *escaped(const char *text, size_t len, bool lines, size_t *ret_len)
{
    struct mpr_buf out;
    mpr_buf_init(&out);
    for (const char *end = text + len; text < end;) {
        const char *stop = lines ? memchr(text, '\n', (size_t)(end - text)) : NULL;
        mpr_text_append(&out, text, (size_t)((stop ? stop : end) - text));
        if (stop)
            mpr_buf_putc(&out, '\n');
        text = stop ? stop + 1 : end;
    }
    *ret_len = out.len;
    return mpr_buf_steal(&out);
}

/* A copy of the value, the caller's; NULL with 0 or an error. */
static char *take_bytes(
    struct mpr_loading *load, int at, bool lines, size_t *ret_len, int *ret_status)
{
    if (sqlite3_column_type(load->statement, at) != SQLITE_TEXT) {
        *ret_status = mpr_loading_damaged(load, "no text");
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(load->statement, at);
    size_t len = (size_t)sqlite3_column_bytes(load->statement, at);
    char *copy = NULL;
    if (text && len > load->text_left) {
        *ret_status = mpr_loading_damaged(load, "more text than the file has bytes");
        return NULL;
    }
    if (text && is_clean(text, len, lines)) {
        copy = malloc(len + 1);
        if (copy) {
            memcpy(copy, text, len);
            copy[len] = '\0';
        }
        *ret_len = len;
    } else if (text) {
        copy = escaped(text, len, lines, ret_len);
    }
    load->text_left -= copy ? len : 0;
    *ret_status = copy ? 0 : mpr_loading_no_memory(load);
    return copy;
}

static int take_text(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *field)
{
    size_t len;
    int status = 0;
    if (column->stored == MPR_STORED_TEXT_OR_NULL && is_null(load, at))
        return 0;
    *(char **)field = take_bytes(load, at, false, &len, &status);
    return status;
}

/* Lines that end with a newline each become lines that end with a NUL each. */
static int split(struct mpr_loading *load, struct mpr_profile_source *source, size_t len)
{
    size_t count = 0, at = 0;
    if (len >= UINT32_MAX || (len && source->text[len - 1] != '\n'))
        return mpr_loading_damaged(load, "text without an end");
    for (size_t i = 0; i < len; i++)
        count += source->text[i] == '\n';
    source->start = malloc((count + 1) * sizeof *source->start);
    if (!source->start)
        return mpr_loading_no_memory(load);
    source->start[at++] = 0;
    for (size_t i = 0; i < len; i++) {
        if (source->text[i] != '\n')
            continue;
        source->text[i] = '\0';
        source->start[at++] = (uint32_t)i + 1;
    }
    source->line_count = count;
    return 0;
}

static int take_lines(struct mpr_loading *load, int at, struct mpr_profile_source *source)
{
    size_t len = 0;
    int status = 0;
    if (is_null(load, at))
        return 0;
    source->text = take_bytes(load, at, true, &len, &status);
    return status == 0 ? split(load, source, len) : status;
}

/* --- any of them --- */

int mpr_loading_take(
    struct mpr_loading *load, int at, const struct mpr_store_column *column, void *element)
{
    void *field = mpr_field(element, column->offset);
    bool ok = true;
    switch (column->stored) {
    case MPR_STORED_INT:
        ok = take_int(load, at, column, field);
        break;
    case MPR_STORED_COUNT:
        ok = take_count(load, at, column, field);
        break;
    case MPR_STORED_INDEX:
        ok = take_index(load, at, column, field);
        break;
    case MPR_STORED_FLAG:
        ok = take_flag(load, at, field);
        break;
    case MPR_STORED_NAME:
        ok = take_name(load, at, column, field);
        break;
    case MPR_STORED_TEXT:
    case MPR_STORED_TEXT_OR_NULL:
        return take_text(load, at, column, field);
    case MPR_STORED_LINES:
        return take_lines(load, at, element);
    case MPR_STORED_SHOWN:
    case MPR_STORED_VERSION:
        break;
    }
    return ok ? 0 : mpr_loading_damaged(load, column->name);
}
