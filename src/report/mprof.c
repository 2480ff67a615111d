/* SPDX-License-Identifier: MIT */
/* The timeline as `mprof` of memory_profiler keeps it, for its plot and its peak: a line with the
 * command, then one for each sample, in MiB and seconds since the epoch. Without its lines for
 * calls: when each call of a function began and ended is not in a profile. */
#include <stdio.h>
#include <string.h>

#include "formats.h"

#define MIB 1048576.0
#define SECOND 1e9

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

/* `tag` is what stands in front of the figures. */
static void put_sample(struct mpr_buf *out, const char *tag,
    const struct mpr_profile_process *process, const struct mpr_profile_bucket *bucket)
{
    double at = (double)process->started.tv_sec + (double)process->started.tv_nsec / SECOND +
                (double)bucket->t_ns / SECOND;
    if (bucket->rss_max != MPR_UNKNOWN)
        mpr_buf_printf(out, "%s %.6f %.4f\n", tag, (double)bucket->rss_max / MIB, at);
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

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    (void)err;
    /* Its reader decodes by the locale. */
    put_command(&sink->out, view->process, options->unicode);
    for (size_t i = 0; i < timeline->count; i++)
        put_sample(&sink->out, "MEM", view->process, &timeline->bucket[i]);
    for (size_t i = 1; i < view->profile->process_count; i++)
        put_child(&sink->out, &view->profile->process[i], i);
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
