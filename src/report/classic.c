/* SPDX-License-Identifier: MIT */
/* The table of memory_profiler, to the letter at its precision 3, for scripts and eyes that are
 * used to it. The figures are mprun's: docs/memory_profiler.md says why they differ. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats.h"

#define MIB 1048576.0
#define HEADER "Line #    Mem usage    Increment  Occurrences   Line Contents\n"
#define RULE "=============================================================\n"
#define CELL_MAX 32

/* Where it goes. */
struct classic {
    struct mpr_buf *out;
    bool unicode;
};

/* The figures of one line; MPR_UNKNOWN is shown as blank. */
struct figures {
    int64_t usage;
    int64_t increment;
    uint64_t occurrences;
};

static void size_cell(char *cell, int64_t bytes)
{
    cell[0] = '\0';
    if (bytes != MPR_UNKNOWN)
        snprintf(cell, CELL_MAX, "%7.3f MiB", (double)bytes / MIB);
}

static void draw_text(const struct classic *classic, const char *text)
{
    mpr_shown_append(classic->out, text, strlen(text), classic->unicode);
}

static void draw_row(
    const struct classic *classic, const struct mpr_profile_row *row, const struct figures *figures)
{
    char usage[CELL_MAX] = "";
    char increment[CELL_MAX] = "";
    char occurrences[CELL_MAX] = "";
    if (figures) {
        size_cell(usage, figures->usage);
        size_cell(increment, figures->increment);
        snprintf(occurrences, sizeof occurrences, "%" PRIu64, figures->occurrences);
    }
    mpr_buf_printf(
        classic->out, "%6" PRIu32 " %12s %12s  %10s   ", row->line, usage, increment, occurrences);
    draw_text(classic, row->source ? row->source : "");
    mpr_buf_putc(classic->out, '\n');
}

/* The first line stands for the call: RSS at entry, also as the increment. Where it also is a line
 * that ran (a function on one line, a module), its own figures are in it. */
static void draw_first(const struct classic *classic, const struct mpr_profile_function *function)
{
    const struct mpr_profile_row *row = &function->rows[0];
    int64_t entry = function->rss_entry;
    struct figures figures = {entry, entry, function->calls};
    if (row->measured) {
        figures.occurrences = row->hits;
        figures.usage = row->rss_max > entry ? row->rss_max : entry;
        if (entry != MPR_UNKNOWN && row->rss_delta != MPR_UNKNOWN &&
            __builtin_add_overflow(entry, row->rss_delta, &figures.increment))
            figures.increment = entry;
    }
    draw_row(classic, row, &figures);
}

/* The name as the program's code has it: a script as it was named on the command line, anything
 * else in full. */
static const char *name_of(const struct mpr_view *view, const char *file)
{
    const char *inside = mpr_path_relative(view->profile->cwd, file);
    for (char **word = view->process->command; inside != file && word && *word; word++) {
        const char *plain = *word;
        while (mpr_has_prefix(plain, "./"))
            plain += 2;
        if (strcmp(plain, inside) == 0)
            return *word;
    }
    return file;
}

static void draw_function(
    const struct classic *classic, const struct mpr_profile_function *function, const char *name)
{
    mpr_buf_puts(classic->out, "Filename: ");
    draw_text(classic, name);
    mpr_buf_puts(classic->out, "\n\n" HEADER RULE);
    draw_first(classic, function);
    for (size_t i = 1; i < function->row_count; i++) {
        const struct mpr_profile_row *row = &function->rows[i];
        struct figures figures = {row->rss_max, row->rss_delta, row->hits};
        draw_row(classic, row, row->measured ? &figures : NULL);
    }
    mpr_buf_puts(classic->out, "\n\n");
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    /* memory_profiler has one width, one unit and no colour. */
    struct classic classic = {&sink->out, options->unicode};
    (void)err;
    for (size_t i = 0; i < view->function_count; i++) {
        const struct mpr_view_function *shown = &view->functions[i];
        if (shown->measured)
            draw_function(&classic, shown->function, name_of(view, shown->function->file));
    }
    return 0;
}

static bool begins(const char *head)
{
    return mpr_has_prefix(head, "Filename: ") && strstr(head, "\nLine #    Mem usage") != NULL;
}

const struct mpr_format mpr_format_classic = {
    .name = "classic",
    .summary = "the table of memory_profiler",
    .begins = begins,
    .render = render,
};
