/* SPDX-License-Identifier: MIT */
/* The timeline as `mprof` of memory_profiler keeps it, for its plot and its peak: a line with the
 * command, then one for each sample and one for each of the longest calls, in MiB and seconds since
 * the epoch. */
#include <stdio.h>
#include <string.h>

#include "formats.h"
#include "mprun/view_intervals.h"

#define MIB 1048576.0
#define SECOND 1e9
#define CALLS_MAX 100 /* its plot has a line in the legend for each */

static void put_word(struct mpr_buf *out, const char *word, bool unicode)
{
    bool plain = *word && !word[strcspn(word, " \t'\"\\")];
    mpr_buf_puts(out, plain ? "" : "'");
    for (const char *quote; !plain && (quote = strchr(word, '\'')); word = quote + 1) {
        mpr_shown_append(out, word, (size_t)(quote - word), unicode);
        mpr_buf_puts(out, "'\\''");
    }
    mpr_shown_append(out, word, strlen(word), unicode);
    mpr_buf_puts(out, plain ? "" : "'");
}

static void put_command(
    struct mpr_buf *out, const struct mpr_profile_process *process, bool unicode)
{
    mpr_buf_puts(out, "CMDLINE"); /* its reader wants a blank behind it, also without a word */
    for (char *const *word = process->command; word && *word; word++) {
        mpr_buf_putc(out, ' ');
        put_word(out, *word, unicode);
    }
    mpr_buf_puts(out, process->command && process->command[0] ? "\n" : " \n");
}

static double epoch_of(const struct mpr_profile_process *process, uint64_t t_ns)
{
    return (double)process->started.tv_sec + (double)process->started.tv_nsec / SECOND +
           (double)t_ns / SECOND;
}

/* `tag` is what stands in front of the figures. */
static void put_sample(struct mpr_buf *out, const char *tag,
    const struct mpr_profile_process *process, const struct mpr_profile_bucket *bucket)
{
    if (bucket->rss_max != MPR_UNKNOWN)
        mpr_buf_printf(out, "%s %.6f %.4f\n", tag, (double)bucket->rss_max / MIB,
            epoch_of(process, bucket->t_ns));
}

/* All of the tree are the samples of the whole; its processes but the first are mprof's children,
 * by their number in the list: a pid can come twice. */
static void put_child(struct mpr_buf *out, const struct mpr_profile_process *process, size_t number)
{
    char tag[32];
    snprintf(tag, sizeof tag, "CHLD %zu", number);
    for (size_t i = 0; i < process->timeline.count; i++)
        put_sample(out, tag, process, &process->timeline.bucket[i]);
}

/* A name with a blank would be two fields to its reader. */
static void put_name(struct mpr_buf *out, const char *name, bool unicode)
{
    for (size_t len; *name; name += len) {
        len = strcspn(name, " \t");
        mpr_shown_append(out, name, len, unicode);
        mpr_buf_repeat(out, "_", name[len] != '\0');
        len += name[len] != '\0';
    }
}

static void put_call(struct mpr_buf *out, const struct mpr_view *view,
    const struct mpr_profile_interval *interval, size_t depth, bool unicode)
{
    const struct mpr_profile_function *function = &view->profile->functions[interval->function];
    if (interval->rss_begin == MPR_UNKNOWN || interval->rss_end == MPR_UNKNOWN)
        return;
    mpr_buf_puts(out, "FUNC ");
    put_name(out, function->module, unicode);
    mpr_buf_puts(out, function->module[0] ? "." : ""); /* code without a __name__ is in none */
    put_name(out, function->qualname, unicode);
    mpr_buf_printf(out, " %.4f %.4f %.4f %.4f %zu\n", (double)interval->rss_begin / MIB,
        epoch_of(view->process, interval->begin_ns), (double)interval->rss_end / MIB,
        epoch_of(view->process, interval->end_ns), depth);
}

/* Within how many others of its thread, which all stand before it. */
static size_t depth_of(const struct mpr_view_intervals *intervals, size_t index)
{
    const struct mpr_profile_interval *interval = intervals->interval[index];
    size_t depth = 1;
    for (size_t i = 0; i < index; i++)
        depth += intervals->interval[i]->thread == interval->thread &&
                 intervals->interval[i]->end_ns >= interval->end_ns;
    return depth;
}

static int put_calls(struct mpr_buf *out, const struct mpr_view *view, bool unicode)
{
    struct mpr_view_intervals intervals;
    if (mpr_view_intervals(view, CALLS_MAX, &intervals) < 0)
        return MPR_ERR_NOMEM;
    for (size_t i = 0; i < intervals.count; i++)
        put_call(out, view, intervals.interval[i], depth_of(&intervals, i), unicode);
    mpr_view_intervals_release(&intervals);
    return 0;
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    /* Its reader decodes by the locale. */
    put_command(&sink->out, view->process, options->unicode);
    for (size_t i = 0; i < timeline->count; i++)
        put_sample(&sink->out, "MEM", view->process, &timeline->bucket[i]);
    for (size_t i = 1; i < view->profile->process_count; i++)
        put_child(&sink->out, &view->profile->process[i], i);
    if (put_calls(&sink->out, view, options->unicode) < 0)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    return 0;
}

static bool begins(const char *head)
{
    const char *sample = strstr(head, "\nMEM ");
    return mpr_has_prefix(head, "CMDLINE ") && sample && sample == strchr(head, '\n') &&
           sample[5] >= '0' && sample[5] <= '9';
}

static const char *const endings[] = {".dat", NULL};

const struct mpr_format mpr_format_mprof = {
    .name = "mprof",
    .endings = endings,
    .summary = "memory over time, for mprof plot",
    .for_programs = true,
    .trees = true,
    .begins = begins,
    .render = render,
};
