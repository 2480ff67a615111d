/* SPDX-License-Identifier: MIT */
/* The report in Markdown, for an issue or a review: the figures of the whole program first, a table
 * for each function, the lines that allocate most, notes. */
#include <string.h>

#include "formats.h"
#include "markdown.h"

#define TITLE "## Memory"

static void put_head(const struct mpr_markdown *markdown)
{
    const struct mpr_text *figures = &markdown->figures;
    struct mpr_buf words;
    mpr_buf_init(&words);
    mpr_text_command(figures, &words);
    mpr_buf_puts(markdown->out, words.len ? TITLE " of " : TITLE);
    mpr_markdown_code(markdown, words.data, false);
    mpr_buf_clear(&words);
    mpr_text_outcome(figures, &words);
    mpr_buf_printf(markdown->out, "\n\n%s, CPython ", words.data);
    mpr_markdown_code(markdown, figures->view->process->python, false);
    mpr_buf_clear(&words);
    mpr_text_engine(figures, &words);
    mpr_buf_printf(markdown->out, ", %s", words.data);
    mpr_buf_clear(&words);
    mpr_text_units(figures, &words);
    mpr_buf_printf(markdown->out, "%s%s\n", words.len ? ", " : "", words.data);
    mpr_text_done(figures, &words);
}

/* --- the whole program --- */

static void put_size(const struct mpr_markdown *markdown, int64_t value)
{
    char size[MPR_NUMBER_MAX] = "";
    if (value != MPR_UNKNOWN)
        mpr_text_size(&markdown->figures, value, size);
    mpr_buf_printf(markdown->out, " %s |", size);
}

static void put_line(const struct mpr_markdown *markdown, size_t function, uint32_t line)
{
    const struct mpr_profile *profile = markdown->figures.profile;
    if (line == 0 || function >= profile->function_count)
        return;
    mpr_buf_printf(markdown->out, " line %u of ", (unsigned)line);
    mpr_markdown_name(markdown, profile->functions[function].qualname, true);
}

static void put_program(const struct mpr_markdown *markdown)
{
    const struct mpr_view *view = markdown->figures.view;
    const struct mpr_profile_process *process = view->process;
    mpr_buf_printf(markdown->out,
        "\n| %s | peak | at end | where the peak was |\n| :-- | --: | --: | :-- |\n",
        view->size.label);
    if (!view->heap_off) {
        mpr_buf_puts(markdown->out, "| Heap |");
        put_size(markdown, process->heap.all.peak);
        put_size(markdown, process->heap.all.end);
        put_line(markdown, process->heap.at.function, process->heap.at.line);
        mpr_buf_puts(markdown->out, " |\n");
    }
    mpr_buf_puts(markdown->out, "| RSS |");
    put_size(markdown, process->rss_peak);
    put_size(markdown, process->rss_end);
    put_line(markdown, process->peak_function, process->peak_line);
    mpr_buf_puts(markdown->out, " |\n");
}

static void put_notes(const struct mpr_markdown *markdown)
{
    const struct mpr_profile *profile = markdown->figures.profile;
    mpr_buf_puts(markdown->out, profile->note_count ? "\n**Notes**\n\n" : "");
    for (size_t i = 0; i < profile->note_count; i++) {
        mpr_buf_puts(markdown->out, "- ");
        mpr_markdown_prose(markdown, profile->notes[i]);
        mpr_buf_putc(markdown->out, '\n');
    }
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_report_options plain = *options;
    struct mpr_markdown markdown = {.out = &sink->out};
    (void)err;
    plain.color = false;
    mpr_text_init(&markdown.figures, view, &plain, &sink->out);
    put_head(&markdown);
    put_program(&markdown);
    for (size_t i = 0; i < view->function_count; i++)
        if (view->functions[i].listing == MPR_LISTING_TABLE)
            mpr_markdown_table(&markdown, i);
    mpr_markdown_functions(&markdown);
    mpr_markdown_sites(&markdown);
    put_notes(&markdown);
    return 0;
}

static bool begins(const char *head)
{
    const char *second = strstr(head, "\n\n");
    const char *python = second ? strstr(second, ", CPython `3.") : NULL;
    return mpr_has_prefix(head, TITLE) && python &&
           (size_t)(python - second) < 2 + strcspn(second + 2, "\n");
}

static const char *const endings[] = {".md", NULL};

const struct mpr_format mpr_format_markdown = {
    .name = "markdown",
    .endings = endings,
    .summary = "the tables for an issue or a review",
    .begins = begins,
    .render = render,
    .compare = mpr_compare_markdown,
};
