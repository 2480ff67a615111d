/* SPDX-License-Identifier: MIT */
/* Units, and which columns at which width: the same for all tables of a report. */
#include <string.h>

#include "text.h"
#include "width.h"

#define SOURCE_MIN ((size_t)32)
#define SOURCE_LEAST ((size_t)8)
#define WIDE ((size_t)100)
#define PROSE_MAX ((size_t)100)
#define RULE_MAX ((size_t)120)

/* The widest values of the report. */
struct extremes {
    int64_t low[MPR_COLUMNS_MAX];
    int64_t high[MPR_COLUMNS_MAX];
};

static void widen(struct extremes *extremes, size_t column, int64_t value)
{
    if (value == MPR_UNKNOWN)
        return;
    if (value < extremes->low[column])
        extremes->low[column] = value;
    if (value > extremes->high[column])
        extremes->high[column] = value;
}

static void measure_function(const struct mpr_profile_function *function, struct extremes *extremes)
{
    for (size_t c = 0; mpr_columns[c].name; c++) {
        if (mpr_columns[c].total)
            widen(extremes, c, mpr_columns[c].total(function));
        for (size_t i = 0; mpr_columns[c].value && i < function->row_count; i++)
            widen(extremes, c, mpr_columns[c].value(&function->rows[i]));
    }
}

static void measure(const struct mpr_text *text, struct extremes *extremes)
{
    memset(extremes, 0, sizeof *extremes);
    for (size_t i = 0; i < text->profile->function_count; i++) {
        if (text->listing[i] == MPR_LISTING_TABLE)
            measure_function(&text->profile->functions[i], extremes);
    }
}

static uint64_t largest(const struct extremes *extremes, enum mpr_cell cell)
{
    uint64_t size = 0;
    for (size_t c = 0; mpr_columns[c].name; c++) {
        if (mpr_columns[c].cell != cell)
            continue;
        uint64_t low = mpr_magnitude(extremes->low[c]);
        uint64_t high = mpr_magnitude(extremes->high[c]);
        size = low > size ? low : size;
        size = high > size ? high : size;
    }
    return size;
}

/* MiB, unless everything is small: then KiB, in which a page can be seen. */
static void choose_units(struct mpr_text *text, const struct extremes *extremes)
{
    enum mpr_unit unit = text->options->unit;
    if (unit == MPR_UNIT_AUTO) {
        uint64_t change = largest(extremes, MPR_CELL_CHANGE);
        uint64_t level = largest(extremes, MPR_CELL_LEVEL);
        if (text->profile->process[0].rss_peak != MPR_UNKNOWN &&
            mpr_magnitude(text->profile->process[0].rss_peak) > level)
            level = mpr_magnitude(text->profile->process[0].rss_peak);
        if (mpr_magnitude(text->profile->process[0].heap.all.peak) > level)
            level = mpr_magnitude(text->profile->process[0].heap.all.peak);
        bool small = change < (1 << 20) && level < (16 << 20);
        unit = small ? MPR_UNIT_KIB : MPR_UNIT_MIB;
    }
    text->size = mpr_scale_sizes[unit];
    uint64_t time = largest(extremes, MPR_CELL_TIME);
    text->time = time < 100 * mpr_scale_s.divisor ? mpr_scale_ms : mpr_scale_s;
}

static size_t column_width(
    const struct mpr_text *text, const struct mpr_column *column, int64_t low, int64_t high)
{
    char cell[MPR_NUMBER_MAX];
    size_t width = mpr_width(column->header, true) + 1;
    width = width > column->width ? width : column->width;
    const int64_t values[] = {low, high};
    for (size_t i = 0; column->value && i < 2; i++) {
        mpr_text_cell(text, column, values[i], false, cell);
        size_t needed = mpr_width(cell, true) + 1;
        width = needed > width ? needed : width;
    }
    return width;
}

const char *mpr_text_half(const struct mpr_scale *scale)
{
    static const char *const halves[] = {"0.5", "0.05", "0.005"};
    return halves[scale->decimals];
}

static bool by_default(const struct mpr_text *text, const struct mpr_column *column)
{
    if ((column->needs_rss && text->rss_off) || (column->needs_heap && text->heap_off) ||
        (column->without_heap && !text->heap_off))
        return false;
    /* With neither memory nor time a row would say nothing. */
    if (text->rss_off && text->heap_off && column->cell == MPR_CELL_TIME)
        return true;
    bool wide = text->options->width == 0 || text->options->width >= WIDE;
    return wide ? column->wide : column->narrow;
}

static void choose_columns(
    struct mpr_text *text, const enum mpr_choice *choice, const struct extremes *extremes)
{
    for (size_t c = 0; mpr_columns[c].name; c++) {
        const struct mpr_column *column = &mpr_columns[c];
        if (choice[c] == MPR_CHOICE_OFF ||
            (choice[c] == MPR_CHOICE_DEFAULT && !by_default(text, column)))
            continue;
        size_t width = column_width(text, column, extremes->low[c], extremes->high[c]);
        text->shown[text->shown_count++] = (struct mpr_shown){column, width};
        if (column->cell == MPR_CELL_SOURCE)
            text->has_source = true;
        else
            text->columns += width;
    }
}

/* The shown column to give up first; those that were asked for stay. SIZE_MAX: none. */
static size_t find_droppable(const struct mpr_text *text, const enum mpr_choice *choice)
{
    size_t best = SIZE_MAX;
    int drop = 0;
    for (size_t i = 0; i < text->shown_count; i++) {
        const struct mpr_column *column = text->shown[i].column;
        if (column->drop > drop && choice[column - mpr_columns] == MPR_CHOICE_DEFAULT &&
            !(text->rss_off && text->heap_off && column->cell == MPR_CELL_TIME)) {
            best = i;
            drop = column->drop;
        }
    }
    return best;
}

static void drop_columns(struct mpr_text *text, const enum mpr_choice *choice)
{
    size_t width = text->options->width;
    while (width && text->has_source && text->columns + 2 + SOURCE_MIN > width) {
        size_t at = find_droppable(text, choice);
        if (at == SIZE_MAX)
            return;
        text->columns -= text->shown[at].width;
        text->shown_count--;
        memmove(
            &text->shown[at], &text->shown[at + 1], (text->shown_count - at) * sizeof *text->shown);
    }
}

static void note_kinds(struct mpr_text *text)
{
    for (size_t i = 0; text->tables && i < text->shown_count; i++) {
        enum mpr_cell cell = text->shown[i].column->cell;
        text->has_sizes = text->has_sizes || cell == MPR_CELL_LEVEL || cell == MPR_CELL_CHANGE;
        text->has_times = text->has_times || cell == MPR_CELL_TIME;
    }
}

int mpr_text_layout(struct mpr_text *text, struct mpr_error *err)
{
    enum mpr_choice choice[MPR_COLUMNS_MAX];
    int status = mpr_columns_parse(text->options->columns, choice, err);
    if (status < 0)
        return status;
    struct extremes extremes;
    measure(text, &extremes);
    choose_units(text, &extremes);
    if (!mpr_text_plan_tables(text))
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while writing the report");
    measure(text, &extremes);
    choose_columns(text, choice, &extremes);
    drop_columns(text, choice);
    note_kinds(text);
    size_t width = text->options->width;
    if (width) {
        bool room = width >= text->columns + 2 + SOURCE_LEAST;
        text->source = room ? width - text->columns - 2 : SOURCE_LEAST;
    }
    text->rule = width == 0 ? WIDE : width < RULE_MAX ? width : RULE_MAX;
    if (!text->has_source && text->columns < text->rule)
        text->rule = text->columns;
    text->prose = width == 0 || width < PROSE_MAX ? width : PROSE_MAX;
    return 0;
}
