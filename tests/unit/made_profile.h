/* SPDX-License-Identifier: MIT */
/* Profiles made by hand, for tests of what reads them. All is owned by the profile: free it with
 * mpr_profile_free. Allocation failure aborts. */
#ifndef MPRUN_TESTS_MADE_PROFILE_H
#define MPRUN_TESTS_MADE_PROFILE_H

#include <stdlib.h>
#include <string.h>

#include "mprun/profile.h"

#define MADE_KIB(n) ((int64_t)((n)*1024))
#define MADE_MIB(n) ((int64_t)((n)*1048576))

static inline void *made_array(void *array, size_t count, size_t each)
{
    void *grown = realloc(array, count * each);
    if (!grown)
        abort();
    return grown;
}

static inline char *made_text(const char *text)
{
    char *copy = mpr_strdup(text);
    if (text && !copy)
        abort();
    return copy;
}

/* `orders.py`, ended in order; no functions, no samples, no notes. */
static inline struct mpr_profile *made_profile(void)
{
    struct mpr_profile *profile = mpr_profile_new();
    if (!profile)
        abort();
    struct mpr_profile_process *process = &profile->process[0];
    process->command = made_array(NULL, 2, sizeof *process->command);
    process->command[0] = made_text("orders.py");
    process->command[1] = NULL;
    profile->notes = made_array(NULL, 1, sizeof *profile->notes);
    profile->notes[0] = NULL;
    profile->cwd = made_text("/home/ann/shop");
    process->pid = 4711;
    process->python = made_text("3.11.2");
    process->interpreter = made_text("/usr/bin/python3");
    process->container = MPR_CONTAINER_INTERPRETER;
    process->started.tv_sec = 1767225600; /* 2026-01-01T00:00:00Z */
    process->duration_ns = 412000000;
    process->engine = MPR_ENGINE_SETTRACE;
    process->tier = MPR_TIER_RUSAGE;
    process->rss_resolution = 4096;
    process->rss_start = MADE_MIB(8.7);
    process->rss_peak = MADE_MIB(132.6);
    process->rss_end = MADE_MIB(85.6);
    process->rss_own = MADE_MIB(1.9);
    process->events = 400012;
    process->statm_reads = 161;
    return profile;
}

/* The source of a function whose first line is `first_line`: blank lines, then `lines`. Its index.
 */
static inline size_t made_source(
    struct mpr_profile *profile, const char *path, uint32_t first_line, const char *const *lines)
{
    struct mpr_buf text;
    struct mpr_profile_source source = {.file = made_text(path)};
    mpr_buf_init(&text);
    size_t count = first_line;
    while (lines[count - first_line])
        count++;
    source.start = made_array(NULL, count + 1, sizeof *source.start);
    for (uint32_t line = 1; line < count; line++) {
        source.start[source.line_count++] = (uint32_t)text.len;
        mpr_buf_puts(&text, line < first_line ? "" : lines[line - first_line]);
        mpr_buf_putc(&text, '\0');
    }
    source.start[source.line_count] = (uint32_t)text.len;
    source.text = mpr_buf_steal(&text);
    profile->sources =
        made_array(profile->sources, profile->source_count + 1, sizeof *profile->sources);
    profile->sources[profile->source_count] = source;
    return profile->source_count++;
}

/* A function of `path` with one unmeasured row for each of `lines` (NULL-terminated), the first at
 * first_line. The pointer is good until the next call. */
static inline struct mpr_profile_function *made_function(struct mpr_profile *profile,
    const char *path, const char *qualname, uint32_t first_line, const char *const *lines)
{
    size_t index = profile->function_count++;
    profile->functions =
        made_array(profile->functions, profile->function_count, sizeof *profile->functions);
    struct mpr_profile_function *function = &profile->functions[index];
    memset(function, 0, sizeof *function);
    const char *dot = strrchr(qualname, '.');
    function->file = made_text(path);
    function->name = made_text(dot ? dot + 1 : qualname);
    function->qualname = made_text(qualname);
    function->module = made_text("__main__");
    function->selected_by = made_text("default");
    function->first_line = first_line;
    function->rss_entry = MPR_UNKNOWN;
    function->source = made_source(profile, path, first_line, lines);
    const struct mpr_profile_source *source = &profile->sources[function->source];
    while (lines[function->row_count])
        function->row_count++;
    function->last_line = first_line + (uint32_t)function->row_count - 1;
    function->rows = made_array(NULL, function->row_count, sizeof *function->rows);
    memset(function->rows, 0, function->row_count * sizeof *function->rows);
    for (size_t i = 0; i < function->row_count; i++) {
        struct mpr_profile_row *row = &function->rows[i];
        row->line = first_line + (uint32_t)i;
        row->source = mpr_profile_line(source, row->line);
        row->rss = row->rss_max = MPR_UNKNOWN;
        row->heap_allocated = row->heap_freed = row->heap_delta = row->allocations = MPR_UNKNOWN;
        row->spike = row->live_at_peak = row->live_at_end = MPR_UNKNOWN;
    }
    function->heap_delta = function->spike = MPR_UNKNOWN;
    return function;
}

/* The function stands so many lines further down, with the text that it has. */
static inline void made_move(struct mpr_profile_function *function, uint32_t lines)
{
    function->first_line += lines;
    function->last_line += lines;
    for (size_t i = 0; i < function->row_count; i++)
        function->rows[i].line += lines;
}

/* Figures of one row; the function's net and time grow along. */
static inline struct mpr_profile_row *made_row(struct mpr_profile_function *function, uint32_t line,
    uint64_t hits, int64_t rss, int64_t rss_delta, int64_t time_ns)
{
    struct mpr_profile_row *row = &function->rows[line - function->first_line];
    row->measured = true;
    row->hits = hits;
    row->rss = rss;
    if (rss_delta >= 0 || rss_delta == MPR_UNKNOWN || rss == MPR_UNKNOWN ||
        __builtin_sub_overflow(rss, rss_delta, &row->rss_max))
        row->rss_max = rss;
    row->rss_delta = rss_delta;
    row->time_ns = time_ns;
    if (rss_delta != MPR_UNKNOWN)
        function->rss_delta += rss_delta;
    function->time_ns += time_ns;
    return row;
}

static inline void made_entry(struct mpr_profile_function *function, uint64_t calls, int64_t rss)
{
    function->calls = calls;
    function->rss_entry = rss;
    if (!function->rows[0].measured)
        function->rows[0].rss = function->rows[0].rss_max = rss;
}

static inline void made_select(struct mpr_profile_function *function, const char *pattern)
{
    free(function->selected_by);
    function->selected_by = made_text(pattern);
}

static inline void made_note(struct mpr_profile *profile, const char *text)
{
    profile->notes = made_array(profile->notes, profile->note_count + 2, sizeof *profile->notes);
    profile->notes[profile->note_count++] = made_text(text);
    profile->notes[profile->note_count] = NULL;
}

/* Samples 10 ms apart, in MiB, up to a negative one. */
static inline void made_samples(struct mpr_profile *profile, const double *mib)
{
    struct mpr_profile_timeline *timeline = &profile->process[0].timeline;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the last is below 0
    for (; *mib >= 0; mib++) {
        int64_t rss = MADE_MIB(*mib);
        timeline->bucket =
            made_array(timeline->bucket, timeline->count + 1, sizeof *timeline->bucket);
        timeline->bucket[timeline->count] = (struct mpr_profile_bucket){
            .t_ns = timeline->count * 10000000,
            .rss_min = rss,
            .rss_max = rss,
            .heap_max = MPR_UNKNOWN,
            .max_function = MPR_NONE,
            .samples = 1,
        };
        timeline->count++;
    }
}

/* The function of the design's picture, with its whole course. */
static inline struct mpr_profile *made_orders(void)
{
    static const char *const lines[] = {
        "def load(path):",
        "    \"\"\"Orders of a year.\"\"\"",
        "    with open(path) as f:",
        "        text = f.read()",
        "    rows = [line.split(\",\") for line in text.splitlines() if line]",
        "    del text",
        "    seen = {}",
        "    for r in rows:",
        "        if not r[0]:",
        "            continue",
        "        seen.setdefault(r[0], []).append(float(r[1]))",
        "    worst = sorted(rows, key=lambda r: r[1])[:10]",
        "    del rows",
        "    if not worst:",
        "        print(\"nothing\")",
        "        print(\"at\")",
        "        print(\"all\")",
        "    grid = np.zeros((4096, 2048))",
        "    grid[:1024] = 1.0",
        "    return seen, grid",
        NULL,
    };
    static const double course[] = {
        8.7, 20, 30.1, 35.4, 60, 90, 119.6, 114.3, 121.9, 132.6, 69.6, 69.6, 80, 85.6, -1};
    struct mpr_profile *profile = made_profile();
    struct mpr_profile_function *load =
        made_function(profile, "/home/ann/shop/orders.py", "load", 4, lines);
    made_row(load, 6, 2, MADE_MIB(35.4), 20000, 90000);
    made_row(load, 7, 1, MADE_MIB(35.4), MADE_MIB(5.3), 4100000);
    made_row(load, 8, 1, MADE_MIB(119.6), MADE_MIB(84.2), 101200000);
    made_row(load, 9, 1, MADE_MIB(114.3), -MADE_MIB(5.3), 800000);
    made_row(load, 10, 1, MADE_MIB(114.3), 0, 400);
    made_row(load, 11, 200001, MADE_MIB(121.9), 4096, 20000000);
    made_row(load, 12, 200000, MADE_MIB(121.9), 0, 12000000);
    made_row(load, 14, 200000, MADE_MIB(121.9), MADE_MIB(7.2), 88000000);
    made_row(load, 15, 1, MADE_MIB(132.6), MADE_MIB(10.7), 30000000);
    made_row(load, 16, 1, MADE_MIB(69.6), -MADE_MIB(63.0), 6000000);
    made_row(load, 17, 1, MADE_MIB(69.6), 0, 300);
    made_row(load, 21, 1, MADE_MIB(69.6), 0, 21000);
    made_row(load, 22, 1, MADE_MIB(85.6), MADE_MIB(16.0), 5500000);
    made_row(load, 23, 1, MADE_MIB(85.6), 0, 200);
    made_entry(load, 1, MADE_MIB(30.1));
    made_select(load, "load");
    made_samples(profile, course);
    profile->process[0].peak_function = 0;
    profile->process[0].peak_line = 15;
    return profile;
}

/* The heap of one row. */
static inline void made_row_heap(struct mpr_profile_function *function, uint32_t line,
    int64_t allocated, int64_t freed, int64_t spike, int64_t at_peak)
{
    struct mpr_profile_row *row = &function->rows[line - function->first_line];
    row->heap_allocated = allocated;
    row->heap_freed = freed;
    row->heap_delta = allocated - freed;
    row->allocations = allocated / 64;
    row->spike = spike;
    row->live_at_peak = at_peak;
    row->live_at_end = at_peak / 2;
    function->heap_delta = function->heap_delta == MPR_UNKNOWN ? 0 : function->heap_delta;
    function->heap_delta += row->heap_delta;
    function->spike = spike > function->spike ? spike : function->spike;
}

static inline size_t made_place(struct mpr_profile *profile, const char *file, const char *qualname)
{
    profile->places =
        made_array(profile->places, profile->place_count + 1, sizeof *profile->places);
    profile->places[profile->place_count] = (struct mpr_profile_place){
        .kind = file ? MPR_AT_CODE : MPR_AT_STARTUP,
        .file = made_text(file),
        .qualname = made_text(qualname),
        .first_line = file ? 1 : 0,
        .last_line = file ? 100 : 0,
        .function = MPR_NONE,
    };
    return profile->place_count++;
}

static inline void made_site(struct mpr_profile *profile, const char *file, const char *function,
    uint32_t line, int64_t allocated, int64_t at_peak, int64_t at_end)
{
    profile->sites = made_array(profile->sites, profile->site_count + 1, sizeof *profile->sites);
    size_t index = made_place(profile, file, function);
    const struct mpr_profile_place *place = &profile->places[index];
    profile->sites[profile->site_count++] = (struct mpr_profile_site){
        .place = index,
        .file = place->file,
        .function = place->qualname,
        .line = line,
        .before = strcmp(function, "<startup>") == 0,
        .allocated = allocated,
        .allocations = allocated / 64,
        .live_at_peak = at_peak,
        .live_at_end = at_end,
        .blocks_at_end = at_end / 64,
        .peak = at_peak,
        .birth_ns = 1500000,
    };
}

/* made_orders with its heap: the design's picture. */
static inline struct mpr_profile *made_orders_heap(void)
{
    struct mpr_profile *profile = made_orders();
    struct mpr_profile_function *load = &profile->functions[0];
    struct mpr_profile_heap *heap = &profile->process[0].heap;
    heap->tracked = true;
    made_row_heap(load, 6, 4000, 1000, 0, 0);
    made_row_heap(load, 7, MADE_MIB(5.3), 0, 0, MADE_MIB(5.3));
    made_row_heap(load, 8, MADE_MIB(100), MADE_MIB(27.6), MADE_MIB(16.0), MADE_MIB(88.0));
    made_row_heap(load, 9, 0, MADE_MIB(5.3), 0, 0);
    made_row_heap(load, 11, 3000, 0, 0, 0);
    made_row_heap(load, 14, MADE_MIB(6.5), MADE_MIB(0.2), 2000, 0);
    made_row_heap(load, 15, MADE_MIB(9.2), MADE_MIB(9.2), MADE_MIB(9.2), 0);
    made_row_heap(load, 16, 0, MADE_MIB(72.2), 0, 0);
    made_row_heap(load, 21, MADE_MIB(64), 0, 0, 0);
    heap->all = (struct mpr_profile_sum){
        MADE_MIB(185), MADE_MIB(114.3), 2900000, MADE_MIB(107.3), MADE_MIB(70.7)};
    heap->python = heap->all;
    heap->native = (struct mpr_profile_sum){0};
    heap->before = MADE_MIB(14.0);
    heap->at = (struct mpr_profile_holder){0, 8, NULL, 0};
    heap->holders = made_array(NULL, 3, sizeof *heap->holders);
    heap->holders[0] = (struct mpr_profile_holder){0, 8, NULL, MADE_MIB(88.0)};
    heap->holders[1] =
        (struct mpr_profile_holder){MPR_NONE, 0, made_text("before the program"), MADE_MIB(14)};
    heap->holders[2] = (struct mpr_profile_holder){0, 7, NULL, MADE_MIB(5.3)};
    heap->holder_count = 3;
    heap->rss = (struct mpr_profile_reconciliation){.valid = true,
        .malloc_known = true,
        .rss = MADE_MIB(85.6),
        .python = MADE_MIB(12.1),
        .native = MADE_MIB(66.0),
        .untouched = MADE_MIB(6.0),
        .interpreter = MADE_MIB(9.0),
        .slack_python = MADE_MIB(3.0),
        .slack_malloc = MADE_MIB(1.4),
        .arenas = 15};
    heap->unexplained = MADE_MIB(0.1);
    made_site(profile, "/home/ann/shop/orders.py", "load.<locals>.<listcomp>", 8, MADE_MIB(100),
        MADE_MIB(88.0), 0);
    made_site(profile, NULL, "<startup>", 0, MADE_MIB(20), MADE_MIB(14.0), MADE_MIB(13.0));
    made_site(profile, "/home/ann/shop/orders.py", "load", 21, MADE_MIB(64), 0, MADE_MIB(64));
    profile->sites[2].domain = MPR_DOMAIN_NATIVE;
    return profile;
}

/* A row on a path, and what it allocated. */
static inline void made_tree(struct mpr_profile *profile)
{
    profile->nodes = made_array(NULL, 2, sizeof *profile->nodes);
    profile->nodes[0] = (struct mpr_profile_node){.parent = MPR_NO_PARENT, .line = 8};
    profile->nodes[1] = (struct mpr_profile_node){.kind = MPR_PATH_SITE,
        .line = 8,
        .allocated = 100,
        .freed = 60,
        .allocations = 10,
        .live_at_peak = 90,
        .live_at_end = 40,
        .blocks_at_end = 4};
    profile->node_count = 2;
}

/* A mark, one with a snapshot, and a section. After made_tree. */
static inline void made_marks(struct mpr_profile *profile)
{
    profile->marks = made_array(NULL, 2, sizeof *profile->marks);
    profile->marks[0] = (struct mpr_profile_mark){.name = made_text("loaded"),
        .t_ns = 1000000,
        .heap = 300,
        .python = 100,
        .native = 200,
        .heap_peak = 400,
        .rss = MADE_MIB(20),
        .rss_peak = MADE_MIB(21)};
    profile->marks[1] = profile->marks[0];
    profile->marks[1].name = made_text("halfway");
    profile->marks[1].t_ns = 2000000;
    profile->marks[1].snapshot = true;
    profile->marks[1].held_count = 1;
    profile->mark_count = 2;
    profile->held = made_array(NULL, 1, sizeof *profile->held);
    profile->held[0] = (struct mpr_profile_held){1, 70, 7};
    profile->held_count = 1;
    profile->sections = made_array(NULL, 1, sizeof *profile->sections);
    profile->sections[0] = (struct mpr_profile_section){
        0, made_text("parse"), 3, 5000000, MADE_MIB(2), MADE_MIB(3), MADE_MIB(1), MADE_MIB(1.5)};
    profile->section_count = 1;
}

static inline void made_interval(struct mpr_profile *profile, size_t function, uint32_t thread,
    uint64_t begin_ms, uint64_t end_ms)
{
    struct mpr_profile_intervals *intervals = &profile->process[0].intervals;
    intervals->interval =
        made_array(intervals->interval, intervals->count + 1, sizeof *intervals->interval);
    intervals->interval[intervals->count++] = (struct mpr_profile_interval){.function = function,
        .thread = thread,
        .begin_ns = begin_ms * 1000000,
        .end_ns = end_ms * 1000000,
        .rss_begin = MADE_MIB(10),
        .rss_end = MADE_MIB(12)};
}

/* Something of everything, and it holds together. */
static inline struct mpr_profile *made_whole(void)
{
    struct mpr_profile *profile = made_orders_heap();
    struct mpr_profile_process *process = &profile->process[0];
    profile->places[0].function = 0;
    for (size_t i = 0; i < profile->functions[0].row_count; i++) {
        struct mpr_profile_row *row = &profile->functions[0].rows[i];
        if (row->heap_delta == MPR_UNKNOWN)
            row->heap_delta = row->heap_allocated = row->heap_freed = 0;
    }
    process->heap.all.freed = process->heap.all.allocated - process->heap.all.end;
    process->heap.python.freed = process->heap.all.freed;
    process->open = made_array(NULL, 1, sizeof *process->open);
    process->open[0] = (struct mpr_profile_open){4711, 0, 8};
    process->open_count = 1;
    profile->unmatched = made_array(NULL, 1, sizeof *profile->unmatched);
    profile->unmatched[0] = (struct mpr_profile_unmatched){.pattern = made_text("laod")};
    profile->unmatched[0].nearest[0] = made_text("load (orders.py:4)");
    profile->unmatched_count = 1;
    made_note(profile, "A note.");
    made_tree(profile);
    made_marks(profile);
    made_interval(profile, 0, 4711, 10, 120);
    made_interval(profile, 0, 4711, 10, 40);
    made_interval(profile, 0, 4712, 30, 30);
    process->intervals.interval[2].open = true;
    process->intervals.interval[2].rss_end = MPR_UNKNOWN;
    process->intervals.least_ns = 5;
    process->intervals.left_out = 7;
    return profile;
}

#endif
