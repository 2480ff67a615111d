/* SPDX-License-Identifier: MIT */
/* The beginning and the end of a profile. Copes with a half-built one. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

static void free_texts(char **texts)
{
    for (size_t i = 0; texts && texts[i]; i++)
        free(texts[i]);
    free(texts);
}

static void function_release(struct mpr_profile_function *function)
{
    free(function->file);
    free(function->name);
    free(function->qualname);
    free(function->module);
    free(function->selected_by);
    free(function->source_problem);
    free(function->rows);
}

static void source_release(struct mpr_profile_source *source)
{
    free(source->file);
    free(source->problem);
    free(source->text);
    free(source->start);
}

static void place_release(struct mpr_profile_place *place)
{
    free(place->file);
    free(place->qualname);
    free(place->package);
}

static void heap_release(struct mpr_profile_heap *heap)
{
    for (size_t i = 0; i < heap->holder_count; i++)
        free(heap->holders[i].name);
    free(heap->holders);
    free(heap->at.name);
    free(heap->allocator);
}

static void process_release(struct mpr_profile_process *process)
{
    heap_release(&process->heap);
    free(process->timeline.bucket);
    free(process->intervals.interval);
    free(process->open);
    free_texts(process->command);
    free(process->python);
    free(process->interpreter);
}

static void unmatched_release(struct mpr_profile_unmatched *unmatched)
{
    free(unmatched->pattern);
    for (size_t i = 0; i < 3; i++)
        free(unmatched->nearest[i]);
}

struct mpr_profile *mpr_profile_new(void)
{
    struct mpr_profile *profile = calloc(1, sizeof *profile);
    if (!profile)
        return NULL;
    profile->process = calloc(1, sizeof *profile->process);
    if (!profile->process) {
        free(profile);
        return NULL;
    }
    profile->process_count = 1;
    profile->tree.rss_peak = profile->tree.pss_peak = MPR_UNKNOWN;
    profile->process[0].parent = MPR_NONE;
    profile->process[0].peak_function = MPR_NONE;
    profile->process[0].heap.at.function = MPR_NONE;
    return profile;
}

void mpr_profile_keep_processes(struct mpr_profile *profile, size_t count)
{
    while (profile->process_count > count)
        process_release(&profile->process[--profile->process_count]);
}

void mpr_profile_free(struct mpr_profile *profile)
{
    if (!profile)
        return;
    mpr_profile_keep_processes(profile, 0);
    for (size_t i = 0; i < profile->function_count; i++)
        function_release(&profile->functions[i]);
    for (size_t i = 0; i < profile->place_count; i++)
        place_release(&profile->places[i]);
    for (size_t i = 0; i < profile->source_count; i++)
        source_release(&profile->sources[i]);
    for (size_t i = 0; i < profile->mark_count; i++)
        free(profile->marks[i].name);
    for (size_t i = 0; i < profile->section_count; i++)
        free(profile->sections[i].name);
    for (size_t i = 0; i < profile->unmatched_count; i++)
        unmatched_release(&profile->unmatched[i]);
    free(profile->tree.rss.bucket);
    free(profile->tree.pss.bucket);
    free(profile->process);
    free(profile->functions);
    free(profile->places);
    free(profile->sites);
    free(profile->nodes);
    free(profile->marks);
    free(profile->held);
    free(profile->sections);
    free(profile->sources);
    free(profile->unmatched);
    free_texts(profile->notes);
    free(profile->cwd);
    free(profile);
}

const char *mpr_profile_line(const struct mpr_profile_source *source, uint32_t line)
{
    if (line == 0 || line > source->line_count)
        return NULL;
    return source->text + source->start[line - 1];
}

#define LEFT_OUT "it was left out (--no-source)"

/* False: no memory. */
static bool leave_lines_out(struct mpr_profile_function *function)
{
    function->source = MPR_NONE;
    for (size_t i = 0; i < function->row_count; i++)
        function->rows[i].source = NULL;
    if (function->source_problem || (function->row_count == 0 && function->calls == 0))
        return true;
    function->source_problem = mpr_strdup(LEFT_OUT);
    return function->source_problem != NULL;
}

static bool leave_text_out(struct mpr_profile_source *source)
{
    free(source->text);
    free(source->start);
    source->text = NULL;
    source->start = NULL;
    source->line_count = 0;
    if (!source->problem)
        source->problem = mpr_strdup(LEFT_OUT);
    return source->problem != NULL;
}

int mpr_profile_leave_source_out(struct mpr_profile *profile, struct mpr_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < profile->function_count; i++)
        ok &= leave_lines_out(&profile->functions[i]);
    for (size_t i = 0; i < profile->source_count; i++)
        ok &= leave_text_out(&profile->sources[i]);
    return ok ? 0 : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
}
