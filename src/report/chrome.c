/* SPDX-License-Identifier: MIT */
/* The timeline as Chrome's trace events, which Perfetto opens: the levels of RSS and of the heap as
 * counters, where each was highest, what the program has marked, and the calls of functions as
 * slices of their threads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"
#include "json.h"
#include "mprun/view_intervals.h"
#include "text.h"

/* More are shown by their numbers. */
#define NAMED_THREADS ((size_t)256)

/* The process, as all its events name it: the main thread has its number. Moments are counted from
 * its start. */
struct chrome {
    struct mpr_json json;
    uint32_t pid;
    uint64_t from_ns;
};

/* Up to its name. Times are microseconds. */
static void begin_event(struct chrome *chrome, const char *kind, uint32_t thread, uint64_t t_ns)
{
    mpr_json_element(&chrome->json, 2, NULL);
    t_ns = t_ns < UINT64_MAX - chrome->from_ns ? t_ns + chrome->from_ns : t_ns;
    mpr_buf_printf(chrome->json.out,
        "{\"ph\": \"%s\", \"pid\": %" PRIu32 ", \"tid\": %" PRIu32 ", \"ts\": %" PRIu64 ".%03u",
        kind, chrome->pid, thread, t_ns / 1000, (unsigned)(t_ns % 1000));
}

/* From its name on. */
static void end_event(struct chrome *chrome, const char *name, json_t *args)
{
    mpr_buf_puts(chrome->json.out, ", \"name\": ");
    mpr_json_value(&chrome->json, mpr_json_text(name));
    mpr_buf_puts(chrome->json.out, ", \"args\": ");
    mpr_json_value(&chrome->json, args);
    mpr_buf_putc(chrome->json.out, '}');
}

/* Something at a moment, of the whole process. */
static void put_instant(struct chrome *chrome, uint64_t t_ns, const char *name, json_t *args)
{
    begin_event(chrome, "i", chrome->pid, t_ns);
    mpr_buf_puts(chrome->json.out, ", \"s\": \"p\"");
    end_event(chrome, name, args);
}

static void put_level(
    struct chrome *chrome, const struct mpr_profile_bucket *bucket, const char *name, int64_t level)
{
    json_t *args = level == MPR_UNKNOWN ? NULL : json_object();
    if (!args)
        return;
    mpr_json_set(args, "bytes", json_integer(level));
    begin_event(chrome, "C", chrome->pid, bucket->t_ns);
    end_event(chrome, name, args);
}

/* Which row was open is known where RSS was highest. */
static void add_row(
    const struct mpr_profile *profile, const struct mpr_profile_bucket *bucket, json_t *args)
{
    if (bucket->max_function >= profile->function_count)
        return;
    const struct mpr_profile_function *function = &profile->functions[bucket->max_function];
    mpr_json_set(args, "function", mpr_json_text(function->qualname));
    mpr_json_set(args, "file", mpr_json_text(function->file));
    mpr_json_set(args, "line", json_integer(bucket->max_line));
}

static void put_highest(struct chrome *chrome, const struct mpr_profile_bucket *bucket,
    const char *name, int64_t level, bool row_known)
{
    json_t *args = json_object();
    mpr_json_set(args, "bytes", json_integer(level));
    if (row_known)
        add_row(chrome->json.profile, bucket, args);
    put_instant(chrome, bucket->t_ns, name, args);
}

/* Names the process, or a thread of it. */
static void put_name(struct chrome *chrome, const char *of, uint32_t thread, const char *name)
{
    json_t *args = json_object();
    mpr_json_set(args, "name", mpr_json_text(name));
    begin_event(chrome, "M", thread, 0);
    end_event(chrome, of, args);
}

static void put_program(struct chrome *chrome, const struct mpr_text *text)
{
    struct mpr_buf name;
    mpr_buf_init(&name);
    mpr_text_command(text, &name);
    put_name(chrome, "process_name", chrome->pid, name.data);
    mpr_text_done(text, &name);
}

static void put_levels(struct chrome *chrome)
{
    const struct mpr_view *view = chrome->json.view;
    const struct mpr_profile_timeline *timeline = &view->process->timeline;
    const struct mpr_profile_bucket *rss = mpr_view_highest_rss(view);
    const struct mpr_profile_bucket *heap = mpr_view_highest_heap(view);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct mpr_profile_bucket *bucket = &timeline->bucket[i];
        put_level(chrome, bucket, "RSS", bucket->rss_max);
        put_level(chrome, bucket, "heap", bucket->heap_max);
        if (bucket == rss)
            put_highest(chrome, bucket, "highest sample of RSS", bucket->rss_max, true);
        if (bucket == heap)
            put_highest(chrome, bucket, "highest sample of the heap", bucket->heap_max, false);
    }
}

/* --- a tree of processes --- */

static void put_course(
    struct chrome *chrome, const struct mpr_profile_timeline *timeline, const char *name)
{
    for (size_t i = 0; i < timeline->count; i++)
        put_level(chrome, &timeline->bucket[i], name, timeline->bucket[i].rss_max);
}

static void put_words(struct chrome *chrome, char *const *words)
{
    struct mpr_buf name;
    mpr_buf_init(&name);
    for (size_t i = 0; words && words[i]; i++)
        mpr_buf_printf(&name, "%s%s", i ? " " : "", words[i]);
    if (name.len)
        put_name(chrome, "process_name", chrome->pid, name.data);
    chrome->json.failed |= name.failed;
    mpr_buf_release(&name);
}

/* The sums stand with the command, beside its own. */
static void put_tree(struct chrome *chrome)
{
    const struct mpr_profile *profile = chrome->json.profile;
    const struct mpr_profile_bucket *highest = mpr_view_highest_rss(chrome->json.view);
    put_course(chrome, &profile->tree.rss, "RSS of all");
    put_course(chrome, &profile->tree.pss, "PSS of all");
    if (highest)
        put_highest(chrome, highest, "highest sample of RSS of all", highest->rss_max, false);
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct mpr_profile_process *process = &profile->process[i];
        chrome->pid = process->pid;
        chrome->from_ns = i ? mpr_view_process_from(chrome->json.view, process) : 0;
        put_words(chrome, process->command);
        put_course(chrome, &process->timeline, "RSS");
    }
}

/* --- the inside of one process --- */

/* What the program has named. */
static void put_marks(struct chrome *chrome)
{
    const struct mpr_profile *profile = chrome->json.profile;
    for (size_t i = 0; i < profile->mark_count; i++) {
        const struct mpr_profile_mark *mark = &profile->marks[i];
        if (&profile->process[mark->process] != chrome->json.view->process)
            continue;
        json_t *args = json_object();
        mpr_json_set(args, "heap", mpr_json_size(mark->heap));
        mpr_json_set(args, "rss", mpr_json_size(mark->rss));
        put_instant(chrome, mark->t_ns, mark->name, args);
    }
}

/* --- calls --- */

static json_t *slice_args(
    const struct mpr_profile *profile, const struct mpr_profile_interval *interval)
{
    const struct mpr_profile_function *function = &profile->functions[interval->function];
    json_t *args = json_object();
    mpr_json_set(args, "file", mpr_json_text(function->file));
    mpr_json_set(args, "line", json_integer(function->first_line));
    mpr_json_set(args, "rss_begin", mpr_json_size(interval->rss_begin));
    mpr_json_set(args, "rss_end", mpr_json_size(interval->rss_end));
    if (interval->open)
        mpr_json_set(args, "open", json_true());
    return args;
}

static void put_slice(struct chrome *chrome, const struct mpr_profile_interval *interval)
{
    const struct mpr_profile *profile = chrome->json.profile;
    uint64_t lasted = interval->end_ns - interval->begin_ns;
    begin_event(chrome, "X", interval->thread, interval->begin_ns);
    mpr_buf_printf(
        chrome->json.out, ", \"dur\": %" PRIu64 ".%03u", lasted / 1000, (unsigned)(lasted % 1000));
    end_event(
        chrome, profile->functions[interval->function].qualname, slice_args(profile, interval));
}

/* Once each, however many slices it has. They are few. */
static void put_thread_names(struct chrome *chrome, const struct mpr_view_intervals *intervals)
{
    uint32_t *threads = calloc(intervals->count + 1, sizeof *threads);
    size_t count = 0;
    for (size_t i = 0; threads && i < intervals->count; i++) {
        uint32_t thread = intervals->interval[i]->thread;
        size_t at = 0;
        while (at < count && threads[at] != thread)
            at++;
        if (at < count || count == NAMED_THREADS)
            continue;
        char name[32];
        threads[count++] = thread;
        snprintf(name, sizeof name, "thread %" PRIu32, thread);
        put_name(chrome, "thread_name", thread, thread == chrome->pid ? "main" : name);
    }
    chrome->json.failed |= !threads;
    free(threads);
}

static void put_calls(struct chrome *chrome, const struct mpr_view_intervals *intervals)
{
    put_thread_names(chrome, intervals);
    for (size_t i = 0; i < intervals->count; i++)
        put_slice(chrome, intervals->interval[i]);
}

static void put_process(
    struct chrome *chrome, const struct mpr_text *text, const struct mpr_view_intervals *intervals)
{
    put_program(chrome, text);
    put_levels(chrome);
    put_marks(chrome);
    put_calls(chrome, intervals);
}

static json_t *run_of(const struct mpr_view *view, const struct mpr_view_intervals *intervals)
{
    const struct mpr_profile_process *process = view->process;
    json_t *run = json_object();
    mpr_json_set(run, "mprun", json_string(MPRUN_VERSION));
    mpr_json_set(run, "python", mpr_json_text(process->python));
    mpr_json_set(run, "peak_rss", mpr_json_size(process->rss_peak));
    mpr_json_set(
        run, "peak_heap", view->heap_off ? json_null() : mpr_json_size(process->heap.all.peak));
    mpr_json_set(run, "calls_left_out", mpr_json_count(intervals->left_out));
    mpr_json_set(run, "calls_from_ns", mpr_json_count(intervals->least_ns));
    return run;
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    /* JSON has escapes of its own, whatever the locale. */
    const struct mpr_report_options any = {.unicode = true};
    struct chrome chrome = {
        .json = {.view = view, .profile = view->profile, .out = &sink->out},
        .pid = view->process->pid,
    };
    struct mpr_text text;
    struct mpr_view_intervals intervals;
    (void)options;
    if (mpr_view_intervals(view, 0, &intervals) < 0)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    mpr_text_init(&text, view, &any, &sink->out);
    mpr_json_begin(&chrome.json);
    mpr_json_member(&chrome.json, 1, "displayTimeUnit", json_string("ms"));
    mpr_json_member(&chrome.json, 1, "otherData", run_of(view, &intervals));
    mpr_json_key(&chrome.json, 1, "traceEvents");
    mpr_buf_putc(&sink->out, '[');
    if (view->profile->kind == MPR_PROFILE_TREE)
        put_tree(&chrome);
    else
        put_process(&chrome, &text, &intervals);
    mpr_view_intervals_release(&intervals);
    mpr_buf_puts(&sink->out, "\n  ]");
    return mpr_json_end(&chrome.json, err);
}

static bool begins(const char *head)
{
    return head[0] == '{' && strstr(head, "\"displayTimeUnit\": ") &&
           strstr(head, "\"otherData\": {\"mprun\": ");
}

static const char *const endings[] = {".trace.json", NULL};

const struct mpr_format mpr_format_chrome = {
    .name = "chrome",
    .endings = endings,
    .summary = "memory and calls over time, for Perfetto",
    .for_programs = true,
    .trees = true,
    .begins = begins,
    .render = render,
};
