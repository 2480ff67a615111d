/* SPDX-License-Identifier: MIT */
/* A recording made by hand in plain memory, and the facts of its run, for tests of what reads them.
 * One at a time: make_region first, free(region.bytes) at the end. Allocation failure fails the
 * test. */
#ifndef MPRUN_TESTS_MADE_RECORDING_H
#define MPRUN_TESTS_MADE_RECORDING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "mprun/reading.h"

#define MIB(n) ((int64_t)(n) << 20)

/* A recording under construction. Its clock counts nanoseconds. */
static struct {
    char *bytes;
    size_t size;
} region;

static struct mpr_timeline timeline;
static struct mpr_run run;

static inline struct mpr_rec_header *header(void)
{
    return (struct mpr_rec_header *)(void *)region.bytes;
}

static inline int64_t mono_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void make_region(size_t size)
{
    static const char *const command[] = {"orders.py", NULL};
    region.bytes = calloc(1, size);
    region.size = size;
    assert_non_null(region.bytes);
    *header() = (struct mpr_rec_header){
        .magic = MPR_REC_MAGIC,
        .version = MPR_REC_VERSION,
        .header_size = sizeof(struct mpr_rec_header),
        .size = size,
        .log_used = MPR_REC_LOG,
        .state = MPR_REC_ENDED,
        .host = {.pid = 77,
            .container = MPR_REC_INTERPRETER,
            .python_version = "3.11.2",
            .trace_engine = "settrace"},
        .clock.ticks_are_ns = 1,
        .rss = {.tier = MPR_RSS_RUSAGE,
            .resolution = 4096,
            .own = MIB(2),
            .start = MIB(9),
            .end = MIB(20),
            .hwm = MIB(32),
            .last = MIB(20)},
    };
    header()->clock.start.ns = header()->clock.start.tick = (uint64_t)mono_now() - 900000000;
    memset(&timeline, 0, sizeof timeline);
    timeline.samples_per_bucket = 1;
    run = (struct mpr_run){.command = command,
        .cwd = "/home/ann",
        .interpreter = "/usr/bin/python3",
        .duration_ns = 1000000000,
        .maxrss = MIB(32),
        .hwm_seen = MIB(31),
        .timeline = &timeline};
    clock_gettime(CLOCK_REALTIME, &run.started);
    run.started.tv_sec -= 1;
    run.start_ns = header()->clock.start.ns - 100000000;
}

static inline void *add_record(uint32_t kind, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    assert_true(header()->log_used + size <= region.size);
    struct mpr_rec_head *head = (void *)(region.bytes + header()->log_used);
    head->kind = kind;
    head->size = (uint32_t)size;
    header()->log_used += size;
    return head;
}

static inline void add_pattern(const char *text)
{
    size_t len = strlen(text) + 1;
    struct mpr_rec_pattern *pattern = add_record(MPR_KIND_PATTERN, sizeof *pattern + len);
    memcpy(pattern->text, text, len);
}

static inline size_t text_size(const char *file, const char *name)
{
    return strlen(file) + strlen(name) + 2 + sizeof "__main__";
}

static inline void set_identity(void *record, struct mpr_rec_identity *id, size_t texts,
    const char *file, const char *name, uint32_t first, uint32_t last, uint32_t by)
{
    char *text = (char *)record + texts;
    *id = (struct mpr_rec_identity){.first_line = first, .last_line = last, .selected_by = by};
    id->file = (uint32_t)texts;
    text = stpcpy(text, file) + 1;
    id->qualname = (uint32_t)(text - (char *)record);
    text = stpcpy(text, name) + 1;
    id->module = (uint32_t)(text - (char *)record);
    strcpy(text, "__main__");
}

static inline struct mpr_rec_function *add_function(
    const char *file, const char *name, uint32_t first, uint32_t last, uint32_t by)
{
    size_t rows = (size_t)last - first + 1;
    size_t texts = sizeof(struct mpr_rec_function) + rows * sizeof(struct mpr_rec_row);
    struct mpr_rec_function *fn = add_record(MPR_KIND_FUNCTION, texts + text_size(file, name));
    set_identity(fn, &fn->id, texts, file, name, first, last, by);
    fn->row_count = (uint32_t)rows;
    fn->rows = sizeof *fn;
    fn->calls = 1;
    fn->rss_entry = MIB(10);
    return fn;
}

/* … with rows only for a few stretches of lines. */
static inline struct mpr_rec_function *add_far_function(
    const char *file, const char *name, const struct mpr_rec_stretch *stretch, uint32_t count)
{
    const struct mpr_rec_stretch *end = stretch + count;
    size_t rows = (size_t)end[-1].row + end[-1].count;
    size_t stretches = sizeof(struct mpr_rec_function) + rows * sizeof(struct mpr_rec_row);
    size_t texts = stretches + count * sizeof *stretch;
    struct mpr_rec_function *fn = add_record(MPR_KIND_FUNCTION, texts + text_size(file, name));
    set_identity(
        fn, &fn->id, texts, file, name, stretch->line, end[-1].line + end[-1].count - 1, 0);
    fn->row_count = (uint32_t)rows;
    fn->rows = sizeof *fn;
    fn->stretch_count = count;
    fn->stretches = (uint32_t)stretches;
    memcpy((char *)fn + stretches, stretch, count * sizeof *stretch);
    fn->calls = 1;
    fn->rss_entry = MIB(10);
    return fn;
}

static inline void add_candidate(const char *file, const char *name, uint32_t first, uint32_t by)
{
    size_t texts = sizeof(struct mpr_rec_candidate);
    struct mpr_rec_candidate *candidate =
        add_record(MPR_KIND_CANDIDATE, texts + text_size(file, name));
    set_identity(candidate, &candidate->id, texts, file, name, first, first + 3, by);
}

static inline struct mpr_rec_source *add_source(const char *file, uint32_t flags, const char *text)
{
    size_t name = strlen(file) + 1;
    struct mpr_rec_source *source =
        add_record(MPR_KIND_SOURCE, sizeof *source + name + strlen(text));
    source->flags = flags;
    source->file = sizeof *source;
    memcpy((char *)source + source->file, file, name);
    source->text = (uint32_t)(source->file + name);
    source->text_size = (uint32_t)strlen(text);
    memcpy((char *)source + source->text, text, strlen(text));
    return source;
}

static inline uint64_t offset_of(const void *record)
{
    return (uint64_t)((const char *)record - region.bytes);
}

static inline void set_row(
    struct mpr_rec_function *fn, uint32_t line, uint64_t hits, int64_t rss, int64_t rss_delta)
{
    struct mpr_rec_row *rows = (void *)((char *)fn + fn->rows);
    rows[mpr_rec_row_of(fn, line)] = (struct mpr_rec_row){.hits = hits,
        .sum[MPR_COUNTER_RSS] = rss_delta,
        .sum[MPR_COUNTER_TICKS] = 1000,
        .rss = rss,
        .rss_max = rss};
}

static inline void set_row_heap(
    struct mpr_rec_function *fn, uint32_t line, uint64_t allocated, uint64_t freed)
{
    struct mpr_rec_row *row = (struct mpr_rec_row *)(void *)((char *)fn + fn->rows);
    row += line - fn->id.first_line;
    row->sum[MPR_COUNTER_ALLOCATED] = (int64_t)allocated;
    row->sum[MPR_COUNTER_FREED] = (int64_t)freed;
}

static inline void add_sample(uint64_t ms, int64_t rss, uint64_t function, uint32_t line)
{
    timeline.bucket[timeline.count++] = (struct mpr_timeline_bucket){.t_ns = ms * 1000000,
        .rss_min = rss,
        .rss_max = rss,
        .max_function = function,
        .max_line = line,
        .samples = 1};
    timeline.samples++;
    timeline.last_t_ns = ms * 1000000;
    timeline.last_rss = rss;
}

static inline struct mpr_rec_slots *add_slots(uint32_t count)
{
    struct mpr_rec_slots *slots =
        add_record(MPR_KIND_SLOTS, sizeof *slots + count * sizeof(struct mpr_rec_activation));
    slots->count = count;
    return slots;
}

static inline struct mpr_rec_activation opened(
    uint64_t seq, const struct mpr_rec_function *fn, uint32_t line, int64_t base, int64_t charged)
{
    return (struct mpr_rec_activation){
        .seq = seq,
        .function = offset_of(fn),
        .interval = {.base[MPR_COUNTER_RSS] = base,
            .base[MPR_COUNTER_TICKS] = (int64_t)header()->clock.start.tick + 100000000,
            .charged[MPR_COUNTER_RSS] = charged},
        .state = MPR_ACT_OPEN,
        .line = line,
        .thread = 77,
    };
}

/* A place, by its number from 1 in the order of calls. */
static inline struct mpr_rec_place *add_place(const char *file, const char *name, uint32_t first)
{
    size_t texts = sizeof(struct mpr_rec_place);
    struct mpr_rec_place *place = add_record(MPR_KIND_PLACE, texts + text_size(file, name));
    size_t inside;
    set_identity(place, &place->id, texts, file, name, first, first, MPR_REC_BY_NONE);
    place->origin = mpr_origin_of(file, "/usr/lib/python3.11", &inside);
    place->package = inside ? place->id.file + (uint32_t)inside : 0;
    return place;
}

static inline struct mpr_rec_sites *add_sites(uint32_t count)
{
    struct mpr_rec_sites *sites =
        add_record(MPR_KIND_SITES, sizeof *sites + count * sizeof sites->site[0]);
    sites->count = sites->capacity = count;
    return sites;
}

/* Number 0 is nobody's. */
static inline struct mpr_rec_node *add_nodes(uint32_t count)
{
    struct mpr_rec_nodes *nodes =
        add_record(MPR_KIND_NODES, sizeof *nodes + count * sizeof(struct mpr_rec_node));
    nodes->count = nodes->capacity = count;
    nodes->first = sizeof *nodes;
    struct mpr_rec_node *node = (void *)(nodes + 1);
    for (uint32_t i = 0; i < count; i++)
        node[i].number = i;
    return node;
}

static inline void set_row_node(
    struct mpr_rec_node *node, uint32_t parent, uint32_t place, uint32_t line)
{
    node->site = MPR_NODE_ROW;
    node->parent = parent;
    node->place = place;
    node->line = line;
}

static inline void set_leaf(
    struct mpr_rec_node *node, uint32_t parent, uint32_t site, int64_t at_peak, int64_t end)
{
    node->parent = parent;
    node->site = site;
    node->allocated = (uint64_t)(at_peak + end);
    node->freed = (uint64_t)at_peak;
    node->allocations = 10;
    node->frees = 4;
    node->at_peak = at_peak;
    node->epoch = header()->heap.epoch;
    node->birth = header()->clock.start.tick + 5000000;
}

/* main() of shop.py calls load(), which allocates; so does what came before, and an import. */
static inline struct mpr_rec_node *made_heap(void)
{
    struct mpr_rec_function *outer = add_function("shop.py", "main", 20, 25, 0);
    struct mpr_rec_function *load = add_function("shop.py", "load", 4, 9, 0);
    set_row(outer, 22, 1, MIB(20), MIB(8));
    set_row(load, 5, 3, MIB(18), MIB(6));
    set_row_heap(outer, 22, MIB(12), MIB(8));
    set_row_heap(load, 5, MIB(9), MIB(1));
    add_place("shop.py", "main", 20);
    add_place("shop.py", "load", 4);
    add_place("/usr/lib/python3.11/json/decoder.py", "decode", 300);
    struct mpr_rec_sites *sites = add_sites(4);
    sites->site[0] = (struct mpr_rec_site){.place = MPR_PLACE_STARTUP, .peak = MIB(3)};
    sites->site[1] = (struct mpr_rec_site){.place = 2, .line = 5, .peak = MIB(7)};
    sites->site[2] = (struct mpr_rec_site){.place = 3, .line = 310, .peak = MIB(2)};
    sites->site[3] =
        (struct mpr_rec_site){.place = 3, .line = 320, .domain = MPR_HEAP_NATIVE, .peak = MIB(1)};
    header()->heap =
        (struct mpr_rec_heap){.tracked = 1, .epoch = 9, .peak = MIB(13), .peak_node = 4};
    header()->heap.level[0] =
        (struct mpr_rec_level){.gil = MIB(5), .nogil = MIB(1), .peak = MIB(12)};
    struct mpr_rec_node *node = add_nodes(7);
    set_leaf(&node[1], 0, 0, MIB(3), MIB(2));
    set_row_node(&node[2], 0, 1, 22);
    set_row_node(&node[3], 2, 2, 5);
    set_leaf(&node[4], 3, 1, MIB(7), MIB(1));
    set_leaf(&node[5], 3, 2, MIB(2), 0);
    set_leaf(&node[6], 2, 3, MIB(1), MIB(3));
    return node;
}

#endif
