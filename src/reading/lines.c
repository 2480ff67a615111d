/* SPDX-License-Identifier: MIT */
/* Source text into the rows, as text that is safe to show. */
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
    for (size_t i = 0; i < function->row_count; i++) {
        free(function->rows[i].source);
        function->rows[i].source = NULL;
    }
}

static bool set_line(
    struct mpr_builder *b, struct mpr_profile_row *row, const char *text, size_t len)
{
    if (len > MPR_MAX_ROW_TEXT - b->row_text) {
        b->text_limit = true;
        return true;
    }
    row->source = mpr_build_text(text, len);
    b->row_text += len;
    return row->source != NULL;
}

static char *find_problem(struct mpr_profile_function *function, const struct mpr_source *source)
{
    if (source->problem)
        return mpr_build_text(source->problem, strlen(source->problem));
    if (function->first_line > source->line_count) {
        return mpr_asprintf("%s has no line %u: it is not the file that ran", function->file,
            (unsigned)function->first_line);
    }
    if (!is_somebody_elses(function, source))
        return NULL;
    drop_lines(function);
    return mpr_asprintf("%s is code that the program made itself", function->file);
}

static bool fill(struct mpr_builder *b, size_t index)
{
    struct mpr_profile_function *function = &b->profile->functions[index];
    const struct mpr_named *named = b->origin[index];
    if (function->row_count == 0 && function->calls == 0)
        return true;
    const char *file = mpr_rec_text(named->head, named->id->file);
    const struct mpr_source *source = mpr_sources_get(b->sources, file);
    if (!source)
        return false;
    for (size_t i = 0; i < function->row_count; i++) {
        const char *text = NULL;
        size_t len = 0;
        if (mpr_source_line(source, function->rows[i].line, &text, &len) &&
            !set_line(b, &function->rows[i], text, len))
            return false;
    }
    function->source_problem = find_problem(function, source);
    return function->source_problem ||
           (!source->problem && function->first_line <= source->line_count);
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
    if (!tell_facts(b))
        return mpr_build_nomem(err);
    for (size_t i = 0; i < b->profile->function_count; i++) {
        if (!fill(b, i))
            return mpr_build_nomem(err);
    }
    return 0;
}
