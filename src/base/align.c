/* SPDX-License-Identifier: MIT */
/* The longest common subsequence by the textbook's table, after what is common at both ends has
 * been taken off; where the table would be too large, the parts between entries that are only once
 * in each (B. Cohen's patience diff), which are few and soon found. */
#include "mprun/align.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mprun/base.h"

/* Cells of the table: 16 MiB. */
#define CELLS_MAX ((size_t)4 << 20)
#define DEPTH_MAX 64u

struct side {
    const uint32_t *entry;
    size_t count;
};

/* Some of both, in the whole's numbers. */
struct part {
    size_t a, a_end;
    size_t b, b_end;
};

struct work {
    struct side a, b;
    size_t *in_b;
};

static void pair(struct work *work, size_t a, size_t b)
{
    work->in_b[a] = b;
}

/* Pairs what is equal at both ends, and takes it off. */
static void trim(struct work *work, struct part *part)
{
    while (part->a < part->a_end && part->b < part->b_end &&
           work->a.entry[part->a] == work->b.entry[part->b])
        pair(work, part->a++, part->b++);
    while (part->a < part->a_end && part->b < part->b_end &&
           work->a.entry[part->a_end - 1] == work->b.entry[part->b_end - 1])
        pair(work, --part->a_end, --part->b_end);
}

/* Length of the longest common subsequence of the rests from (i, j) on, for all of them. */
static void fill(const struct work *work, const struct part *part, uint32_t *table)
{
    size_t rows = part->a_end - part->a, width = part->b_end - part->b + 1;
    memset(table + rows * width, 0, width * sizeof *table);
    for (size_t i = rows; i-- > 0;) {
        uint32_t *here = table + i * width, *below = here + width;
        here[width - 1] = 0;
        for (size_t j = width - 1; j-- > 0;) {
            if (work->a.entry[part->a + i] == work->b.entry[part->b + j])
                here[j] = below[j + 1] + 1;
            else
                here[j] = below[j] >= here[j + 1] ? below[j] : here[j + 1];
        }
    }
}

static int align_small(struct work *work, const struct part *part)
{
    size_t rows = part->a_end - part->a, width = part->b_end - part->b + 1;
    uint32_t *table = calloc((rows + 1) * width, sizeof *table);
    if (!table)
        return MPR_ERR_NOMEM;
    fill(work, part, table);
    for (size_t i = 0, j = 0; i < rows && j + 1 < width;) {
        if (work->a.entry[part->a + i] == work->b.entry[part->b + j])
            pair(work, part->a + i++, part->b + j++);
        else if (table[(i + 1) * width + j] >= table[i * width + j + 1])
            i++;
        else
            j++;
    }
    free(table);
    return 0;
}

/* --- what is only once in each --- */

struct place {
    uint32_t entry;
    size_t at;
};

static int by_entry(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    if (a->entry != b->entry)
        return a->entry < b->entry ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static struct place *sorted(const struct side *side, size_t begin, size_t end)
{
    struct place *places = calloc(end - begin + 1, sizeof *places);
    if (!places)
        return NULL;
    for (size_t i = begin; i < end; i++)
        places[i - begin] = (struct place){side->entry[i], i};
    qsort(places, end - begin, sizeof *places, by_entry);
    return places;
}

/* The end of the equal ones from `at` on. */
static size_t run_end(const struct place *places, size_t count, size_t at)
{
    size_t end = at;
    while (end < count && places[end].entry == places[at].entry)
        end++;
    return end;
}

struct anchor {
    size_t a, b;
    size_t before; /* in the longest ascending chain; its index, or MPR_UNALIGNED */
};

static int by_a(const void *left, const void *right)
{
    const struct anchor *a = left, *b = right;
    return (a->a > b->a) - (a->a < b->a);
}

/* In ascending order of a. Returns how many. */
static size_t find_anchors(const struct place *a, size_t a_count, const struct place *b,
    size_t b_count, struct anchor *anchors)
{
    size_t count = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        size_t a_end = run_end(a, a_count, i), b_end = run_end(b, b_count, j);
        if (a[i].entry == b[j].entry && a_end - i == 1 && b_end - j == 1)
            anchors[count++] = (struct anchor){a[i].at, b[j].at, MPR_UNALIGNED};
        bool a_next = a[i].entry <= b[j].entry, b_next = b[j].entry <= a[i].entry;
        i = a_next ? a_end : i;
        j = b_next ? b_end : j;
    }
    qsort(anchors, count, sizeof *anchors, by_a);
    return count;
}

/* The first of `ends` (chains by their last b, ascending) whose b is not smaller. */
static size_t chain_for(const struct anchor *anchors, const size_t *ends, size_t chains, size_t b)
{
    size_t low = 0, high = chains;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (anchors[ends[middle]].b < b)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Pairs the longest chain that ascends in both; returns how many it has. */
static size_t pair_chain(struct work *work, struct anchor *anchors, size_t count, size_t *ends)
{
    size_t chains = 0;
    for (size_t i = 0; i < count; i++) {
        size_t chain = chain_for(anchors, ends, chains, anchors[i].b);
        anchors[i].before = chain ? ends[chain - 1] : MPR_UNALIGNED;
        ends[chain] = i;
        if (chain == chains)
            chains++;
    }
    for (size_t i = chains ? ends[chains - 1] : MPR_UNALIGNED; i != MPR_UNALIGNED;
         i = anchors[i].before)
        pair(work, anchors[i].a, anchors[i].b);
    return chains;
}

static int pair_anchors(struct work *work, const struct part *part, size_t *ret_paired)
{
    size_t a_count = part->a_end - part->a, b_count = part->b_end - part->b;
    struct place *a = sorted(&work->a, part->a, part->a_end);
    struct place *b = sorted(&work->b, part->b, part->b_end);
    struct anchor *anchors = calloc(a_count + 1, sizeof *anchors);
    size_t *ends = calloc(a_count + 1, sizeof *ends);
    int status = a && b && anchors && ends ? 0 : MPR_ERR_NOMEM;
    if (status == 0) {
        size_t count = find_anchors(a, a_count, b, b_count, anchors);
        *ret_paired = pair_chain(work, anchors, count, ends);
    }
    free(a);
    free(b);
    free(anchors);
    free(ends);
    return status;
}

static int align_part(struct work *work, struct part part, unsigned depth);

/* Between two neighbouring pairs something may be only once that is there twice in the whole. */
static int align_between(struct work *work, const struct part *part, unsigned depth)
{
    struct part gap = {part->a, part->a, part->b, part->b};
    for (size_t i = part->a; i <= part->a_end; i++) {
        bool last = i == part->a_end;
        if (!last && work->in_b[i] == MPR_UNALIGNED)
            continue;
        gap.a_end = i;
        gap.b_end = last ? part->b_end : work->in_b[i];
        int status = align_part(work, gap, depth);
        if (status < 0)
            return status;
        if (!last)
            gap = (struct part){i + 1, i + 1, work->in_b[i] + 1, 0};
    }
    return 0;
}

static int align_large(struct work *work, const struct part *part, unsigned depth)
{
    size_t paired = 0;
    int status = pair_anchors(work, part, &paired);
    return status < 0 || paired == 0 ? status : align_between(work, part, depth);
}

/* A large part is split into smaller ones, so deep, or left. */
static int align_part(struct work *work, struct part part, unsigned depth)
{
    trim(work, &part);
    size_t rows = part.a_end - part.a, width = part.b_end - part.b;
    if (rows == 0 || width == 0)
        return 0;
    if (rows < CELLS_MAX / (width + 1))
        return align_small(work, &part);
    return depth ? align_large(work, &part, depth - 1) : 0;
}

/* Which of the two comes first does not depend on which is called a: then neither does what is
 * chosen where there is a choice. */
static bool is_first(const struct side *a, const struct side *b)
{
    size_t shorter = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < shorter; i++)
        if (a->entry[i] != b->entry[i])
            return a->entry[i] < b->entry[i];
    return a->count <= b->count;
}

int mpr_align(
    const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count, size_t *ret_in_b)
{
    struct work work = {{a, a_count}, {b, b_count}, ret_in_b};
    size_t *in_a = NULL;
    for (size_t i = 0; i < a_count; i++)
        ret_in_b[i] = MPR_UNALIGNED;
    if (is_first(&work.a, &work.b))
        return align_part(&work, (struct part){0, a_count, 0, b_count}, DEPTH_MAX);
    in_a = malloc((b_count + 1) * sizeof *in_a);
    if (!in_a)
        return MPR_ERR_NOMEM;
    for (size_t i = 0; i < b_count; i++)
        in_a[i] = MPR_UNALIGNED;
    work = (struct work){{b, b_count}, {a, a_count}, in_a};
    int status = align_part(&work, (struct part){0, b_count, 0, a_count}, DEPTH_MAX);
    for (size_t i = 0; status == 0 && i < b_count; i++)
        if (in_a[i] != MPR_UNALIGNED)
            ret_in_b[in_a[i]] = i;
    free(in_a);
    return status;
}
