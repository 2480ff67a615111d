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
    size_t len = strnlen(header->python_version, sizeof header->python_version);
    if (len)
        return mpr_build_text(header->python_version, len);
    uint32_t hex = header->python_hex;
    return mpr_asprintf("%u.%u.%u", hex >> 24, hex >> 16 & 0xff, hex >> 8 & 0xff);
}

static bool copy_command(struct mpr_profile *profile, const char *const *command)
{
    size_t count = 0;
    while (command && command[count])
        count++;
    profile->command = calloc(count + 1, sizeof *profile->command);
    for (size_t i = 0; profile->command && i < count; i++) {
        profile->command[i] = mpr_build_text(command[i], strlen(command[i]));
        if (!profile->command[i])
            return false;
    }
    return profile->command != NULL;
}

static void set_exit(struct mpr_profile *profile, int wait_status)
{
    if (WIFSIGNALED(wait_status)) {
        profile->exit_status = -1;
        profile->exit_signal = WTERMSIG(wait_status);
    } else {
        profile->exit_status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
    }
}

static void set_engines(struct mpr_builder *b)
{
    const struct mpr_rec_header *header = b->header;
    struct mpr_profile *profile = b->profile;
    bool monitoring = strncmp(header->trace_engine, "monitoring", sizeof header->trace_engine) == 0;
    if (header->trace_engine[0])
        profile->trace_engine = monitoring ? "monitoring" : "settrace";
    profile->host = header->container == MPR_REC_EMBEDDED    ? "embedded"
                    : header->container == MPR_REC_EXTENSION ? "extension"
                                                             : "interpreter";
    profile->rss_tier = mpr_rss_tier_name(b->rss_off ? MPR_RSS_OFF : header->rss_tier);
    profile->rss_resolution = b->rss_off ? MPR_UNKNOWN : header->rss_resolution;
    profile->events = header->events;
    profile->statm_reads = header->statm_reads;
    profile->checked = (header->settings & MPR_REC_RSS_CHECK) != 0;
    profile->check_changes = header->check_changes;
    profile->check_missed = header->check_missed;
    profile->statm_failed = header->statm_failed;
}

/* A target that is being torn down shows 0: that is no sample. */
bool mpr_build_last_sample(
    const struct mpr_timeline *timeline, uint64_t *ret_t_ns, int64_t *ret_rss)
{
    size_t count = timeline ? timeline->count : 0;
    if (count > MPR_TIMELINE_CAPACITY)
        count = MPR_TIMELINE_CAPACITY;
    while (count > 0 && timeline->bucket[count - 1].rss_max <= 0)
        count--;
    if (count == 0)
        return false;
    const struct mpr_timeline_bucket *bucket = &timeline->bucket[count - 1];
    bool newest = count == timeline->count && timeline->last_rss > 0 &&
                  timeline->last_t_ns >= bucket->t_ns && timeline->last_rss >= bucket->rss_min &&
                  timeline->last_rss <= bucket->rss_max;
    *ret_t_ns = newest ? timeline->last_t_ns : bucket->t_ns;
    *ret_rss = newest ? timeline->last_rss : bucket->rss_max;
    return true;
}

static void set_rss(struct mpr_builder *b)
{
    const struct mpr_timeline *timeline = b->run->timeline;
    struct mpr_profile *profile = b->profile;
    profile->rss_own = b->header->own;
    profile->rss_start = b->header->rss_start > 0 ? b->header->rss_start : MPR_UNKNOWN;
    profile->rss_end = MPR_UNKNOWN; /* open.c finds it */
    profile->peak_function = SIZE_MAX;
    if (timeline)
        profile->timeline = *timeline;
    if (profile->timeline.count > MPR_TIMELINE_CAPACITY)
        profile->timeline.count = MPR_TIMELINE_CAPACITY;
}

int mpr_build_facts(struct mpr_builder *b, struct mpr_error *err)
{
    struct mpr_profile *profile = b->profile;
    const struct mpr_run *run = b->run;
    const char *cwd = run->cwd ? run->cwd : "";
    const char *interpreter = run->interpreter ? run->interpreter : "";
    profile->cwd = mpr_build_text(cwd, strlen(cwd));
    profile->interpreter = mpr_build_text(interpreter, strlen(interpreter));
    profile->python = python_version(b->header);
    if (!copy_command(profile, run->command) || !profile->cwd || !profile->interpreter ||
        !profile->python)
        return mpr_build_nomem(err);
    profile->pid = b->header->pid;
    profile->started = run->started;
    profile->duration_ns = run->duration_ns;
    profile->dropped = b->header->dropped;
    profile->children = b->header->children;
    set_exit(profile, run->wait_status);
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
    return sum == MPR_UNKNOWN || value == MPR_UNKNOWN ? MPR_UNKNOWN : mpr_build_add(sum, value);
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
            function->time_ns = mpr_build_add(function->time_ns, row->time_ns);
            function->rss_delta = add_known(function->rss_delta, row->rss_delta);
            if (b->heap_off)
                continue;
            function->heap_delta = mpr_build_add(function->heap_delta, row->heap_delta);
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
    if (b->in_order && header->hwm > 0)
        mark = header->hwm;
    else if (header->children == 0 && b->run->maxrss > mark)
        mark = b->run->maxrss;
    return mark > 0 ? mpr_build_subtract(mark, header->own) : 0;
}

static struct sighting highest_sample(const struct mpr_builder *b)
{
    struct sighting best = {0, SIZE_MAX, 0};
    const struct mpr_timeline *timeline = &b->profile->timeline;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct mpr_timeline_bucket *bucket = &timeline->bucket[i];
        if (bucket->rss_max <= best.rss)
            continue;
        best = (struct sighting){bucket->rss_max, SIZE_MAX, 0};
        size_t record = mpr_build_find(b, bucket->max_function);
        if (record == SIZE_MAX || !b->functions.item[record].listed || bucket->max_line == 0)
            continue;
        best.function = b->functions.item[record].function;
        best.line = bucket->max_line;
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
    struct sighting best = {0, SIZE_MAX, 0};
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

void mpr_build_peak(struct mpr_builder *b)
{
    struct mpr_profile *profile = b->profile;
    struct sighting sample = highest_sample(b);
    struct sighting row = b->rss_off ? (struct sighting){0, SIZE_MAX, 0} : highest_row(b);
    int64_t peak = kernel_peak(b);
    peak = sample.rss > peak ? sample.rss : peak;
    peak = row.rss > peak ? row.rss : peak;
    /* MPR_UNKNOWN is below any size. */
    peak = profile->rss_start > peak ? profile->rss_start : peak;
    peak = profile->rss_end > peak ? profile->rss_end : peak;
    profile->rss_peak = peak > 0 ? peak : MPR_UNKNOWN;
    /* Near enough: the mark is taken a moment before or after, and own pages grow in between. */
    int64_t near = peak - (peak / 100 > SLACK ? peak / 100 : SLACK);
    b->peak_reached = peak > 0 && (sample.rss >= near || row.rss >= near);
    /* A row's close is seen in every run, a sample by luck: it names whatever ran when the clock
     * struck, often a line that came after the growth. */
    bool by_row = row.line && row.rss >= peak - peak / 100;
    struct sighting seen = by_row || !sample.line || sample.rss < near ? row : sample;
    if (seen.line && seen.rss >= near) {
        profile->peak_function = seen.function;
        profile->peak_line = seen.line;
    }
}
