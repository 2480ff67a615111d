/* SPDX-License-Identifier: MIT */
/* Rows that were open when the target ended. The recording is read-only and its target is gone, so
 * the law of activations is applied here, on copies: innermost first, each row gets its interval
 * less what inner activations of the same function charged. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "open.h"

static bool copy_slot(
    const struct mpr_builder *b, const struct mpr_rec_activation *slot, struct open_row *row)
{
    if (slot->state != MPR_ACT_OPEN || slot->line == 0)
        return false;
    size_t index = mpr_build_listed(b, slot->function);
    if (index == MPR_NONE || !mpr_build_row(&b->profile->functions[index], slot->line))
        return false;
    *row = (struct open_row){.seq = slot->seq,
        .function = index,
        .thread = slot->thread,
        .line = slot->line,
        .base_rss = slot->base_rss,
        .base_ticks = slot->base_ticks,
        .charged_rss = slot->charged_rss,
        .charged_ns = mpr_build_ns(b, slot->charged_ticks),
        .slot = slot};
    return true;
}

static bool collect(const struct mpr_builder *b, struct open_list *list)
{
    struct open_row row;
    size_t total = 0;
    for (size_t i = 0; i < b->slots_count; i++)
        for (uint32_t n = 0; n < b->slots[i]->count; n++)
            total += copy_slot(b, &b->slots[i]->slot[n], &row);
    list->count = 0;
    list->item = malloc((total ? total : 1) * sizeof *list->item);
    if (!list->item)
        return false;
    for (size_t i = 0; i < b->slots_count; i++) {
        for (uint32_t n = 0; n < b->slots[i]->count; n++) {
            /* The target may still be at it. */
            if (list->count < total && copy_slot(b, &b->slots[i]->slot[n], &row))
                list->item[list->count++] = row;
        }
    }
    return true;
}

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Behind an activation stands the one that encloses it, if it is of the same table and thread. */
static int by_nesting(const void *left, const void *right)
{
    const struct open_row *a = left;
    const struct open_row *b = right;
    int order = compare(a->function, b->function);
    if (order == 0)
        order = compare(a->thread, b->thread);
    return order ? order : compare(b->seq, a->seq);
}

static int by_place(const void *left, const void *right)
{
    const struct open_row *a = left;
    const struct open_row *b = right;
    int order = compare(a->function, b->function);
    if (order == 0)
        order = compare(a->thread, b->thread);
    if (order == 0)
        order = compare(a->line, b->line);
    return order ? order : compare(a->seq, b->seq);
}

static int by_opening(const void *left, const void *right)
{
    const struct open_row *a = left;
    const struct open_row *b = right;
    return compare(a->seq, b->seq);
}

static int64_t base_to_mono(const struct mpr_builder *b, int64_t base_ticks)
{
    int64_t since = mpr_build_subtract(base_ticks, (int64_t)b->header->tick0);
    return mpr_build_add((int64_t)b->header->ns0, mpr_build_ns(b, since));
}

/* rss_end is read when the program is over, and exit handlers and finalizers may run selected code
 * after that: where the target died in them, rows that they opened know better. */
static bool rss_end_holds(const struct mpr_builder *b, const struct open_list *list)
{
    uint32_t state = b->header->state;
    bool finished = state == MPR_REC_FINALIZING || state == MPR_REC_ENDED;
    return b->in_order && b->header->rss_end > 0 && (list->count == 0 || finished);
}

/* RSS at the end, 0 if nobody saw it. The newest sample and the value read at the last line compete
 * by time: the last line's was read when the youngest row opened. */
static int64_t last_rss(const struct mpr_builder *b, const struct open_list *list)
{
    if (rss_end_holds(b, list))
        return b->header->rss_end;
    if (b->header->rss_end < 0) /* it could not be read; the last sample may be of what followed */
        return 0;
    uint64_t when = 0;
    int64_t last = 0;
    int64_t at_line = b->rss_off ? 0 : b->header->rss_last;
    if (!mpr_build_last_sample(b->run->timeline, &when, &last))
        return at_line;
    if (at_line <= 0)
        return last;
    int64_t opened = 0;
    for (size_t i = 0; i < list->count; i++) {
        int64_t base = base_to_mono(b, list->item[i].base_ticks);
        opened = base > opened ? base : opened;
    }
    int64_t sampled = mpr_build_add(b->start_mono_ns, (int64_t)when);
    return sampled >= opened ? last : at_line;
}

static int64_t time_open(const struct mpr_builder *b, int64_t base_ticks)
{
    int64_t end = mpr_build_add(b->start_mono_ns, (int64_t)b->run->duration_ns);
    int64_t open = mpr_build_subtract(end, base_to_mono(b, base_ticks));
    if (open < 0)
        return 0;
    return open > (int64_t)b->run->duration_ns ? (int64_t)b->run->duration_ns : open;
}

static void charge_row(
    struct mpr_profile_row *row, const struct open_row *open, int64_t rss, int64_t interval)
{
    if (row->rss_delta == MPR_UNKNOWN)
        return;
    int64_t own = mpr_build_subtract(interval, open->charged_rss);
    row->rss_delta = mpr_build_add(row->rss_delta, own);
    row->rss = rss;
    if (!row->measured || rss > row->rss_max)
        row->rss_max = rss;
}

static void charge(
    struct mpr_builder *b, struct open_row *open, struct open_row *outer, int64_t rss)
{
    struct mpr_profile_function *function = &b->profile->functions[open->function];
    struct mpr_profile_row *row = mpr_build_row(function, open->line);
    int64_t time = time_open(b, open->base_ticks);
    int64_t own = mpr_build_subtract(time, open->charged_ns);
    row->time_ns = mpr_build_add(row->time_ns, own);
    row->ended_here = true;
    if (outer)
        outer->charged_ns = mpr_build_add(outer->charged_ns, time);
    if (!b->rss_off && rss > 0) {
        int64_t interval = mpr_build_subtract(rss, open->base_rss);
        charge_row(row, open, rss, interval);
        if (outer)
            outer->charged_rss = mpr_build_add(outer->charged_rss, interval);
    }
    if (b->header->rss_lost)
        row->rss = row->rss_max = row->rss_delta = MPR_UNKNOWN; /* nor when it opened, perhaps */
    row->measured = true;
}

static bool charge_all(struct mpr_builder *b, struct open_list *list)
{
    int64_t rss = last_rss(b, list);
    b->process->rss_end = rss > 0 ? rss : MPR_UNKNOWN;
    struct open_heap inner = {0, 0, 0};
    if (!b->heap_off && !mpr_open_spikes(b, list))
        return false;
    qsort(list->item, list->count, sizeof *list->item, by_nesting);
    for (size_t i = 0; i < list->count; i++) {
        struct open_row *open = &list->item[i];
        struct open_row *outer = i + 1 < list->count ? open + 1 : NULL;
        if (outer && (outer->function != open->function || outer->thread != open->thread))
            outer = NULL;
        struct mpr_profile_function *function = &b->profile->functions[open->function];
        mpr_open_charge_heap(b, open, mpr_build_row(function, open->line), &inner);
        charge(b, open, outer, rss);
        if (!outer)
            inner = (struct open_heap){0, 0, 0};
    }
    return true;
}

/* Each place once, however deep the recursion; oldest first. */
static bool list_places(struct mpr_builder *b, struct open_list *list)
{
    size_t kept = 0;
    qsort(list->item, list->count, sizeof *list->item, by_place);
    for (size_t i = 0; i < list->count; i++) {
        const struct open_row *last = kept ? &list->item[kept - 1] : NULL;
        const struct open_row *open = &list->item[i];
        if (last && last->function == open->function && last->thread == open->thread &&
            last->line == open->line)
            continue;
        list->item[kept++] = *open;
    }
    list->count = kept;
    qsort(list->item, list->count, sizeof *list->item, by_opening);
    b->process->open = calloc(kept ? kept : 1, sizeof *b->process->open);
    if (!b->process->open)
        return false;
    for (size_t i = 0; i < kept; i++)
        b->process->open[i] = (struct mpr_profile_open){
            list->item[i].thread, list->item[i].function, list->item[i].line};
    b->process->open_count = kept;
    return true;
}

int mpr_build_open(struct mpr_builder *b, struct mpr_error *err)
{
    struct open_list list = {0};
    bool ok = collect(b, &list);
    ok = ok && charge_all(b, &list);
    ok = ok && list_places(b, &list);
    free(list.item);
    return ok ? 0 : mpr_build_nomem(err);
}
