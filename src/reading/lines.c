/* SPDX-License-Identifier: MIT */
/* Source text into the model, as text that is safe to show, and its lines to the rows. */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* <string> also names code that the program hands to exec: its text is not the text of -c; and a
 * made-up name may be given to several pieces of code. A function's name stands in its own source.
 */
static bool is_somebody_elses(
    const struct mpr_profile_function *function, const struct mpr_source *source)
{
    bool by_name = source->made || strcmp(source->file, "<string>") == 0;
    if (!by_name || function->name[0] == '<')
        return false;
    for (size_t i = 0; i < function->row_count; i++) {
        if (function->rows[i].source && strstr(function->rows[i].source, function->name))
            return false;
    }
    return true;
}

static void drop_lines(struct mpr_profile_function *function)
{
    for (size_t i = 0; i < function->row_count; i++)
        function->rows[i].source = NULL;
}

/* An empty file is all that its module has. */
static bool is_beyond(
    const struct mpr_profile_function *function, const struct mpr_profile_source *shown)
{
    bool empty = shown->line_count == 0 && strcmp(function->name, "<module>") == 0;
    return function->first_line > (empty ? 1 : shown->line_count);
}

/* False: no memory. */
static bool set_problem(struct mpr_profile_function *function, const struct mpr_source *source,
    const struct mpr_profile_source *shown)
{
    char **problem = &function->source_problem;
    if (shown->problem) {
        *problem = mpr_strdup(shown->problem);
    } else if (is_beyond(function, shown)) {
        *problem = mpr_asprintf("%s has no line %u: it is not the file that ran", function->file,
            (unsigned)function->first_line);
    } else if (is_somebody_elses(function, source)) {
        drop_lines(function);
        *problem = mpr_asprintf("%s is code that the program made itself", function->file);
    } else {
        return true;
    }
    return *problem != NULL;
}

/* Functions that ran have rows to be shown, or a reason why there are none. */
static bool wants_source(const struct mpr_profile_function *function)
{
    return function->row_count || function->calls;
}

static const struct mpr_source *source_of(struct mpr_builder *b, size_t function)
{
    const struct mpr_named *named = b->origin[function];
    return mpr_sources_get(b->sources, mpr_rec_text(named->head, named->id->file));
}

static bool fill(struct mpr_builder *b, size_t index)
{
    struct mpr_profile_function *function = &b->profile->functions[index];
    if (!wants_source(function))
        return true;
    const struct mpr_source *source = source_of(b, index);
    if (!source)
        return false;
    const struct mpr_profile_source *shown = &b->profile->sources[b->shown[source->number]];
    for (size_t i = 0; i < function->row_count; i++)
        function->rows[i].source = mpr_profile_line(shown, function->rows[i].line);
    if (!set_problem(function, source, shown))
        return false;
    if (!function->source_problem)
        function->source = b->shown[source->number];
    return true;
}

/* The lines as the model has them. False: no memory. */
static bool copy_lines(
    struct mpr_builder *b, const struct mpr_source *source, struct mpr_profile_source *shown)
{
    const char *line = NULL;
    size_t len = 0;
    struct mpr_buf text;
    shown->start = malloc((source->line_count + 1) * sizeof *shown->start);
    if (!shown->start)
        return false;
    mpr_buf_init(&text);
    for (uint32_t i = 0; i < source->line_count; i++) {
        shown->start[i] = (uint32_t)text.len;
        mpr_source_line(source, i + 1, &line, &len);
        mpr_text_append(&text, line, len);
        mpr_buf_putc(&text, '\0');
    }
    shown->start[source->line_count] = (uint32_t)text.len;
    b->text_size += text.len;
    shown->text = mpr_buf_steal(&text);
    shown->line_count = source->line_count;
    mpr_buf_release(&text);
    return shown->text != NULL;
}

static bool copy_source(
    struct mpr_builder *b, const struct mpr_source *source, struct mpr_profile_source *shown)
{
    shown->file = mpr_build_path(b->run->cwd, source->file);
    shown->changed = source->changed;
    shown->made = source->made;
    if (!shown->file)
        return false;
    b->text_limit |= b->text_size > MPR_MAX_TEXT;
    if (!source->problem && b->text_size <= MPR_MAX_TEXT)
        return copy_lines(b, source, shown);
    const char *problem = source->problem ? source->problem : "there was too much source";
    shown->problem = mpr_build_text(problem, strlen(problem));
    return shown->problem != NULL;
}

/* Files of functions that are shown, each once. False: no memory. */
static bool copy_sources(struct mpr_builder *b)
{
    struct mpr_profile *profile = b->profile;
    for (size_t i = 0; i < profile->function_count; i++)
        if (wants_source(&profile->functions[i]) && !source_of(b, i))
            return false;
    size_t count = mpr_sources_count(b->sources);
    profile->sources = calloc(count + 1, sizeof *profile->sources);
    b->shown = calloc(count + 1, sizeof *b->shown);
    if (!profile->sources || !b->shown)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct mpr_source *source = mpr_sources_at(b->sources, i);
        if (!source->loaded)
            continue;
        b->shown[i] = profile->source_count++;
        if (!copy_source(b, source, &profile->sources[b->shown[i]]))
            return false;
    }
    return true;
}

/* What the target recorded of the files. */
static bool tell_facts(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->texts_count; i++) {
        const struct mpr_rec_source *record = b->texts[i];
        bool text = (record->flags & MPR_SOURCE_TEXT) && record->text_size > 0;
        struct mpr_source_fact fact = {
            .stamped = record->flags & MPR_SOURCE_STAMPED,
            .absent = record->flags & MPR_SOURCE_ABSENT,
            .changed = record->flags & MPR_SOURCE_CHANGED,
            .state = record->state,
            .text = text ? (const char *)record + record->text : NULL,
            .len = text ? record->text_size : 0,
        };
        if (!mpr_sources_tell(b->sources, mpr_rec_text(&record->head, record->file), &fact))
            return false;
    }
    return true;
}

/* Each function that ran gets a reason. */
static bool leave_out(struct mpr_builder *b)
{
    for (size_t i = 0; i < b->profile->function_count; i++) {
        struct mpr_profile_function *function = &b->profile->functions[i];
        if (function->row_count == 0 && function->calls == 0)
            continue;
        function->source_problem = mpr_strdup("there was no memory for it");
        if (!function->source_problem)
            return false;
    }
    return true;
}

int mpr_build_lines(struct mpr_builder *b, struct mpr_error *err)
{
    if (b->detail >= MPR_DETAIL_NO_SOURCE)
        return leave_out(b) ? 0 : mpr_build_nomem(err);
    if (!tell_facts(b) || !copy_sources(b))
        return mpr_build_nomem(err);
    for (size_t i = 0; i < b->profile->function_count; i++) {
        if (!fill(b, i))
            return mpr_build_nomem(err);
    }
    return 0;
}
