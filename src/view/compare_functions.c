/* SPDX-License-Identifier: MIT */
/* Which function of one profile is which of the other: by module and qualified name; what is left,
 * by an equal body; what is left then, by a body that is equal for the most part. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "mprun/align.h"
#include "mprun/hash.h"

/* A body of one line that is as long as this is some function's own. */
#define ALONE_BYTES ((size_t)16)
/* Bodies that are not equal: so many lines at least, and so much in common. */
#define LIKE_LINES ((size_t)3)
#define LIKE_SHARE 0.6
/* Not more than so many comparisons of lines: with thousands of functions on both sides it would
 * be guesswork, too. */
#define LIKE_WORK ((uint64_t)100 << 20)

/* A function that has no partner yet. */
struct candidate {
    const struct mpr_profile_function *function;
    uint64_t hash; /* of its body */
    size_t lines;  /* of its body that are not blank */
    size_t bytes;  /* in them */
    size_t first;  /* of them in the array of all lines */
    bool taken;
};

struct side {
    struct candidate *candidate;
    size_t count;
};

static int by_name(const struct mpr_profile_function *a, const struct mpr_profile_function *b)
{
    int order = strcmp(a->module, b->module);
    return order ? order : strcmp(a->qualname, b->qualname);
}

/* Of one name, in the order of the text. */
static int compare_names(const void *left, const void *right)
{
    const struct mpr_profile_function *a = ((const struct candidate *)left)->function;
    const struct mpr_profile_function *b = ((const struct candidate *)right)->function;
    int order = by_name(a, b);
    if (order == 0)
        order = strcmp(a->file, b->file);
    if (order == 0)
        order = (a->first_line > b->first_line) - (a->first_line < b->first_line);
    return order ? order : (a > b) - (a < b);
}

static int compare_hashes(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return compare_names(left, right);
}

static bool side_init(struct side *side, const struct mpr_profile *profile)
{
    side->count = profile->function_count;
    side->candidate = calloc(side->count + 1, sizeof *side->candidate);
    for (size_t i = 0; side->candidate && i < side->count; i++)
        side->candidate[i].function = &profile->functions[i];
    return side->candidate != NULL;
}

static void add(struct mpr_comparison *comparison, const struct mpr_profile_function *before,
    const struct mpr_profile_function *after)
{
    bool both = before && after;
    comparison->functions[comparison->function_count++] = (struct mpr_compared_function){
        .function = {before, after},
        .renamed = both && by_name(before, after) != 0,
        .moved = both && (before->first_line != after->first_line ||
                             strcmp(before->file, after->file) != 0),
    };
}

static void pair(
    struct mpr_comparison *comparison, struct candidate *before, struct candidate *after)
{
    before->taken = after->taken = true;
    add(comparison, before->function, after->function);
}

/* Equal ones of both, which are sorted, the first with the first. */
static void pair_equal(struct mpr_comparison *comparison, struct side *before, struct side *after,
    int (*order)(const struct candidate *a, const struct candidate *b))
{
    for (size_t i = 0, j = 0; i < before->count && j < after->count;) {
        int which = order(&before->candidate[i], &after->candidate[j]);
        if (which == 0)
            pair(comparison, &before->candidate[i++], &after->candidate[j++]);
        else if (which < 0)
            i++;
        else
            j++;
    }
}

static int order_names(const struct candidate *a, const struct candidate *b)
{
    return by_name(a->function, b->function);
}

static int order_named_bodies(const struct candidate *a, const struct candidate *b)
{
    int order = order_names(a, b);
    return order ? order : (a->hash > b->hash) - (a->hash < b->hash);
}

static int compare_named_bodies(const void *left, const void *right)
{
    int order = order_named_bodies(left, right);
    return order ? order : compare_names(left, right);
}

static void sort(struct side sides[MPR_SIDES], int (*compare)(const void *, const void *))
{
    for (size_t side = 0; side < MPR_SIDES; side++)
        qsort(sides[side].candidate, sides[side].count, sizeof *sides[side].candidate, compare);
}

/* Keep those that have no partner. */
static void drop_taken(struct side *side)
{
    size_t kept = 0;
    for (size_t i = 0; i < side->count; i++)
        if (!side->candidate[i].taken)
            side->candidate[kept++] = side->candidate[i];
    side->count = kept;
}

/* --- bodies --- */

static bool begins_body(const char *text)
{
    static const char *const words[] = {"def ", "async def ", "class "};
    text += strspn(text, " \t\f");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (mpr_has_prefix(text, words[i]))
            return true;
    return false;
}

/* The first row behind the line with the name, which may be another. */
static size_t body_of(const struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].source && begins_body(function->rows[i].source))
            return i + 1;
    return 0;
}

static bool counts(const struct mpr_profile_row *row)
{
    return row->source && !mpr_line_is_blank(row->source);
}

static void hash_body(struct candidate *candidate)
{
    const struct mpr_profile_function *function = candidate->function;
    candidate->hash = MPR_HASH_START;
    candidate->lines = candidate->bytes = 0;
    for (size_t i = body_of(function); i < function->row_count; i++) {
        const char *text = function->rows[i].source;
        if (!counts(&function->rows[i]))
            continue;
        text += strspn(text, " \t\f");
        candidate->hash = mpr_hash_text(candidate->hash, text);
        candidate->bytes += strlen(text);
        candidate->lines++;
    }
}

/* A body of one short line is no proof, unless the name is the same. */
static int order_bodies(const struct candidate *a, const struct candidate *b)
{
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->lines == b->lines && a->lines > 0 &&
        (a->lines > 1 || a->bytes >= ALONE_BYTES ||
            strcmp(a->function->name, b->function->name) == 0))
        return 0;
    return compare_names(a, b) < 0 ? -1 : 1;
}

static void pair_bodies(struct mpr_comparison *comparison, struct side sides[MPR_SIDES])
{
    sort(sides, compare_hashes);
    pair_equal(comparison, &sides[MPR_BEFORE], &sides[MPR_AFTER], order_bodies);
}

/* Of those that share a name, closures and lambdas, first the ones that have not changed. */
static void pair_names(struct mpr_comparison *comparison, struct side sides[MPR_SIDES])
{
    sort(sides, compare_named_bodies);
    pair_equal(comparison, &sides[MPR_BEFORE], &sides[MPR_AFTER], order_named_bodies);
    drop_taken(&sides[MPR_BEFORE]);
    drop_taken(&sides[MPR_AFTER]);
    sort(sides, compare_names);
    pair_equal(comparison, &sides[MPR_BEFORE], &sides[MPR_AFTER], order_names);
}

/* --- bodies that are like each other --- */

/* A pair of candidates, and what they have in common, 0…1. */
struct likeness {
    double share;
    struct candidate *before, *after;
};

static struct candidate *first_by_name(const struct likeness *pair, bool last)
{
    bool in_order = by_name(pair->before->function, pair->after->function) <= 0;
    return in_order != last ? pair->before : pair->after;
}

/* The same from either side. */
static int by_likeness(const void *left, const void *right)
{
    const struct likeness *a = left, *b = right;
    if (a->share != b->share)
        return a->share > b->share ? -1 : 1;
    int order = compare_names(first_by_name(a, false), first_by_name(b, false));
    return order ? order : compare_names(first_by_name(a, true), first_by_name(b, true));
}

/* The lines of all candidates, as numbers. NULL: no memory. */
static uint32_t *number_bodies(struct side sides[MPR_SIDES], size_t count)
{
    struct mpr_line_text *lines = calloc(count + 1, sizeof *lines);
    uint32_t *numbers = calloc(count + 1, sizeof *numbers);
    size_t filled = 0;
    for (size_t side = 0; lines && side < MPR_SIDES; side++)
        for (size_t i = 0; i < sides[side].count; i++) {
            struct candidate *candidate = &sides[side].candidate[i];
            const struct mpr_profile_function *function = candidate->function;
            candidate->first = filled;
            for (size_t k = body_of(function); k < function->row_count; k++)
                if (counts(&function->rows[k]))
                    lines[filled++].text = function->rows[k].source;
        }
    if (!lines || !numbers || !mpr_number_lines(lines, count, MPR_LIKE_WHOLE)) {
        free(lines);
        free(numbers);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = lines[i].number;
    free(lines);
    return numbers;
}

/* Below 0: no memory. */
static double share_of(const uint32_t *numbers, const struct candidate *before,
    const struct candidate *after, size_t *room)
{
    double all = (double)before->lines + (double)after->lines;
    size_t fewer = before->lines < after->lines ? before->lines : after->lines, common = 0;
    if (2.0 * (double)fewer < LIKE_SHARE * all)
        return 0;
    if (mpr_align(
            numbers + before->first, before->lines, numbers + after->first, after->lines, room) < 0)
        return -1;
    for (size_t i = 0; i < before->lines; i++)
        common += room[i] != MPR_UNALIGNED;
    return 2.0 * (double)common / all;
}

static bool find_likenesses(const uint32_t *numbers, struct side sides[MPR_SIDES], size_t *room,
    struct likeness *found, size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < sides[MPR_BEFORE].count; i++)
        for (size_t j = 0; j < sides[MPR_AFTER].count; j++) {
            struct candidate *before = &sides[MPR_BEFORE].candidate[i];
            struct candidate *after = &sides[MPR_AFTER].candidate[j];
            double share = share_of(numbers, before, after, room);
            if (share < 0)
                return false;
            if (share >= LIKE_SHARE)
                found[count++] = (struct likeness){share, before, after};
        }
    qsort(found, count, sizeof *found, by_likeness);
    *ret_count = count;
    return true;
}

/* Put those that have enough lines in front; the array with only them. */
static struct side long_ones(struct side *side)
{
    struct side found = {side->candidate, 0};
    for (size_t i = 0; i < side->count; i++) {
        struct candidate here = side->candidate[i];
        if (here.lines < LIKE_LINES)
            continue;
        side->candidate[i] = side->candidate[found.count];
        side->candidate[found.count++] = here;
    }
    return found;
}

/* The most alike first. */
static bool pair_like(struct mpr_comparison *comparison, struct side all[MPR_SIDES])
{
    struct side sides[MPR_SIDES] = {long_ones(&all[MPR_BEFORE]), long_ones(&all[MPR_AFTER])};
    uint64_t lines[MPR_SIDES] = {0, 0};
    for (size_t side = 0; side < MPR_SIDES; side++)
        for (size_t i = 0; i < sides[side].count; i++)
            lines[side] += sides[side].candidate[i].lines;
    if (lines[MPR_BEFORE] == 0 || lines[MPR_AFTER] > LIKE_WORK / lines[MPR_BEFORE])
        return true;
    size_t pairs = sides[MPR_BEFORE].count * sides[MPR_AFTER].count, count = 0;
    uint32_t *numbers = number_bodies(sides, (size_t)(lines[MPR_BEFORE] + lines[MPR_AFTER]));
    size_t *room = calloc((size_t)lines[MPR_BEFORE] + 1, sizeof *room);
    struct likeness *found = calloc(pairs + 1, sizeof *found);
    bool ok = numbers && room && found && find_likenesses(numbers, sides, room, found, &count);
    for (size_t i = 0; ok && i < count; i++)
        if (!found[i].before->taken && !found[i].after->taken)
            pair(comparison, found[i].before, found[i].after);
    free(numbers);
    free(room);
    free(found);
    return ok;
}

bool mpr_compare_functions(struct mpr_comparison *comparison)
{
    struct side sides[MPR_SIDES] = {{NULL, 0}, {NULL, 0}};
    bool ok = true;
    for (size_t side = 0; side < MPR_SIDES; side++)
        ok = side_init(&sides[side], comparison->profile[side]) && ok;
    comparison->functions =
        calloc(sides[MPR_BEFORE].count + sides[MPR_AFTER].count + 1, sizeof *comparison->functions);
    ok = ok && comparison->functions;
    if (ok) {
        for (size_t side = 0; side < MPR_SIDES; side++)
            for (size_t i = 0; i < sides[side].count; i++)
                hash_body(&sides[side].candidate[i]);
        pair_names(comparison, sides);
        drop_taken(&sides[MPR_BEFORE]);
        drop_taken(&sides[MPR_AFTER]);
        pair_bodies(comparison, sides);
        drop_taken(&sides[MPR_BEFORE]);
        drop_taken(&sides[MPR_AFTER]);
        ok = pair_like(comparison, sides);
    }
    for (size_t side = 0; ok && side < MPR_SIDES; side++)
        for (size_t i = 0; i < sides[side].count; i++)
            if (!sides[side].candidate[i].taken)
                add(comparison, side == MPR_BEFORE ? sides[side].candidate[i].function : NULL,
                    side == MPR_AFTER ? sides[side].candidate[i].function : NULL);
    free(sides[MPR_BEFORE].candidate);
    free(sides[MPR_AFTER].candidate);
    return ok;
}
