/* SPDX-License-Identifier: MIT */
/* From a JSON report of schema 1 to the model. It may be anybody's, as a store; what is wrong in it
 * is named by its key. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "json_functions.h"
#include "json_keys.h"
#include "load.h"

/* So many lines are made for a byte of the report, blank ones between those that it has; a small
 * one may be about the end of a large file. */
#define LINES_A_BYTE 1
#define LINES_MIN ((uint64_t)1 << 20)

struct reading {
    struct mpr_profile *profile;
    struct mpr_profile_process *process; /* the only one */
    struct mpr_json_functions functions;
    char **texts;     /* of rows, one behind the other; NULL where there is none */
    size_t row_count; /* of all functions */
    struct mpr_error *err;
};

static int no_memory(const struct reading *reading)
{
    return mpr_error_set(reading->err, MPR_ERR_NOMEM, "out of memory");
}

static int wrong(const struct reading *reading, const char *key)
{
    return mpr_json_wrong(key, reading->err);
}

static int take(const struct reading *reading, const struct mpr_store_column *keys,
    const json_t *object, void *element)
{
    return mpr_json_take(keys, object, element, reading->err);
}

/* --- the run --- */

static int take_command(struct reading *reading, const json_t *words)
{
    size_t count = json_array_size(words);
    if (!json_is_array(words))
        return wrong(reading, "command");
    reading->process->command = calloc(count + 1, sizeof(char *));
    for (size_t i = 0; reading->process->command && i < count; i++) {
        reading->process->command[i] = mpr_json_text_of(json_array_get(words, i));
        if (!reading->process->command[i])
            return wrong(reading, "command");
    }
    return reading->process->command ? 0 : no_memory(reading);
}

static void take_exit(struct mpr_profile_process *process, const json_t *object)
{
    const json_t *number = json_object_get(object, "signal");
    process->exit_signal = (int)json_integer_value(number);
    process->exit_status =
        process->exit_signal ? -1 : (int)json_integer_value(json_object_get(object, "status"));
    process->end = process->exit_signal ? MPR_END_SIGNAL : MPR_END_EXIT;
    if (!process->exit_signal && json_is_null(json_object_get(object, "status"))) {
        process->end = MPR_END_NOT;
        process->exit_status = -1;
    }
}

static void take_started(struct mpr_profile_process *process, const json_t *value)
{
    struct tm when = {0};
    const char *text = json_string_value(value);
    if (text && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &when))
        process->started.tv_sec = timegm(&when);
}

static int take_engines(struct reading *reading, const json_t *engines)
{
    struct mpr_profile_process *process = reading->process;
    const struct mpr_store_column trace = {
        .name = "trace", .size = sizeof process->engine, .names = mpr_store_engines};
    const json_t *name = json_object_get(engines, "trace"), *check;
    int status = take(reading, mpr_json_engine_keys, engines, process);
    if (status == 0 && !json_is_null(name) && !mpr_json_word(&trace, name, &process->engine))
        status = wrong(reading, "trace");
    check = json_object_get(engines, "check");
    process->checked = check != NULL;
    return status == 0 && check ? take(reading, mpr_json_check_keys, check, process) : status;
}

static int take_heap(struct reading *reading, const json_t *object)
{
    struct mpr_profile_heap *heap = &reading->process->heap;
    const json_t *reconciliation = json_object_get(object, "reconciliation");
    const json_t *slack = json_object_get(reconciliation, "slack_malloc");
    heap->unexplained = MPR_UNKNOWN;
    if (!heap->tracked)
        return 0;
    int status = take(reading, mpr_json_heap_keys, object, heap);
    if (status == 0)
        status = take(reading, mpr_json_sum_keys, object, &heap->all);
    if (status == 0)
        status = take(reading, mpr_json_sum_keys, json_object_get(object, "python"), &heap->python);
    if (status == 0)
        status = take(reading, mpr_json_sum_keys, json_object_get(object, "native"), &heap->native);
    if (status == 0)
        status = take(reading, mpr_json_map_keys, json_object_get(object, "maps_apart"), heap);
    heap->rss.valid = json_is_object(reconciliation);
    heap->rss.malloc_known = json_is_integer(slack);
    if (status == 0 && heap->rss.valid)
        status = take(reading, mpr_json_reconciliation_keys, reconciliation, heap);
    if (heap->rss.valid && !heap->rss.malloc_known)
        heap->rss.slack_malloc = 0;
    return status;
}

static int take_run(struct reading *reading, const json_t *root)
{
    struct mpr_profile_process *process = reading->process;
    reading->profile->cwd = mpr_json_text_of(json_object_get(root, "cwd"));
    if (!reading->profile->cwd)
        return wrong(reading, "cwd");
    take_exit(process, json_object_get(root, "exit"));
    take_started(process, json_object_get(root, "started"));
    int status = take(reading, mpr_json_process_keys, root, process);
    if (status == 0)
        status = take_command(reading, json_object_get(root, "command"));
    if (status == 0)
        status = take_engines(reading, json_object_get(root, "engines"));
    if (status == 0)
        status = take(reading, mpr_json_rss_keys, json_object_get(root, "rss"), process);
    return status == 0 ? take_heap(reading, json_object_get(root, "heap")) : status;
}

/* --- functions --- */

/* A row that nothing is known of has not closed. */
static bool is_measured(const struct mpr_profile_row *row)
{
    const int64_t figures[] = {row->rss_delta, row->time_ns, row->heap_allocated, row->heap_freed,
        row->allocations, row->spike};
    bool any = row->hits != 0;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        any |= figures[i] != 0 && figures[i] != MPR_UNKNOWN;
    return any;
}

static int take_rows(
    struct reading *reading, struct mpr_profile_function *function, const json_t *rows)
{
    size_t count = json_array_size(rows);
    int status = json_is_array(rows) ? 0 : wrong(reading, "rows");
    function->rows = calloc(count + 1, sizeof *function->rows);
    char **texts =
        realloc(reading->texts, (reading->row_count + count + 1) * sizeof *reading->texts);
    if (texts)
        reading->texts = texts;
    if (!function->rows || !texts)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < count; i++) {
        const json_t *object = json_array_get(rows, i), *source = json_object_get(object, "source");
        struct mpr_profile_row *row = &function->rows[function->row_count++];
        texts[reading->row_count++] = mpr_json_text_of(source);
        if (json_is_string(source) && !texts[reading->row_count - 1])
            return no_memory(reading);
        status = take(reading, mpr_store_row_columns, object, row);
        row->measured = is_measured(row);
        row->ended_here = false; /* the list of open rows tells */
    }
    return status;
}

static int take_functions(struct reading *reading, const json_t *functions)
{
    struct mpr_profile *profile = reading->profile;
    size_t count = json_array_size(functions);
    int status = json_is_array(functions) ? 0 : wrong(reading, "functions");
    profile->functions = calloc(count + 1, sizeof *profile->functions);
    if (!profile->functions)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < count; i++) {
        const json_t *object = json_array_get(functions, i);
        struct mpr_profile_function *function = &profile->functions[profile->function_count++];
        function->source = MPR_NONE;
        status = take(reading, mpr_store_function_columns, object, function);
        if (status == 0)
            status = take_rows(reading, function, json_object_get(object, "rows"));
    }
    return status;
}

static uint32_t line_of(const json_t *object, const char *key)
{
    json_int_t line = json_integer_value(json_object_get(object, key));
    return line > 0 && line <= UINT32_MAX ? (uint32_t)line : 0;
}

/* MPR_NONE: there is none. */
static size_t find(struct reading *reading, const json_t *value, uint32_t line)
{
    char *name = mpr_json_text_of(value);
    size_t found = name ? mpr_json_functions_find(&reading->functions, name, NULL, line) : MPR_NONE;
    free(name);
    return found;
}

/* Where RSS and the heap were highest: a function and a line, or neither. */
static void take_peaks(struct reading *reading, const json_t *root)
{
    struct mpr_profile_process *process = reading->process;
    const json_t *rss = json_object_get(root, "rss"), *heap = json_object_get(root, "heap");
    process->peak_line = line_of(rss, "peak_line");
    process->peak_function =
        find(reading, json_object_get(rss, "peak_function"), process->peak_line);
    if (process->peak_function == MPR_NONE || process->peak_line == 0) {
        process->peak_function = MPR_NONE;
        process->peak_line = 0;
    }
    process->heap.at.line = line_of(heap, "peak_line");
    process->heap.at.function =
        find(reading, json_object_get(heap, "peak_function"), process->heap.at.line);
}

static void mark_ended(struct mpr_profile_function *function, uint32_t line)
{
    for (size_t i = 0; i < function->row_count; i++)
        function->rows[i].ended_here |= function->rows[i].line == line;
}

static int take_open(struct reading *reading, const json_t *open)
{
    struct mpr_profile_process *process = reading->process;
    size_t count = json_array_size(open);
    process->open = calloc(count + 1, sizeof *process->open);
    if (!process->open)
        return no_memory(reading);
    for (size_t i = 0; i < count; i++) {
        const json_t *object = json_array_get(open, i);
        uint32_t line = line_of(object, "line");
        size_t function = find(reading, json_object_get(object, "function"), line);
        if (function == MPR_NONE)
            continue;
        mark_ended(&reading->profile->functions[function], line);
        process->open[process->open_count++] =
            (struct mpr_profile_open){line_of(object, "thread"), function, line};
    }
    return 0;
}

/* --- sites, timeline, notes --- */

static enum mpr_place_kind kind_of(const struct mpr_profile_place *place)
{
    if (place->file)
        return MPR_AT_CODE;
    for (int kind = MPR_AT_CODE + 1; kind < MPR_AT_KINDS; kind++)
        if (strcmp(place->qualname, mpr_place_kind_name((enum mpr_place_kind)kind)) == 0)
            return (enum mpr_place_kind)kind;
    return MPR_AT_UNKNOWN;
}

/* Its function, where that has rows; of others it is not told where they begin. */
static void link_place(struct reading *reading, struct mpr_profile_place *place, uint32_t line)
{
    if (place->kind != MPR_AT_CODE || line == 0)
        return;
    size_t index = mpr_json_functions_find(&reading->functions, place->qualname, place->file, line);
    if (index == MPR_NONE)
        return;
    const struct mpr_profile_function *function = &reading->profile->functions[index];
    if (!mpr_json_function_holds(function, line))
        return;
    place->function = index;
    place->first_line = function->first_line;
    place->last_line = function->last_line;
}

static int take_site(struct reading *reading, const json_t *object)
{
    struct mpr_profile *profile = reading->profile;
    struct mpr_profile_place *place = &profile->places[profile->place_count];
    struct mpr_profile_site *site = &profile->sites[profile->site_count];
    *place = (struct mpr_profile_place){.file = mpr_json_text_of(json_object_get(object, "file")),
        .qualname = mpr_json_text_of(json_object_get(object, "function")),
        .package = mpr_json_text_of(json_object_get(object, "package")),
        .function = MPR_NONE};
    site->place = profile->place_count++;
    profile->site_count++;
    if (!place->qualname)
        return wrong(reading, "sites");
    place->kind = kind_of(place);
    place->origin = place->package ? MPR_ORIGIN_PACKAGE : MPR_ORIGIN_USER;
    site->file = place->file;
    site->function = place->qualname;
    site->package = place->package;
    site->line = line_of(object, "line");
    site->before = place->kind == MPR_AT_STARTUP;
    link_place(reading, place, site->line);
    return take(reading, mpr_json_site_keys, object, site);
}

static int take_sites(struct reading *reading, const json_t *sites)
{
    struct mpr_profile *profile = reading->profile;
    size_t count = json_array_size(sites);
    int status = 0;
    profile->places = calloc(count + 1, sizeof *profile->places);
    profile->sites = calloc(count + 1, sizeof *profile->sites);
    if (!profile->places || !profile->sites)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < count; i++)
        status = take_site(reading, json_array_get(sites, i));
    return status;
}

static int take_timeline(struct reading *reading, const json_t *samples)
{
    struct mpr_profile_timeline *timeline = &reading->process->timeline;
    size_t count = json_array_size(samples);
    int status = 0;
    timeline->bucket = calloc(count + 1, sizeof *timeline->bucket);
    if (!timeline->bucket)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < count; i++) {
        struct mpr_profile_bucket *bucket = &timeline->bucket[timeline->count++];
        *bucket = (struct mpr_profile_bucket){.max_function = MPR_NONE, .samples = 1};
        status = take(reading, mpr_json_timeline_keys, json_array_get(samples, i), bucket);
    }
    return status;
}

/* Of functions that are there. Older reports have none. */
static int take_intervals(struct reading *reading, const json_t *object)
{
    struct mpr_profile_intervals *intervals = &reading->process->intervals;
    const json_t *list = json_object_get(object, "list");
    int status = object ? take(reading, mpr_json_intervals_keys, object, intervals) : 0;
    intervals->interval = calloc(json_array_size(list) + 1, sizeof *intervals->interval);
    if (!intervals->interval)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < json_array_size(list); i++) {
        const json_t *from = json_array_get(list, i);
        struct mpr_profile_interval *interval = &intervals->interval[intervals->count];
        interval->function =
            find(reading, json_object_get(from, "function"), line_of(from, "line"));
        if (interval->function == MPR_NONE)
            continue;
        status = take(reading, mpr_json_interval_keys, from, interval);
        intervals->count++;
    }
    return status;
}

/* What lived at a mark is told without paths, and left out. Older reports have neither key. */
static int take_marks(struct reading *reading, const json_t *marks, const json_t *sections)
{
    struct mpr_profile *profile = reading->profile;
    int status = 0;
    profile->marks = calloc(json_array_size(marks) + 1, sizeof *profile->marks);
    profile->sections = calloc(json_array_size(sections) + 1, sizeof *profile->sections);
    if (!profile->marks || !profile->sections)
        return no_memory(reading);
    for (size_t i = 0; status == 0 && i < json_array_size(marks); i++)
        status = take(reading, mpr_json_mark_keys, json_array_get(marks, i),
            &profile->marks[profile->mark_count++]);
    for (size_t i = 0; status == 0 && i < json_array_size(sections); i++)
        status = take(reading, mpr_json_section_keys, json_array_get(sections, i),
            &profile->sections[profile->section_count++]);
    return status;
}

static int take_notes(struct reading *reading, const json_t *notes)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < json_array_size(notes); i++) {
        char *text = mpr_json_text_of(json_array_get(notes, i));
        status = text ? mpr_store_add_note(reading->profile, text, reading->err)
                      : wrong(reading, "notes");
    }
    if (status < 0)
        return status;
    return mpr_store_add_note(reading->profile,
        mpr_strdup("Read from a report in JSON: who held the peak of the heap, the paths of "
                   "allocations, the lines of the timeline and snapshots are not in it."),
        reading->err);
}

/* --- all of it --- */

static int take_all(struct reading *reading, const json_t *root, uint64_t size)
{
    int status = take_run(reading, root);
    if (status == 0)
        status = take_functions(reading, json_object_get(root, "functions"));
    if (status == 0)
        status = mpr_store_make_sources(
            reading->profile, reading->texts, LINES_MIN + size * LINES_A_BYTE, reading->err);
    if (status == 0)
        status = mpr_json_functions_init(&reading->functions, reading->profile, reading->err);
    if (status < 0)
        return status;
    take_peaks(reading, root);
    status = take_open(reading, json_object_get(root, "open"));
    if (status == 0)
        status = take_sites(reading, json_object_get(root, "sites"));
    if (status == 0)
        status = take_timeline(reading, json_object_get(root, "timeline"));
    if (status == 0)
        status = take_intervals(reading, json_object_get(root, "intervals"));
    if (status == 0)
        status =
            take_marks(reading, json_object_get(root, "marks"), json_object_get(root, "sections"));
    return status == 0 ? take_notes(reading, json_object_get(root, "notes")) : status;
}

static int check_schema(const json_t *root, struct mpr_error *err)
{
    const json_t *schema = json_object_get(root, "schema");
    if (!json_is_integer(schema) || !json_is_string(json_object_get(root, "mprun")))
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED, "it is JSON, but no report of mprun's");
    if (json_integer_value(schema) != 1)
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "it has schema %lld, and mprun " MPRUN_VERSION " reads schema 1",
            (long long)json_integer_value(schema));
    if (json_object_get(root, "kind"))
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "it is a timeline in JSON, which is not read again; -o FILE.mprun saves one");
    if (json_object_get(root, "rss_noise"))
        return mpr_error_set(err, MPR_ERR_UNSUPPORTED,
            "it is a comparison in JSON, which is not read again; mprun diff makes one of two "
            "profiles");
    return 0;
}

static int take_root(
    const json_t *root, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    struct reading reading = {.profile = mpr_profile_new(), .err = err};
    if (!reading.profile)
        return no_memory(&reading);
    reading.process = &reading.profile->process[0];
    reading.profile->detail = MPR_DETAIL_NO_NODES;
    int status = take_all(&reading, root, size);
    for (size_t i = 0; i < reading.row_count; i++)
        free(reading.texts[i]);
    free(reading.texts);
    mpr_json_functions_release(&reading.functions);
    if (status < 0)
        mpr_profile_free(reading.profile);
    else
        *ret_profile = reading.profile;
    return status;
}

int mpr_store_load_json(
    int fd, uint64_t size, struct mpr_profile **ret_profile, struct mpr_error *err)
{
    json_error_t why;
    json_t *root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &why);
    if (!root && json_error_code(&why) == json_error_out_of_memory)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    if (!root)
        return mpr_error_set(
            err, MPR_ERR_CORRUPT, "it is no whole JSON: line %d: %s", why.line, why.text);
    int status = check_schema(root, err);
    if (status == 0)
        status = take_root(root, size, ret_profile, err);
    json_decref(root);
    return status;
}
