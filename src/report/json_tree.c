/* SPDX-License-Identifier: MIT */
/* A tree of processes as JSON (docs/timeline.schema.json). */
#include <string.h>

#include "json.h"

static void put_course(
    struct mpr_json *json, int depth, const char *name, const struct mpr_profile_timeline *course)
{
    mpr_json_key(json, depth, name);
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < course->count; i++) {
        json_t *object = json_object();
        mpr_json_set(object, "t_ns", mpr_json_count(course->bucket[i].t_ns));
        mpr_json_set(object, "max", json_integer(course->bucket[i].rss_max));
        mpr_json_set(object, "min", json_integer(course->bucket[i].rss_min));
        mpr_json_element(json, depth + 1, object);
    }
    mpr_buf_printf(json->out, course->count ? "\n%*s]" : "]", course->count ? depth * 2 : 0, "");
}

static json_t *level(int64_t peak, uint64_t peak_ns, uint64_t samples)
{
    json_t *object = json_object();
    mpr_json_set(object, "peak", mpr_json_size(peak));
    mpr_json_set(object, "peak_t_ns", peak == MPR_UNKNOWN ? json_null() : mpr_json_count(peak_ns));
    mpr_json_set(object, "samples", mpr_json_count(samples));
    return object;
}

static const char *end_of(const struct mpr_profile_process *process)
{
    static const char *const names[] = {
        [MPR_END_EXIT] = "exit",
        [MPR_END_SIGNAL] = "signal",
        [MPR_END_EXEC] = "exec",
        [MPR_END_UNSEEN] = "unseen",
        [MPR_END_NOT] = "not",
    };
    return names[process->end];
}

static void put_process(struct mpr_json *json, const struct mpr_profile_process *process)
{
    const struct mpr_profile_bucket *highest = mpr_view_process_highest(process);
    uint64_t from = mpr_view_process_from(json->view, process);
    mpr_json_element(json, 2, NULL);
    mpr_buf_putc(json->out, '{');
    mpr_json_member(json, 3, "pid", json_integer(process->pid));
    mpr_json_member(json, 3, "parent",
        process->parent == MPR_NONE ? json_null() : json_integer((json_int_t)process->parent));
    mpr_json_member(json, 3, "command", mpr_json_command(process));
    mpr_json_member(json, 3, "t_ns", mpr_json_count(from));
    mpr_json_member(json, 3, "duration_ns", mpr_json_count(process->duration_ns));
    mpr_json_member(json, 3, "end", json_string(end_of(process)));
    mpr_json_member(json, 3, "rss_peak", mpr_json_size(process->rss_peak));
    mpr_json_member(
        json, 3, "rss_peak_t_ns", highest ? mpr_json_count(from + highest->t_ns) : json_null());
    put_course(json, 3, "timeline", &process->timeline);
    mpr_buf_puts(json->out, "\n    }");
}

static void put_processes(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    mpr_json_key(json, 1, "processes");
    mpr_buf_putc(json->out, '[');
    for (size_t i = 0; i < profile->process_count; i++)
        put_process(json, &profile->process[i]);
    mpr_buf_puts(json->out, "\n  ]");
}

void mpr_json_tree(struct mpr_json *json)
{
    const struct mpr_profile *profile = json->profile;
    const struct mpr_profile_tree *tree = &profile->tree;
    const struct mpr_profile_process *first = &profile->process[0];
    mpr_json_member(json, 1, "schema", json_integer(1));
    mpr_json_member(json, 1, "mprun", json_string(MPRUN_VERSION));
    mpr_json_member(json, 1, "kind", json_string("timeline"));
    mpr_json_member(json, 1, "command", mpr_json_command(first));
    mpr_json_member(json, 1, "cwd", json_string(profile->cwd));
    mpr_json_member(json, 1, "pid", json_integer(first->pid));
    mpr_json_member(json, 1, "started", mpr_json_started(first));
    mpr_json_member(json, 1, "duration_ns", mpr_json_count(first->duration_ns));
    mpr_json_member(json, 1, "exit", mpr_json_exit(first));
    mpr_json_member(json, 1, "interval_ns", mpr_json_count(tree->interval_ns));
    mpr_json_member(json, 1, "found", mpr_json_count(tree->found));
    mpr_json_member(json, 1, "at_once", mpr_json_count(tree->at_once));
    mpr_json_member(json, 1, "at_peak", mpr_json_count(tree->at_peak));
    mpr_json_member(json, 1, "rss", level(tree->rss_peak, tree->rss_peak_ns, tree->samples));
    mpr_json_member(json, 1, "pss", level(tree->pss_peak, tree->pss_peak_ns, tree->pss_samples));
    put_processes(json);
    put_course(json, 1, "rss_timeline", &tree->rss);
    put_course(json, 1, "pss_timeline", &tree->pss);
    mpr_json_notes(json);
}
