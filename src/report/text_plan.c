/* SPDX-License-Identifier: MIT */
/* Which function gets a table, which a line, and whose body stands inside whose. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* So many functions are all shown, whatever they did. */
#define ALWAYS_SHOWN ((size_t)3)
/* From so many named ones on, those that did nothing fold too. */
#define NAMED_LIMIT ((size_t)10)

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

static bool has_change(const struct mpr_profile_function *function, bool rss_off)
{
    for (size_t i = 0; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        if (row->ended_here || (rss_off ? row->time_ns >= 50000 : row->rss_delta != 0))
            return true;
    }
    return false;
}

static bool may_fold(const struct mpr_text *text, size_t index, size_t ran_count)
{
    const struct mpr_profile_function *function = &text->profile->functions[index];
    if (text->options->all_lines || ran_count <= ALWAYS_SHOWN)
        return false;
    return strcmp(function->selected_by, "default") == 0 || ran_count > NAMED_LIMIT;
}

static void choose_listings(struct mpr_text *text)
{
    const struct mpr_profile *profile = text->profile;
    size_t ran_count = 0;
    for (size_t i = 0; i < profile->function_count; i++) {
        bool runs = ran(&profile->functions[i]);
        text->listing[i] = runs ? MPR_LISTING_TABLE : MPR_LISTING_NEVER;
        ran_count += runs;
    }
    for (size_t i = 0; i < profile->function_count; i++) {
        if (text->listing[i] == MPR_LISTING_TABLE && may_fold(text, i, ran_count) &&
            !has_change(&profile->functions[i], text->rss_off))
            text->listing[i] = MPR_LISTING_QUIET;
        text->tables += text->listing[i] == MPR_LISTING_TABLE;
    }
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
        for (uint32_t line = inner->first_line + 1; line <= inner->last_line; line++)
            marks[line - outer->first_line] = 1;
        rank = skip_to(text, rank + 1, outer->file, inner->last_line);
    }
}
