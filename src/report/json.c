/* SPDX-License-Identifier: MIT */
/* Profile JSON, schema 1: the stable contract for scripts. One member a line, one row a line; a
 * large profile never stands in memory as jansson objects. */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "formats.h"
#include "json.h"

json_t *mpr_json_command(const struct mpr_profile_process *process)
{
    json_t *words = json_array();
    for (size_t i = 0; process->command && process->command[i]; i++)
        json_array_append_new(words, json_string(process->command[i]));
    return words;
}

json_t *mpr_json_started(const struct mpr_profile_process *process)
{
    char text[40] = "";
    struct tm when;
    time_t seconds = process->started.tv_sec;
    if (!gmtime_r(&seconds, &when) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &when) == 0)
        return json_null();
    return json_string(text);
}

json_t *mpr_json_exit(const struct mpr_profile_process *process)
{
    bool killed = process->exit_signal != 0;
    bool unknown = process->end == MPR_END_NOT || process->end == MPR_END_UNSEEN;
    json_t *object = json_object();
    mpr_json_set(
        object, "status", killed || unknown ? json_null() : json_integer(process->exit_status));
    mpr_json_set(object, "signal", killed ? json_integer(process->exit_signal) : json_null());
    return object;
}

static json_t *engines(const struct mpr_profile_process *process)
{
    json_t *object = json_object();
    mpr_json_set(object, "trace", mpr_json_text(mpr_engine_name(process->engine)));
    mpr_json_set(object, "rss", json_string(mpr_tier_name(process->tier)));
    mpr_json_set(object, "rss_resolution", mpr_json_size(process->rss_resolution));
    mpr_json_set(object, "heap", json_boolean(process->heap.tracked));
    mpr_json_set(object, "events", mpr_json_count(process->events));
    mpr_json_set(object, "statm_reads", mpr_json_count(process->statm_reads));
    if (process->checked) {
        json_t *check = json_object();
        mpr_json_set(check, "changes", mpr_json_count(process->check_changes));
        mpr_json_set(check, "missed", mpr_json_count(process->check_missed));
        mpr_json_set(check, "failed", mpr_json_count(process->statm_failed));
        mpr_json_set(object, "check", check);
    }
    return object;
}

static json_t *rss_object(
    const struct mpr_profile *profile, const struct mpr_profile_process *process)
{
    bool known = process->peak_line && process->peak_function < profile->function_count;
    json_t *object = json_object();
    mpr_json_set(object, "start", mpr_json_size(process->rss_start));
    mpr_json_set(object, "peak", mpr_json_size(process->rss_peak));
    mpr_json_set(object, "end", mpr_json_size(process->rss_end));
    mpr_json_set(object, "own", mpr_json_size(process->rss_own));
    mpr_json_set(object, "peak_line", known ? json_integer(process->peak_line) : json_null());
    mpr_json_set(object, "peak_function",
        known ? json_string(profile->functions[process->peak_function].qualname) : json_null());
    return object;
}

static void head(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    const struct mpr_profile_process *process = json->view->process;
    mpr_json_member(json, 1, "schema", json_integer(1));
    mpr_json_member(json, 1, "mprun", json_string(MPRUN_VERSION));
    mpr_json_member(json, 1, "command", mpr_json_command(process));
    mpr_json_member(json, 1, "cwd", json_string(profile->cwd));
    mpr_json_member(json, 1, "pid", json_integer(process->pid));
    mpr_json_member(json, 1, "python", json_string(process->python));
    mpr_json_member(json, 1, "interpreter", json_string(process->interpreter));
    mpr_json_member(json, 1, "host", json_string(mpr_container_name(process->container)));
    mpr_json_member(json, 1, "started", mpr_json_started(process));
    mpr_json_member(json, 1, "duration_ns", mpr_json_count(process->duration_ns));
    mpr_json_member(json, 1, "exit", mpr_json_exit(process));
    mpr_json_member(json, 1, "dropped", mpr_json_count(process->dropped));
    mpr_json_member(json, 1, "engines", engines(process));
    mpr_json_member(json, 1, "rss", rss_object(profile, process));
    mpr_json_member(json, 1, "heap", mpr_json_heap(profile, process));
}

static void open_rows(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    const struct mpr_profile_process *process = json->view->process;
    mpr_json_key(json, 1, "open");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < process->open_count; i++) {
        const struct mpr_profile_open *open = &process->open[i];
        json_t *object = json_object();
        mpr_json_set(object, "thread", json_integer(open->thread));
        mpr_json_set(object, "function", json_string(profile->functions[open->function].qualname));
        mpr_json_set(object, "line", json_integer(open->line));
        mpr_json_element(json, 2, object);
    }
    mpr_buf_puts(json->out, process->open_count ? "\n  ]" : "]");
}

static void timeline(struct mpr_json *json)
{
    const struct mpr_profile_timeline *samples = &json->view->process->timeline;
    mpr_json_key(json, 1, "timeline");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < samples->count; i++) {
        const struct mpr_profile_bucket *bucket = &samples->bucket[i];
        json_t *object = json_object();
        mpr_json_set(object, "t_ns", mpr_json_count(bucket->t_ns));
        mpr_json_set(object, "rss", json_integer(bucket->rss_max));
        mpr_json_set(object, "rss_min", json_integer(bucket->rss_min));
        mpr_json_set(object, "heap", mpr_json_size(bucket->heap_max));
        mpr_json_element(json, 2, object);
    }
    mpr_buf_puts(json->out, samples->count ? "\n  ]" : "]");
}

void mpr_json_notes(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    mpr_json_key(json, 1, "notes");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < profile->note_count; i++)
        mpr_json_element(json, 2, json_string(profile->notes[i]));
    mpr_buf_puts(json->out, profile->note_count ? "\n  ]" : "]");
}

static void functions(struct mpr_json *json)
{
    const struct mpr_view *view = json->view;
    mpr_json_key(json, 1, "functions");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < view->function_count; i++)
        mpr_json_function(json, view->functions[i].function);
    mpr_buf_puts(json->out, view->function_count ? "\n  ]" : "]");
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_json json = {.view = view, .profile = view->profile, .out = &sink->out};
    (void)options; /* a program wants all of it */
    json.key_count = mpr_columns_keys(json.keys);
    mpr_json_begin(&json);
    if (view->profile->kind == MPR_PROFILE_TREE) {
        mpr_json_tree(&json);
        return mpr_json_end(&json, err);
    }
    head(&json);
    functions(&json);
    open_rows(&json);
    mpr_json_sites(&json);
    timeline(&json);
    mpr_json_intervals(&json);
    mpr_json_marks(&json);
    mpr_json_notes(&json);
    return mpr_json_end(&json, err);
}

static bool begins(const char *head)
{
    return head[0] == '{' && strstr(head, "\"schema\": ") && strstr(head, "\"mprun\": ");
}

static const char *const endings[] = {".json", NULL};

const struct mpr_format mpr_format_json = {
    .name = "json",
    .endings = endings,
    .summary = "everything, for scripts (schema 1)",
    .for_programs = true,
    .trees = true,
    .begins = begins,
    .render = render,
    .compare = mpr_compare_json,
};
