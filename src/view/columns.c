/* SPDX-License-Identifier: MIT */
/* The table of columns, and --columns. A new column is a row here. */
#include "mprun/column.h"

#include <string.h>

#define ROW(member)                                                                                \
    {                                                                                              \
        true, offsetof(struct mpr_profile_row, member)                                             \
    }
#define FUNCTION(member)                                                                           \
    {                                                                                              \
        true, offsetof(struct mpr_profile_function, member)                                        \
    }

static int64_t row_line(const struct mpr_profile_row *row)
{
    return row->line;
}

static int64_t row_hits(const struct mpr_profile_row *row)
{
    return row->hits > INT64_MAX ? INT64_MAX : (int64_t)row->hits;
}

static int64_t released_on_return(const struct mpr_profile_function *function)
{
    return function->freed_on_return == MPR_UNKNOWN ? MPR_UNKNOWN : -function->freed_on_return;
}

const struct mpr_column mpr_columns[] = {
    {.name = "line",
        .header = "Line",
        .cell = MPR_CELL_LINE,
        .wide = true,
        .narrow = true,
        .width = 5,
        .value = row_line},
    {.name = "hits",
        .header = "Hits",
        .cell = MPR_CELL_COUNT,
        .wide = true,
        .narrow = true,
        .drop = 1,
        .width = 8,
        .value = row_hits,
        .legend = "Hits  how often the line was reached."},
    {.name = "rss",
        .header = "RSS",
        .cell = MPR_CELL_LEVEL,
        .wide = true,
        .needs_rss = true,
        .narrow = true,
        .drop = 2,
        .width = 7,
        .row = ROW(rss),
        .legend = "RSS  resident memory when the line last ended."},
    {.name = "rss_delta",
        .summed = true,
        .header = "+RSS",
        .cell = MPR_CELL_CHANGE,
        .wide = true,
        .needs_rss = true,
        .narrow = true,
        .width = 7,
        .bold = true,
        .row = ROW(rss_delta),
        .total = FUNCTION(rss_delta),
        .legend = "+RSS  its change over all hits, callees included.",
        .legend_alone = "+RSS  change of resident memory over all hits, callees included."},
    {.name = "heap_delta",
        .summed = true,
        .alias = "heap",
        .header = "+Heap",
        .cell = MPR_CELL_CHANGE,
        .exact = true,
        .wide = true,
        .needs_heap = true,
        .narrow = true,
        .width = 7,
        .bold = true,
        .row = ROW(heap_delta),
        .total = FUNCTION(heap_delta),
        .on_return = released_on_return,
        .legend = "+Heap  bytes allocated minus freed, exact."},
    {.name = "heap_allocated",
        .summed = true,
        .alias = "allocated",
        .header = "Alloc'd",
        .cell = MPR_CELL_LEVEL,
        .needs_heap = true,
        .width = 8,
        .row = ROW(heap_allocated),
        .legend = "Alloc'd  all bytes that the line asked for."},
    {.name = "heap_freed",
        .summed = true,
        .alias = "freed",
        .header = "Freed",
        .cell = MPR_CELL_LEVEL,
        .needs_heap = true,
        .width = 7,
        .row = ROW(heap_freed),
        .legend = "Freed  all bytes that were freed in the line."},
    {.name = "allocations",
        .summed = true,
        .header = "Blocks",
        .cell = MPR_CELL_COUNT,
        .needs_heap = true,
        .width = 8,
        .row = ROW(allocations),
        .legend = "Blocks  how often it asked."},
    {.name = "spike",
        .header = "Spike",
        .cell = MPR_CELL_LEVEL,
        .wide = true,
        .needs_heap = true,
        .narrow = true,
        .drop = 4,
        .width = 7,
        .row = ROW(spike),
        .legend = "Spike  most heap that came and went within one hit."},
    {.name = "live_at_peak",
        .alias = "peak",
        .header = "Peak",
        .cell = MPR_CELL_SHARE,
        .wide = true,
        .needs_heap = true,
        .narrow = true,
        .drop = 5,
        .width = 5,
        .row = ROW(live_at_peak),
        .legend = "Peak  share of the highest heap that the line holds."},
    {.name = "at_peak",
        .header = "At peak",
        .cell = MPR_CELL_LEVEL,
        .wide = true,
        .needs_heap = true,
        .drop = 6,
        .width = 9,
        .row = ROW(live_at_peak),
        .no_key = true,
        .legend = "At peak  what the line holds of the highest heap."},
    {.name = "live_at_end",
        .alias = "end",
        .header = "At end",
        .cell = MPR_CELL_LEVEL,
        .wide = true,
        .needs_heap = true,
        .drop = 6,
        .width = 8,
        .row = ROW(live_at_end),
        .legend = "At end  what it still holds when the program ends."},
    {.name = "rss_max",
        .header = "Max RSS",
        .cell = MPR_CELL_LEVEL,
        .wide = true,
        .needs_rss = true,
        .narrow = true,
        .without_heap = true,
        .drop = 3,
        .width = 9,
        .row = ROW(rss_max),
        .key_before = "rss_delta",
        .legend = "Max RSS  highest with which the line ever ended."},
    {.name = "time_ns",
        .summed = true,
        .alias = "time",
        .header = "Time",
        .cell = MPR_CELL_TIME,
        .wide = true,
        .drop = 7,
        .width = 8,
        .row = ROW(time_ns),
        .total = FUNCTION(time_ns),
        .legend = "Time  wall clock over all hits, callees included."},
    {.name = "source",
        .header = "Source",
        .cell = MPR_CELL_SOURCE,
        .wide = true,
        .narrow = true,
        .width = 2,
        .key_before = "hits"},
    {.name = NULL},
};

_Static_assert(sizeof mpr_columns / sizeof *mpr_columns <= MPR_COLUMNS_MAX,
    "arrays by column have room for all");

static int64_t read_field(struct mpr_field field, const void *from)
{
    int64_t value;
    memcpy(&value, (const char *)from + field.offset, sizeof value);
    return value;
}

int64_t mpr_column_value(const struct mpr_column *column, const struct mpr_profile_row *row)
{
    if (column->row.given)
        return read_field(column->row, row);
    return column->value ? column->value(row) : MPR_UNKNOWN;
}

int64_t mpr_column_total(
    const struct mpr_column *column, const struct mpr_profile_function *function)
{
    return column->total.given ? read_field(column->total, function) : MPR_UNKNOWN;
}

int64_t mpr_column_on_return(
    const struct mpr_column *column, const struct mpr_profile_function *function)
{
    return column->on_return ? column->on_return(function) : MPR_UNKNOWN;
}

static void add_keys(const char *before, const struct mpr_column **ret_columns, size_t *count)
{
    for (const struct mpr_column *column = mpr_columns; column->name; column++)
        if (column->key_before && strcmp(column->key_before, before) == 0)
            ret_columns[(*count)++] = column;
}

size_t mpr_columns_keys(const struct mpr_column *ret_columns[MPR_COLUMNS_MAX])
{
    size_t count = 0;
    for (const struct mpr_column *column = mpr_columns; column->name; column++) {
        if (column->no_key || column->key_before)
            continue;
        add_keys(column->name, ret_columns, &count);
        ret_columns[count++] = column;
    }
    return count;
}

static size_t find(const char *name, size_t len)
{
    for (size_t i = 0; mpr_columns[i].name; i++) {
        const struct mpr_column *column = &mpr_columns[i];
        if ((strlen(column->name) == len && memcmp(column->name, name, len) == 0) ||
            (column->alias && strlen(column->alias) == len &&
                memcmp(column->alias, name, len) == 0))
            return i;
    }
    return SIZE_MAX;
}

static int unknown(const char *name, size_t len, struct mpr_error *err)
{
    struct mpr_buf known;
    mpr_buf_init(&known);
    for (size_t i = 0; mpr_columns[i].name; i++)
        mpr_buf_printf(&known, "%s%s", i ? ", " : "",
            mpr_columns[i].alias ? mpr_columns[i].alias : mpr_columns[i].name);
    if (len == 0)
        mpr_error_set(err, MPR_ERR_INVALID,
            "--columns: a name is missing; write +NAME or -NAME, separated by commas (columns: %s)",
            known.data);
    else
        mpr_error_set(err, MPR_ERR_INVALID, "--columns: there is no column \"%.*s\" (columns: %s)",
            len > 64 ? 64 : (int)len, name, known.data);
    mpr_buf_release(&known);
    return MPR_ERR_INVALID;
}

static bool is_sign(char c)
{
    return c == '+' || c == '-';
}

/* A first name without a sign starts from nothing: "line,rss,source" is exactly those. */
static void start_from(const char *text, enum mpr_choice *choice)
{
    for (size_t i = 0; mpr_columns[i].name; i++)
        choice[i] = text && !is_sign(*text) ? MPR_CHOICE_OFF : MPR_CHOICE_DEFAULT;
}

int mpr_columns_parse(
    const char *text, enum mpr_choice choice[MPR_COLUMNS_MAX], struct mpr_error *err)
{
    enum mpr_choice parsed[MPR_COLUMNS_MAX] = {MPR_CHOICE_DEFAULT};
    start_from(text, parsed);
    while (text) {
        bool off = *text == '-';
        if (is_sign(*text))
            text++;
        size_t len = strcspn(text, ",");
        size_t column = find(text, len);
        if (column == SIZE_MAX)
            return unknown(text, len, err);
        parsed[column] = off ? MPR_CHOICE_OFF : MPR_CHOICE_ON;
        text = text[len] ? text + len + 1 : NULL;
    }
    size_t left = 0;
    for (size_t i = 0; mpr_columns[i].name; i++)
        left += parsed[i] != MPR_CHOICE_OFF;
    if (left == 0)
        return mpr_error_set(err, MPR_ERR_INVALID, "--columns: no column is left");
    memcpy(choice, parsed, sizeof parsed);
    return 0;
}

int mpr_columns_check(const char *columns, struct mpr_error *err)
{
    enum mpr_choice choice[MPR_COLUMNS_MAX];
    return mpr_columns_parse(columns, choice, err);
}

int mpr_columns_measured(const char *columns, bool heap_off, bool rss_off, struct mpr_error *err)
{
    enum mpr_choice choice[MPR_COLUMNS_MAX] = {MPR_CHOICE_DEFAULT};
    int status = mpr_columns_parse(columns, choice, err);
    for (size_t i = 0; status == 0 && mpr_columns[i].name; i++) {
        const struct mpr_column *column = &mpr_columns[i];
        bool heap = column->needs_heap && heap_off;
        if (choice[i] == MPR_CHOICE_ON && (heap || (column->needs_rss && rss_off)))
            status = mpr_error_set(err, MPR_ERR_INVALID, "--columns: %s needs what %s switches off",
                column->name, heap ? "--no-heap" : "--rss off");
    }
    return status;
}

void mpr_columns_explain(struct mpr_buf *out)
{
    for (const struct mpr_column *column = mpr_columns; column->name; column++) {
        const char *words = column->legend_alone ? column->legend_alone : column->legend;
        if (!words)
            continue;
        /* A legend starts with the column's head and two blanks. */
        mpr_buf_printf(out, "  %-7s  %-9s  %s\n", column->header,
            column->alias ? column->alias : column->name, words + strlen(column->header) + 2);
    }
}
