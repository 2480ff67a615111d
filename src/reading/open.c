/* SPDX-License-Identifier: MIT */
/* Rows that were open when the target ended. The recording is read-only and its target is gone, so
 * the law (mprun/law.h) is applied here, on copies, innermost first. */
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
        .interval = slot->interval,
        .outer_high = slot->outer_high};
    struct mpr_interval *interval = &row->interval;
    interval->base[MPR_COUNTER_TICKS] =
        mpr_build_mono(b, (uint64_t)interval->base[MPR_COUNTER_TICKS]);
    interval->charged[MPR_COUNTER_TICKS] = mpr_build_ns(b, interval->charged[MPR_COUNTER_TICKS]);
    memcpy(row->now, interval->base, sizeof row->now);
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

/* rss.end is read when the program is over, and exit handlers and finalizers may run selected code
 * after that: where the target died in them, rows that they opened know better. */
static bool rss_end_holds(const struct mpr_builder *b, const struct open_list *list)
{
    uint32_t state = b->header->state;
    bool finished = state == MPR_REC_FINALIZING || state == MPR_REC_ENDED;
    return b->in_order && b->header->rss.end > 0 && (list->count == 0 || finished);
}

/* RSS at the end, 0 if nobody saw it. The newest sample and the value read at the last line compete
 * by time: the last line's was read when the youngest row opened. */
static int64_t last_rss(const struct mpr_builder *b, const struct open_list *list)
{
    if (rss_end_holds(b, list))
        return b->header->rss.end;
    if (b->header->rss.end < 0) /* it could not be read; the last sample may be of what followed */
        return 0;
    uint64_t when = 0;
    int64_t last = 0;
    int64_t at_line = b->rss_off ? 0 : b->header->rss.last;
    if (!mpr_build_last_sample(b->run->timeline, &when, &last))
        return at_line;
    if (at_line <= 0)
        return last;
    int64_t opened = 0;
    for (size_t i = 0; i < list->count; i++) {
        int64_t base = list->item[i].interval.base[MPR_COUNTER_TICKS];
        opened = base > opened ? base : opened;
    }
    int64_t sampled = mpr_add(b->start_mono_ns, (int64_t)when);
    return sampled >= opened ? last : at_line;
}

/* What the counters of the process were at the end. No row was open for longer than the target
 * lived. */
static void set_now(const struct mpr_builder *b, struct open_row *open, int64_t rss)
{
    int64_t duration = (int64_t)b->run->duration_ns;
    int64_t end = mpr_add(b->start_mono_ns, duration);
    int64_t since = mpr_subtract(end, open->interval.base[MPR_COUNTER_TICKS]);
    since = since < 0 ? 0 : since > duration ? duration : since;
    open->interval.base[MPR_COUNTER_TICKS] = mpr_subtract(end, since);
    open->now[MPR_COUNTER_TICKS] = end;
    open->now[MPR_COUNTER_RSS] = rss;
}

static void charge_rss(struct mpr_profile_row *row, int64_t own, int64_t rss)
{
    if (row->rss_delta == MPR_UNKNOWN)
        return;
    row->rss_delta = mpr_add(row->rss_delta, own);
    row->rss = rss;
    if (!row->measured || rss > row->rss_max)
        row->rss_max = rss;
}

static void charge_heap(struct mpr_profile_row *row, const int64_t *own, int64_t spike)
{
    row->heap_allocated = mpr_add(row->heap_allocated, own[MPR_COUNTER_ALLOCATED]);
    row->heap_freed = mpr_add(row->heap_freed, own[MPR_COUNTER_FREED]);
    row->heap_delta = mpr_subtract(row->heap_allocated, row->heap_freed);
    row->allocations = mpr_add(row->allocations, own[MPR_COUNTER_ALLOCATIONS]);
    if (spike > row->spike)
        row->spike = spike;
}

/* The time of a row that is open at the end has no sleep in it; that of one which closed inside
 * (recursion) may, and it was handed on: nothing is left, rather than less. */
static void keep_time(const struct mpr_builder *b, int64_t *own)
{
    if (b->pace.sleep != MPR_SLEPT_NOT && *own < 0)
        *own = 0;
}

static void charge(
    struct mpr_builder *b, struct open_row *open, struct open_row *outer, int64_t rss)
{
    struct mpr_profile_function *function = &b->profile->functions[open->function];
    struct mpr_profile_row *row = mpr_build_row(function, open->line);
    int64_t own[MPR_COUNTERS] = {0}, whole[MPR_COUNTERS];
    set_now(b, open, rss);
    mpr_law_close(&open->interval, open->now, own, whole);
    if (outer)
        mpr_law_hand_on(&outer->interval, whole);
    keep_time(b, &own[MPR_COUNTER_TICKS]);
    row->time_ns = mpr_add(row->time_ns, own[MPR_COUNTER_TICKS]);
    row->ended_here = true;
    if (!b->rss_off && rss > 0)
        charge_rss(row, own[MPR_COUNTER_RSS], rss);
    if (b->header->rss.lost)
        row->rss = row->rss_max = row->rss_delta = MPR_UNKNOWN; /* nor when it opened, perhaps */
    if (open->counts)
        charge_heap(row, own, open->spike);
    row->measured = true;
}

static bool charge_all(struct mpr_builder *b, struct open_list *list)
{
    int64_t rss = last_rss(b, list);
    b->process->rss_end = rss > 0 ? rss : MPR_UNKNOWN;
    if (!b->heap_off && !mpr_open_heap(b, list))
        return false;
    qsort(list->item, list->count, sizeof *list->item, by_nesting);
    for (size_t i = 0; i < list->count; i++) {
        struct open_row *open = &list->item[i];
        struct open_row *outer = i + 1 < list->count ? open + 1 : NULL;
        if (outer && (outer->function != open->function || outer->thread != open->thread))
            outer = NULL;
        charge(b, open, outer, rss);
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
