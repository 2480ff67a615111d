/* SPDX-License-Identifier: MIT */
/* A report in JSON has the text of lines, not of files: what is known of a file becomes its source,
 * with blank lines between. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

struct sources {
    struct mpr_profile *profile;
    char **texts;  /* of rows; each is freed when its source has it */
    size_t *first; /* of each function, in texts */
    uint64_t lines_left;
};

static int by_file(const void *left, const void *right, void *data)
{
    const struct mpr_profile_function *functions = data;
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    int order = strcmp(functions[a].file, functions[b].file);
    return order ? order : (a > b) - (a < b);
}

/* The last line with text of functions order[from..to). */
static uint32_t last_line(
    const struct sources *sources, const size_t *order, size_t from, size_t to)
{
    uint32_t last = 0;
    for (size_t i = from; i < to; i++) {
        const struct mpr_profile_function *function = &sources->profile->functions[order[i]];
        char *const *texts = &sources->texts[sources->first[order[i]]];
        for (size_t n = 0; n < function->row_count; n++)
            if (texts[n] && function->rows[n].line > last)
                last = function->rows[n].line;
    }
    return last;
}

/* Each line's text, borrowed; NULL where none is known. */
static void place_lines(
    const struct sources *sources, const size_t *order, size_t from, size_t to, const char **lines)
{
    for (size_t i = from; i < to; i++) {
        const struct mpr_profile_function *function = &sources->profile->functions[order[i]];
        char *const *texts = &sources->texts[sources->first[order[i]]];
        for (size_t n = 0; n < function->row_count; n++)
            if (texts[n] && function->rows[n].line)
                lines[function->rows[n].line - 1] = texts[n];
    }
}

static bool join(struct mpr_profile_source *source, const char *const *lines, size_t count)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    source->start = malloc((count + 1) * sizeof *source->start);
    if (!source->start)
        return false;
    for (size_t i = 0; i < count; i++) {
        source->start[i] = (uint32_t)text.len;
        mpr_buf_puts(&text, lines[i] ? lines[i] : "");
        mpr_buf_putc(&text, '\0');
    }
    source->start[count] = (uint32_t)text.len;
    source->line_count = count;
    bool fits = text.len < UINT32_MAX;
    source->text = mpr_buf_steal(&text);
    return source->text && fits;
}

/* Rows whose line has text show it. */
static void show(struct mpr_profile *profile, size_t index, size_t source)
{
    struct mpr_profile_function *function = &profile->functions[index];
    if (function->source_problem)
        return;
    function->source = source;
    for (size_t n = 0; n < function->row_count; n++)
        function->rows[n].source =
            mpr_profile_line(&profile->sources[source], function->rows[n].line);
}

static bool make_source(struct sources *sources, const size_t *order, size_t from, size_t to)
{
    struct mpr_profile *profile = sources->profile;
    uint32_t count = last_line(sources, order, from, to);
    if (count == 0 || count > sources->lines_left)
        return true;
    sources->lines_left -= count;
    const char **lines = calloc(count, sizeof *lines);
    if (!lines)
        return false;
    place_lines(sources, order, from, to, lines);
    struct mpr_profile_source *source = &profile->sources[profile->source_count++];
    source->file = mpr_strdup(profile->functions[order[from]].file);
    bool ok = source->file && join(source, lines, count);
    for (size_t i = from; ok && i < to; i++)
        show(profile, order[i], profile->source_count - 1);
    free(lines);
    return ok;
}

/* Functions that have rows and no text say so. */
static bool explain(struct mpr_profile *profile)
{
    for (size_t i = 0; i < profile->function_count; i++) {
        struct mpr_profile_function *function = &profile->functions[i];
        if (function->source != MPR_NONE || function->source_problem || !function->row_count)
            continue;
        function->source_problem = mpr_strdup("the report has none");
        if (!function->source_problem)
            return false;
    }
    return true;
}

static bool make_all(struct sources *sources, size_t *order)
{
    struct mpr_profile *profile = sources->profile;
    size_t count = profile->function_count, row = 0;
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
        sources->first[i] = row;
        row += profile->functions[i].row_count;
    }
    qsort_r(order, count, sizeof *order, by_file, profile->functions);
    for (size_t from = 0, to; from < count; from = to) {
        const char *file = profile->functions[order[from]].file;
        for (to = from; to < count && strcmp(profile->functions[order[to]].file, file) == 0; to++)
            ;
        if (!make_source(sources, order, from, to))
            return false;
    }
    return explain(profile);
}

int mpr_store_make_sources(
    struct mpr_profile *profile, char **texts, uint64_t lines, struct mpr_error *err)
{
    size_t count = profile->function_count;
    size_t *order = calloc(count + 1, sizeof *order);
    struct sources sources = {profile, texts, calloc(count + 1, sizeof *sources.first), lines};
    profile->sources = calloc(count + 1, sizeof *profile->sources);
    bool ok = order && sources.first && profile->sources && make_all(&sources, order);
    free(order);
    free(sources.first);
    return ok ? 0 : mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
}
