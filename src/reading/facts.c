/* SPDX-License-Identifier: MIT */
/* The facts about the whole run: identity, exit, RSS at start, peak and end, totals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "builder.h"

#define SLACK ((int64_t)256 << 10)

static char *python_version(const struct mpr_rec_header *header)
{
    size_t len = strnlen(header->host.python_version, sizeof header->host.python_version);
    if (len)
        return mpr_build_text(header->host.python_version, len);
    uint32_t hex = header->host.python_hex;
    return mpr_asprintf("%u.%u.%u", hex >> 24, hex >> 16 & 0xff, hex >> 8 & 0xff);
}

static bool copy_command(struct mpr_profile_process *process, const char *const *command)
{
    size_t count = 0;
    while (command && command[count])
        count++;
    process->command = calloc(count + 1, sizeof *process->command);
    for (size_t i = 0; process->command && i < count; i++) {
        process->command[i] = mpr_build_text(command[i], strlen(command[i]));
        if (!process->command[i])
            return false;
    }
    return process->command != NULL;
}

static void set_end(struct mpr_builder *b)
{
    struct mpr_profile_process *process = b->process;
    int status = b->run->wait_status;
    process->end = WIFSIGNALED(status) ? MPR_END_SIGNAL : MPR_END_EXIT;
    process->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    process->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (b->header->processes.exec_ns)
        process->end = MPR_END_EXEC;
    if (!b->run->running && !b->run->unwaited)
        return;
    process->end = b->run->running ? MPR_END_NOT : MPR_END_UNSEEN;
    process->exit_status = -1;
    process->exit_signal = 0;
}

/* What a recording calls by numbers, and the model by its own. */
static enum mpr_tier tier_of(uint32_t recorded)
{
    static const enum mpr_tier tiers[MPR_RSS_TIERS] = {
        [MPR_RSS_AUTO] = MPR_TIER_OFF,
        [MPR_RSS_FAULTS] = MPR_TIER_FAULTS,
        [MPR_RSS_USER_FAULTS] = MPR_TIER_USER_FAULTS,
        [MPR_RSS_RUSAGE] = MPR_TIER_RUSAGE,
        [MPR_RSS_EVERY_LINE] = MPR_TIER_EVERY_LINE,
        [MPR_RSS_OFF] = MPR_TIER_OFF,
    };
    return recorded < MPR_RSS_TIERS ? tiers[recorded] : MPR_TIER_OFF;
}

static enum mpr_container container_of(const struct mpr_rec_header *header)
{
    if (header->host.container == MPR_REC_EXTENSION)
        return MPR_CONTAINER_EXTENSION;
    return header->host.container == MPR_REC_EMBEDDED ? MPR_CONTAINER_EMBEDDED
                                                      : MPR_CONTAINER_INTERPRETER;
}

static enum mpr_engine engine_of(const struct mpr_rec_header *header)
{
    if (!header->host.trace_engine[0])
        return MPR_ENGINE_NONE;
    return strncmp(header->host.trace_engine, "monitoring", sizeof header->host.trace_engine) == 0
               ? MPR_ENGINE_MONITORING
               : MPR_ENGINE_SETTRACE;
}

static void set_engines(struct mpr_builder *b)
{
    const struct mpr_rec_header *header = b->header;
    struct mpr_profile_process *process = b->process;
    process->container = container_of(header);
    process->engine = engine_of(header);
    process->tier = tier_of(header->rss.tier);
    process->rss_resolution = b->rss_off ? MPR_UNKNOWN : header->rss.resolution;
    process->events = header->counts.events;
    process->statm_reads = header->rss.statm_reads;
    process->checked = (header->settings.flags & MPR_REC_RSS_CHECK) != 0;
    process->check_changes = header->rss.check_changes;
    process->check_missed = header->rss.check_missed;
    process->statm_failed = header->rss.statm_failed;
}

static void set_rss(struct mpr_builder *b)
{
    b->process->rss_own = b->header->rss.own;
    b->process->rss_start = b->header->rss.start > 0 ? b->header->rss.start : MPR_UNKNOWN;
    b->process->rss_end = MPR_UNKNOWN; /* open.c finds it */
    b->process->rss_peak = MPR_UNKNOWN;
}

int mpr_build_facts(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile_process *process = b->process;
    const struct mpr_run *run = b->run;
    const char *cwd = run->cwd ? run->cwd : "";
    const char *interpreter = run->interpreter ? run->interpreter : "";
    b->profile->cwd = mpr_build_text(cwd, strlen(cwd));
    process->interpreter = mpr_build_text(interpreter, strlen(interpreter));
    process->python = python_version(b->header);
    if (!copy_command(process, run->command) || !b->profile->cwd || !process->interpreter ||
        !process->python)
        return mpr_build_nomem(err);
    process->pid = b->header->host.pid;
    process->started = run->started;
    process->duration_ns = run->duration_ns;
    process->dropped = b->header->counts.dropped;
    process->children = b->header->processes.children;
    set_end(b);
    set_engines(b);
    set_rss(b);
    return 0;
}

/* A never measured first row shows RSS at the first call's entry. */
static void show_entry(struct mpr_profile_function *function)
{
    if (function->row_count == 0 || function->rows[0].measured)
        return;
    function->rows[0].rss = function->rss_entry;
    function->rows[0].rss_max = function->rss_entry;
}

/* What is not known of one row is not known of them all. */
static int64_t add_known(int64_t sum, int64_t value)
{
    return sum == MPR_UNKNOWN || value == MPR_UNKNOWN ? MPR_UNKNOWN : mpr_add(sum, value);
}

void mpr_build_totals(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->profile->function_count; i++) {
        struct mpr_profile_function *function = &b->profile->functions[i];
        function->time_ns = 0;
        function->rss_delta = b->rss_off ? MPR_UNKNOWN : 0;
        function->heap_delta = function->spike = b->heap_off ? MPR_UNKNOWN : 0;
        for (size_t n = 0; n < function->row_count; n++) {
            const struct mpr_profile_row *row = &function->rows[n];
            function->time_ns = mpr_add(function->time_ns, row->time_ns);
            function->rss_delta = add_known(function->rss_delta, row->rss_delta);
            if (b->heap_off)
                continue;
            function->heap_delta = mpr_add(function->heap_delta, row->heap_delta);
            function->spike = row->spike > function->spike ? row->spike : function->spike;
        }
        show_entry(function);
    }
}

/* A place that saw a high RSS. */
struct sighting {
    int64_t rss;
    size_t function;
    uint32_t line;
};

/* The kernel's own mark first: it survives any death and misses nothing. */
static int64_t kernel_peak(const struct mpr_builder *b)
{
    const struct mpr_rec_header *header = b->header;
    int64_t mark = b->run->hwm_seen;
    if (b->in_order && header->rss.hwm > 0)
        mark = header->rss.hwm;
    else if (header->processes.children == 0 && b->run->maxrss > mark)
        mark = b->run->maxrss;
    return mark > 0 ? mpr_subtract(mark, header->rss.own) : 0;
}

static struct sighting highest_sample(const struct mpr_builder *b)
{
    struct sighting best = {0, MPR_NONE, 0};
    const struct mpr_profile_timeline *timeline = &b->process->timeline;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct mpr_profile_bucket *bucket = &timeline->bucket[i];
        if (bucket->rss_max > best.rss)
            best = (struct sighting){bucket->rss_max, bucket->max_function, bucket->max_line};
    }
    return best;
}

/* With which RSS a row must have closed, and how much it must have grown. */
struct wanted {
    int64_t rss;
    int64_t delta;
};

static bool reaches(const struct mpr_profile_row *row, const struct wanted *wanted)
{
    return row->measured && row->rss_max >= wanted->rss && row->rss_delta >= wanted->delta;
}

static struct wanted highest_close(const struct mpr_builder *b)
{
    struct wanted best = {0, INT64_MIN};
    for (size_t i = 0; i < b->profile->function_count; i++) {
        const struct mpr_profile_function *function = &b->profile->functions[i];
        for (size_t n = 0; n < function->row_count; n++) {
            const struct mpr_profile_row *row = &function->rows[n];
            if (!row->measured || row->rss_max < best.rss)
                continue;
            if (row->rss_max > best.rss || row->rss_delta > best.delta)
                best = (struct wanted){row->rss_max, row->rss_delta};
        }
    }
    return best;
}

/* The row that closed highest. Callers close as high as what they called: of the rows that grew
 * about as much as the one that grew most, the quickest is the innermost. */
static struct sighting highest_row(const struct mpr_builder *b)
{
    struct wanted wanted = highest_close(b);
    struct sighting best = {0, MPR_NONE, 0};
    int64_t least_time = INT64_MAX;
    if (wanted.delta > 0)
        wanted.delta -= wanted.delta / 2;
    for (size_t i = 0; wanted.rss > 0 && i < b->profile->function_count; i++) {
        const struct mpr_profile_function *function = &b->profile->functions[i];
        for (size_t n = 0; n < function->row_count; n++) {
            const struct mpr_profile_row *row = &function->rows[n];
            if (!reaches(row, &wanted) || (best.line && row->time_ns >= least_time))
                continue;
            best = (struct sighting){row->rss_max, i, row->line};
            least_time = row->time_ns;
        }
    }
    return best;
}

/* What the program was told of it. */
static int64_t highest_told(const struct mpr_builder *b)
{
    int64_t highest = 0; /* MPR_REC_NO_FIGURE is below any size */
    for (size_t i = 0; i < b->marks_count; i++)
        highest = b->marks[i]->rss_peak > highest ? b->marks[i]->rss_peak : highest;
    return mpr_add(highest, 0);
}

void mpr_build_peak(struct mpr_builder *b)
{
    struct mpr_profile_process *process = b->process;
    struct sighting sample = highest_sample(b);
    struct sighting row = b->rss_off ? (struct sighting){0, MPR_NONE, 0} : highest_row(b);
    int64_t peak = kernel_peak(b), told = highest_told(b);
    peak = told > peak ? told : peak;
    peak = sample.rss > peak ? sample.rss : peak;
    peak = row.rss > peak ? row.rss : peak;
    /* MPR_UNKNOWN is below any size. */
    peak = process->rss_start > peak ? process->rss_start : peak;
    peak = process->rss_end > peak ? process->rss_end : peak;
    process->rss_peak = peak > 0 ? peak : MPR_UNKNOWN;
    /* Near enough: the mark is taken a moment before or after, and own pages grow in between. */
    int64_t near = peak - (peak / 100 > SLACK ? peak / 100 : SLACK);
    b->peak_reached = peak > 0 && (sample.rss >= near || row.rss >= near);
    /* A row's close is seen in every run, a sample by luck: it names whatever ran when the clock
     * struck, often a line that came after the growth. */
    bool by_row = row.line && row.rss >= peak - peak / 100;
    struct sighting seen = by_row || !sample.line || sample.rss < near ? row : sample;
    if (seen.line && seen.rss >= near) {
        process->peak_function = seen.function;
        process->peak_line = seen.line;
    }
}
