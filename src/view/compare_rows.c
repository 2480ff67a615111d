/* SPDX-License-Identifier: MIT */
/* The rows of a function that is in both profiles: by equal lines in their order, then equal ones
 * elsewhere, then, between those, lines that are alike, then lines in the same place. */
#include <stdlib.h>

#include "compare.h"
#include "mprun/align.h"
#include "mprun/number.h"

/* Rows of both sides; of each its partner's index on the other, or MPR_UNALIGNED. */
struct rows {
    const struct mpr_profile_row *row[MPR_SIDES];
    size_t count[MPR_SIDES];
    struct mpr_line_text *text[MPR_SIDES]; /* one array, the earlier side's first */
    size_t *partner[MPR_SIDES];
    bool *in_order; /* of the earlier side: such pairs ascend on both */
    uint32_t *numbers[MPR_SIDES];
    /* Some of them, and room for an answer. */
    size_t *loose[MPR_SIDES];
    uint32_t *some[MPR_SIDES];
    size_t *aligned;
};

static void pair(struct rows *rows, size_t before, size_t after, bool in_order)
{
    rows->partner[MPR_BEFORE][before] = after;
    rows->partner[MPR_AFTER][after] = before;
    rows->in_order[before] = in_order;
}

static bool is_free(const struct rows *rows, enum mpr_side side, size_t index)
{
    return rows->partner[side][index] == MPR_UNALIGNED;
}

static void rows_release(struct rows *rows)
{
    free(rows->text[MPR_BEFORE]);
    free(rows->in_order);
    free(rows->aligned);
    for (size_t side = 0; side < MPR_SIDES; side++) {
        free(rows->partner[side]);
        free(rows->numbers[side]);
        free(rows->loose[side]);
        free(rows->some[side]);
    }
}

static bool side_init(
    struct rows *rows, enum mpr_side side, const struct mpr_profile_function *function)
{
    size_t count = function ? function->row_count : 0;
    rows->row[side] = function ? function->rows : NULL;
    rows->count[side] = count;
    rows->partner[side] = calloc(count + 1, sizeof *rows->partner[side]);
    rows->numbers[side] = calloc(count + 1, sizeof *rows->numbers[side]);
    rows->loose[side] = calloc(count + 1, sizeof *rows->loose[side]);
    rows->some[side] = calloc(count + 1, sizeof *rows->some[side]);
    for (size_t i = 0; rows->partner[side] && i < count; i++)
        rows->partner[side][i] = MPR_UNALIGNED;
    return rows->partner[side] && rows->numbers[side] && rows->loose[side] && rows->some[side];
}

static bool rows_init(struct rows *rows, const struct mpr_compared_function *function)
{
    bool ok = true;
    *rows = (struct rows){.aligned = NULL};
    for (size_t side = 0; side < MPR_SIDES; side++)
        ok = side_init(rows, (enum mpr_side)side, function->function[side]) && ok;
    size_t before = rows->count[MPR_BEFORE];
    rows->text[MPR_BEFORE] =
        calloc(before + rows->count[MPR_AFTER] + 1, sizeof *rows->text[MPR_BEFORE]);
    rows->in_order = calloc(before + 1, sizeof *rows->in_order);
    rows->aligned = calloc(before + 1, sizeof *rows->aligned);
    if (!ok || !rows->text[MPR_BEFORE] || !rows->in_order || !rows->aligned)
        return false;
    rows->text[MPR_AFTER] = rows->text[MPR_BEFORE] + before;
    for (size_t side = 0; side < MPR_SIDES; side++)
        for (size_t i = 0; i < rows->count[side]; i++)
            rows->text[side][i] = (struct mpr_line_text){.text = rows->row[side][i].source,
                .line = rows->row[side][i].line - function->function[side]->first_line};
    return true;
}

static bool number(struct rows *rows, enum mpr_likeness likeness)
{
    if (!mpr_number_lines(
            rows->text[MPR_BEFORE], rows->count[MPR_BEFORE] + rows->count[MPR_AFTER], likeness))
        return false;
    for (size_t side = 0; side < MPR_SIDES; side++)
        for (size_t i = 0; i < rows->count[side]; i++)
            rows->numbers[side][i] = rows->text[side][i].number;
    return true;
}

/* Pair equal ones of rows->some, whose rows rows->loose names, in their order. */
static bool align(struct rows *rows, size_t before, size_t after)
{
    if (mpr_align(rows->some[MPR_BEFORE], before, rows->some[MPR_AFTER], after, rows->aligned) < 0)
        return false;
    for (size_t i = 0; i < before; i++)
        if (rows->aligned[i] != MPR_UNALIGNED)
            pair(rows, rows->loose[MPR_BEFORE][i], rows->loose[MPR_AFTER][rows->aligned[i]], true);
    return true;
}

/* --- the same line elsewhere --- */

struct single {
    uint32_t number;
    size_t index;
};

static int by_number(const void *left, const void *right)
{
    const struct single *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static size_t collect_single(const struct rows *rows, enum mpr_side side, struct single *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < rows->count[side]; i++)
        if (is_free(rows, side, i) && !mpr_line_is_blank(rows->text[side][i].text))
            ret[count++] = (struct single){rows->numbers[side][i], i};
    qsort(ret, count, sizeof *ret, by_number);
    return count;
}

/* Equal ones that are still alone, the first with the first. */
static bool pair_moved(struct rows *rows)
{
    struct single *before = calloc(rows->count[MPR_BEFORE] + 1, sizeof *before);
    struct single *after = calloc(rows->count[MPR_AFTER] + 1, sizeof *after);
    bool ok = before && after;
    size_t before_count = ok ? collect_single(rows, MPR_BEFORE, before) : 0;
    size_t after_count = ok ? collect_single(rows, MPR_AFTER, after) : 0;
    for (size_t i = 0, j = 0; i < before_count && j < after_count;) {
        if (before[i].number < after[j].number)
            i++;
        else if (before[i].number > after[j].number)
            j++;
        else
            pair(rows, before[i++].index, after[j++].index, false);
    }
    free(before);
    free(after);
    return ok;
}

/* --- between lines that are paired in their order --- */

/* Rows of both sides between two such pairs. */
struct gap {
    size_t begin[MPR_SIDES];
    size_t end[MPR_SIDES];
};

/* The gap's rows that have no partner, into rows->loose; how many. */
static size_t loose_in(struct rows *rows, const struct gap *gap, enum mpr_side side)
{
    size_t count = 0;
    for (size_t i = gap->begin[side]; i < gap->end[side]; i++)
        if (is_free(rows, side, i))
            rows->loose[side][count++] = i;
    return count;
}

static bool pair_like(struct rows *rows, const struct gap *gap)
{
    size_t before = loose_in(rows, gap, MPR_BEFORE), after = loose_in(rows, gap, MPR_AFTER);
    for (size_t side = 0; side < MPR_SIDES; side++)
        for (size_t i = 0; i < (side == MPR_BEFORE ? before : after); i++)
            rows->some[side][i] = rows->numbers[side][rows->loose[side][i]];
    return align(rows, before, after);
}

/* Where as many are there as were, lines were changed. */
static bool pair_places(struct rows *rows, const struct gap *gap)
{
    size_t before = loose_in(rows, gap, MPR_BEFORE), after = loose_in(rows, gap, MPR_AFTER);
    for (size_t i = 0; before == after && i < before; i++)
        pair(rows, rows->loose[MPR_BEFORE][i], rows->loose[MPR_AFTER][i], true);
    return true;
}

static bool each_gap(struct rows *rows, bool (*visit)(struct rows *rows, const struct gap *gap))
{
    size_t count = rows->count[MPR_BEFORE];
    struct gap gap = {{0, 0}, {0, 0}};
    for (size_t i = 0; i <= count; i++) {
        if (i < count && !rows->in_order[i])
            continue;
        size_t after = i < count ? rows->partner[MPR_BEFORE][i] : rows->count[MPR_AFTER];
        gap.end[MPR_BEFORE] = i;
        gap.end[MPR_AFTER] = after;
        if (!visit(rows, &gap))
            return false;
        gap = (struct gap){{i + 1, after + 1}, {0, 0}};
    }
    return true;
}

static bool align_all(struct rows *rows)
{
    for (size_t side = 0; side < MPR_SIDES; side++)
        for (size_t i = 0; i < rows->count[side]; i++) {
            rows->loose[side][i] = i;
            rows->some[side][i] = rows->numbers[side][i];
        }
    return align(rows, rows->count[MPR_BEFORE], rows->count[MPR_AFTER]);
}

static bool match(struct rows *rows)
{
    return number(rows, MPR_LIKE_WHOLE) && align_all(rows) && pair_moved(rows) &&
           number(rows, MPR_LIKE_SHAPE) && each_gap(rows, pair_like) &&
           number(rows, MPR_LIKE_STEM) && each_gap(rows, pair_like) &&
           each_gap(rows, pair_places) &&
           number(rows, MPR_LIKE_WHOLE); /* again, to tell what was edited */
}

/* --- what became of them --- */

static bool has_figures(const struct mpr_profile_row *row)
{
    return row && (row->hits || row->measured || row->ended_here);
}

static bool differs(const struct mpr_comparison *comparison, const struct mpr_compared_row *row)
{
    for (const struct mpr_column *column = mpr_columns; column->name; column++) {
        int64_t change = mpr_compared_change(comparison, column, row);
        if (mpr_compared_exactly(column) && change != 0 && change != MPR_UNKNOWN)
            return true;
    }
    return false;
}

static int64_t growth_of(
    const struct mpr_comparison *comparison, const struct mpr_compared_row *row)
{
    static const size_t bytes[] = {
        offsetof(struct mpr_profile_row, heap_delta),
        offsetof(struct mpr_profile_row, spike),
        offsetof(struct mpr_profile_row, live_at_peak),
        offsetof(struct mpr_profile_row, live_at_end),
    };
    int64_t worst = 0;
    for (const struct mpr_column *column = mpr_columns; column->name; column++) {
        int64_t change = mpr_compared_change(comparison, column, row);
        bool counts = false;
        for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
            counts = counts || (column->row.given && column->row.offset == bytes[i]);
        if (comparison->heap_off)
            counts = column->row.offset == offsetof(struct mpr_profile_row, rss_delta) &&
                     column->row.given && mpr_magnitude(change) > (uint64_t)comparison->rss_noise;
        if (counts && change != MPR_UNKNOWN)
            worst = mpr_worse(worst, change);
    }
    return worst;
}

static struct mpr_compared_row judge(const struct mpr_comparison *comparison,
    const struct mpr_profile_row *before, const struct mpr_profile_row *after, bool edited)
{
    struct mpr_compared_row row = {.row = {before, after}, .edited = before && after && edited};
    bool was = has_figures(before), is = has_figures(after);
    row.other_work = was && is && before->hits != after->hits;
    row.growth = growth_of(comparison, &row);
    if (!was && !is)
        row.fate = MPR_FATE_SAME;
    else if (!before || !after)
        row.fate = before ? MPR_FATE_GONE : MPR_FATE_NEW;
    else if (row.edited || was != is || differs(comparison, &row) ||
             (comparison->heap_off && row.growth))
        row.fate = MPR_FATE_CHANGED;
    return row;
}

static void add(const struct mpr_comparison *comparison, struct mpr_compared_function *function,
    const struct rows *rows, size_t before, size_t after)
{
    const struct mpr_profile_row *was =
        before == MPR_UNALIGNED ? NULL : &rows->row[MPR_BEFORE][before];
    const struct mpr_profile_row *is = after == MPR_UNALIGNED ? NULL : &rows->row[MPR_AFTER][after];
    bool edited = was && is && rows->numbers[MPR_BEFORE][before] != rows->numbers[MPR_AFTER][after];
    struct mpr_compared_row row = judge(comparison, was, is, edited);
    function->rows[function->row_count++] = row;
    function->changed += row.fate != MPR_FATE_SAME;
    function->growth = mpr_worse(function->growth, row.growth);
}

/* In the order of the later text; what is gone follows what stood in front of it. */
static void merge(const struct mpr_comparison *comparison, struct mpr_compared_function *function,
    const struct rows *rows)
{
    size_t next = 0;
    for (size_t j = 0; j < rows->count[MPR_AFTER]; j++) {
        size_t partner = rows->partner[MPR_AFTER][j];
        bool in_order = partner != MPR_UNALIGNED && rows->in_order[partner];
        for (; in_order && next < partner; next++)
            if (is_free(rows, MPR_BEFORE, next))
                add(comparison, function, rows, next, MPR_UNALIGNED);
        add(comparison, function, rows, partner, j);
    }
    for (; next < rows->count[MPR_BEFORE]; next++)
        if (is_free(rows, MPR_BEFORE, next))
            add(comparison, function, rows, next, MPR_UNALIGNED);
}

bool mpr_compare_rows(
    const struct mpr_comparison *comparison, struct mpr_compared_function *function)
{
    struct rows rows;
    const struct mpr_profile_function *before = function->function[MPR_BEFORE];
    const struct mpr_profile_function *after = function->function[MPR_AFTER];
    bool ok = rows_init(&rows, function) && match(&rows);
    if (ok)
        function->rows =
            calloc(rows.count[MPR_BEFORE] + rows.count[MPR_AFTER] + 1, sizeof *function->rows);
    ok = ok && function->rows;
    if (ok)
        merge(comparison, function, &rows);
    rows_release(&rows);
    if (!before || !after)
        function->fate = before ? MPR_FATE_GONE : MPR_FATE_NEW;
    else if (function->changed || before->calls != after->calls)
        function->fate = MPR_FATE_CHANGED;
    return ok;
}
