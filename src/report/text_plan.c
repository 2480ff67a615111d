/* SPDX-License-Identifier: MIT */
/* Which function gets a table, which a line, and whose body stands inside whose. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* So many functions are all shown, whatever they did. */
#define ALWAYS_SHOWN ((size_t)3)
/* From so many named ones on, those that did nothing, or nothing that shows, fold too. */
#define NAMED_LIMIT ((size_t)10)
/* More tables nobody reads. */
#define TABLES_MAX ((size_t)200)
/* The heap is exact to the byte: less than a page in every line is no change worth a table. */
#define HEAP_LEAST ((int64_t)4096)

static bool ran(const struct mpr_profile_function *function)
{
    if (function->calls)
        return true;
    for (size_t i = 0; i < function->row_count; i++) {
        if (function->rows[i].hits || function->rows[i].measured)
            return true;
    }
    return false;
}

static bool moves_heap(const struct mpr_profile_row *row)
{
    return row->heap_delta != MPR_UNKNOWN &&
           (mpr_magnitude(row->heap_delta) >= HEAP_LEAST || row->spike >= HEAP_LEAST);
}

static bool has_change(const struct mpr_text *text, const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        bool resident = row->rss_delta != 0 && row->rss_delta != MPR_UNKNOWN;
        bool long_time = text->rss_off && text->heap_off && row->time_ns >= 50000;
        if (row->ended_here || resident || moves_heap(row) || long_time)
            return true;
    }
    return false;
}

static bool may_fold(const struct mpr_text *text, size_t index)
{
    const struct mpr_profile_function *function = &text->profile->functions[index];
    if (text->options->all_lines || text->ran <= ALWAYS_SHOWN)
        return false;
    return strcmp(function->selected_by, "default") == 0 || text->ran > NAMED_LIMIT;
}

static void choose_listings(struct mpr_text *text)
{
    const struct mpr_profile *profile = text->profile;
    for (size_t i = 0; i < profile->function_count; i++) {
        bool runs = ran(&profile->functions[i]);
        text->listing[i] = runs ? MPR_LISTING_TABLE : MPR_LISTING_NEVER;
        text->ran += runs;
    }
    for (size_t i = 0; i < profile->function_count; i++) {
        if (text->listing[i] == MPR_LISTING_TABLE && may_fold(text, i) &&
            !has_change(text, &profile->functions[i]))
            text->listing[i] = MPR_LISTING_QUIET;
        text->tables += text->listing[i] == MPR_LISTING_TABLE;
    }
}

static bool shows(const struct mpr_text *text, int64_t value)
{
    uint64_t size = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return size && !mpr_number_vanishes(size, &text->size);
}

/* Every change is less than half of the last digit. */
static bool is_small(const struct mpr_text *text, const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->ended_here || shows(text, row->rss_delta) || shows(text, row->heap_delta) ||
            shows(text, row->spike))
            return false;
    }
    return true;
}

static void fold_small(struct mpr_text *text)
{
    for (size_t i = 0; i < text->profile->function_count; i++) {
        if (text->listing[i] != MPR_LISTING_TABLE || !is_small(text, &text->profile->functions[i]))
            continue;
        text->listing[i] = MPR_LISTING_QUIET;
        text->small_folded = true;
        text->tables--;
    }
}

static uint64_t largest(uint64_t most, int64_t value)
{
    uint64_t size = value == MPR_UNKNOWN ? 0 : mpr_magnitude(value);
    return size > most ? size : most;
}

/* How much a function deserves its table: its largest change, or the longest time. */
static uint64_t weight(const struct mpr_text *text, size_t index)
{
    const struct mpr_profile_function *function = &text->profile->functions[index];
    uint64_t most = 0;
    if (text->profile->process[0].peak_line && text->profile->process[0].peak_function == index)
        return UINT64_MAX;
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->ended_here)
            return UINT64_MAX;
        if (text->rss_off && text->heap_off) {
            most = largest(most, row->time_ns);
            continue;
        }
        most = largest(most, row->rss_delta);
        most = largest(most, row->heap_delta);
        most = largest(most, row->spike);
    }
    return most;
}

static int descending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* The heaviest keep their tables, in the order of the report. */
static bool cut_tables(struct mpr_text *text)
{
    size_t count = 0;
    uint64_t *weights = malloc(text->tables * sizeof *weights);
    if (!weights)
        return false;
    for (size_t i = 0; i < text->profile->function_count; i++) {
        if (text->listing[i] == MPR_LISTING_TABLE)
            weights[count++] = weight(text, i);
    }
    qsort(weights, count, sizeof *weights, descending);
    uint64_t least = weights[TABLES_MAX - 1];
    size_t equals = TABLES_MAX; /* so many of the least heavy still have room */
    for (size_t i = 0; weights[i] > least; i++)
        equals--;
    free(weights);
    for (size_t i = 0; i < text->profile->function_count; i++) {
        if (text->listing[i] != MPR_LISTING_TABLE)
            continue;
        uint64_t own = weight(text, i);
        if (own > least || (own == least && equals > 0)) {
            equals -= own == least;
            continue;
        }
        text->listing[i] = MPR_LISTING_CUT;
        text->tables--;
    }
    return true;
}

bool mpr_text_plan_tables(struct mpr_text *text)
{
    if (text->options->all_lines || text->ran <= NAMED_LIMIT)
        return true;
    if (!text->rss_off || !text->heap_off)
        fold_small(text);
    return text->tables <= TABLES_MAX || cut_tables(text);
}

static int by_place(const void *left, const void *right, void *profile)
{
    const struct mpr_profile_function *functions = ((const struct mpr_profile *)profile)->functions;
    size_t i = *(const size_t *)left;
    size_t j = *(const size_t *)right;
    const struct mpr_profile_function *a = &functions[i];
    const struct mpr_profile_function *b = &functions[j];
    int order = strcmp(a->file, b->file);
    if (order)
        return order;
    if (a->first_line != b->first_line)
        return a->first_line < b->first_line ? -1 : 1;
    if (a->last_line != b->last_line)
        return a->last_line > b->last_line ? -1 : 1;
    return (i > j) - (i < j);
}

bool mpr_text_plan(struct mpr_text *text)
{
    size_t count = text->profile->function_count;
    size_t room = count ? count : 1;
    text->listing = calloc(room, sizeof *text->listing);
    text->by_place = calloc(room, sizeof *text->by_place);
    text->rank = calloc(room, sizeof *text->rank);
    if (!text->listing || !text->by_place || !text->rank)
        return false;
    choose_listings(text);
    for (size_t i = 0; i < count; i++)
        text->by_place[i] = i;
    qsort_r(
        text->by_place, count, sizeof *text->by_place, by_place, (void *)(uintptr_t)text->profile);
    for (size_t i = 0; i < count; i++)
        text->rank[text->by_place[i]] = i;
    return true;
}

void mpr_text_plan_release(struct mpr_text *text)
{
    free(text->listing);
    free(text->by_place);
    free(text->rank);
}

/* First rank from `from` on, in the same file, whose first line lies behind `line`. */
static size_t skip_to(const struct mpr_text *text, size_t from, const char *file, uint32_t line)
{
    size_t low = from;
    size_t high = text->profile->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mpr_profile_function *at = &text->profile->functions[text->by_place[middle]];
        if (strcmp(at->file, file) == 0 && at->first_line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first row of a later line. */
static size_t row_behind(const struct mpr_profile_function *function, uint32_t line)
{
    size_t low = 0, high = function->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (function->rows[middle].line <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void mpr_text_mark_nested(const struct mpr_text *text, size_t function, uint8_t *marks)
{
    const struct mpr_profile_function *outer = &text->profile->functions[function];
    size_t rank = text->rank[function] + 1;
    while (rank < text->profile->function_count) {
        const struct mpr_profile_function *inner = &text->profile->functions[text->by_place[rank]];
        if (strcmp(inner->file, outer->file) != 0 || inner->first_line > outer->last_line)
            break;
        bool inside =
            inner->last_line <= outer->last_line &&
            (inner->first_line > outer->first_line || inner->last_line < outer->last_line);
        bool listed = text->listing[text->by_place[rank]] != MPR_LISTING_NEVER;
        if (!inside || !listed) {
            rank++;
            continue;
        }
        /* Its first line is the outer one's own: there the definition ran. */
        for (size_t i = row_behind(outer, inner->first_line);
             i < outer->row_count && outer->rows[i].line <= inner->last_line; i++)
            marks[i] = 1;
        rank = skip_to(text, rank + 1, outer->file, inner->last_line);
    }
}
