/* SPDX-License-Identifier: MIT */
/* The text report of a tree of processes: its peak, its course, its processes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "width.h"

#define SHOWN_MAX ((size_t)20)
#define UNLIMITED ((size_t)1000)
#define COMMAND_MIN ((size_t)16)
#define BYTES_WIDTH ((size_t)16)

/* "3 processes", "1 sample" */
static void append_count(struct mpr_buf *out, uint64_t count, const char *one, const char *many)
{
    char number[MPR_NUMBER_MAX];
    mpr_number_count(number, count);
    mpr_buf_printf(out, "%s %s", number, count == 1 ? one : many);
}

void mpr_text_tree_processes(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_tree *tree = &text->profile->tree;
    append_count(out, tree->found, "process", "processes");
    if (tree->found > 1)
        mpr_buf_printf(out, ", %" PRIu64 " at once", tree->at_once);
}

void mpr_text_tree_samples(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_tree *tree = &text->profile->tree;
    char pause[MPR_NUMBER_MAX];
    append_count(out, tree->samples, "sample", "samples");
    mpr_number_duration(pause, tree->interval_ns, text->options->unicode);
    mpr_buf_printf(out, " (%s)", pause);
}

static void append_level(const struct mpr_text *text, int64_t level, struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    mpr_number_scaled(size, mpr_magnitude(level), &text->view->size);
    mpr_buf_printf(out, "%s %s", size, text->view->size.label);
}

static void append_time(const struct mpr_text *text, uint64_t ns, struct mpr_buf *out)
{
    char time[MPR_NUMBER_MAX];
    mpr_number_duration(time, ns, text->options->unicode);
    mpr_buf_puts(out, time);
}

static void draw_line(struct mpr_text *text, struct mpr_buf *line)
{
    mpr_width_wrap(text->out, line->data, 0, 5, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, line);
}

static void draw_peaks(struct mpr_text *text)
{
    const struct mpr_profile_tree *tree = &text->profile->tree;
    struct mpr_buf line;
    if (tree->rss_peak == MPR_UNKNOWN)
        return;
    mpr_buf_init(&line);
    mpr_buf_puts(&line, "RSS peak ");
    append_level(text, tree->rss_peak, &line);
    mpr_buf_puts(&line, " at ");
    append_time(text, tree->rss_peak_ns, &line);
    if (tree->found > 1)
        append_count((mpr_buf_puts(&line, " in "), &line), tree->at_peak, "process", "processes");
    mpr_buf_putc(text->out, '\n');
    draw_line(text, &line);
    if (tree->pss_peak == MPR_UNKNOWN)
        return;
    mpr_buf_init(&line);
    mpr_buf_puts(&line, "PSS peak ");
    append_level(text, tree->pss_peak, &line);
    mpr_buf_puts(&line, " at ");
    append_time(text, tree->pss_peak_ns, &line);
    append_count((mpr_buf_puts(&line, ", of "), &line), tree->pss_samples, "reading", "readings");
    draw_line(text, &line);
}

/* --- the table --- */

static const struct column {
    const char *title;
    size_t width;
    bool needless; /* where there is little room */
} columns[] = {{"Peak", 9, false}, {"at", 11, true}, {"Started", 11, true}, {"For", 11, false},
    {"PID", 9, false}};

#define COLUMNS (sizeof columns / sizeof *columns)

static size_t width_of(const struct mpr_text *text, size_t column)
{
    bool bytes = column == 0 && text->view->size.divisor == 1;
    return bytes ? BYTES_WIDTH : columns[column].width;
}

/* What the shown columns take, the gap behind them included. */
static size_t width_of_all(const struct mpr_text *text, bool narrow)
{
    size_t width = 2;
    for (size_t i = 0; i < COLUMNS; i++)
        width += narrow && columns[i].needless ? 0 : width_of(text, i);
    return width;
}

static bool is_narrow(const struct mpr_text *text)
{
    return text->options->width && text->options->width < width_of_all(text, false) + COMMAND_MIN;
}

/* The columns are aligned by what they take on the screen. */
static void draw_cell(struct mpr_text *text, size_t column, const char *cell)
{
    size_t used = mpr_width(cell, true), width = width_of(text, column);
    if (columns[column].needless && is_narrow(text))
        return;
    mpr_buf_repeat(text->out, " ", used < width ? width - used : 1);
    mpr_buf_puts(text->out, cell);
}

static void draw_command(
    struct mpr_text *text, const struct mpr_profile_process *process, size_t width)
{
    struct mpr_buf words;
    mpr_buf_init(&words);
    for (char *const *word = process->command; word && *word && words.len < 4 * width; word++)
        mpr_buf_printf(&words, "%s%s", words.len ? " " : "", *word);
    mpr_buf_puts(text->out, "  ");
    if (words.len)
        mpr_width_append(text->out, words.data, width, text->options->unicode);
    mpr_text_done(text, &words);
}

static void draw_process(
    struct mpr_text *text, const struct mpr_profile_process *process, size_t width)
{
    const struct mpr_profile_bucket *highest = mpr_view_process_highest(process);
    uint64_t from = mpr_view_process_from(text->view, process);
    char cell[MPR_NUMBER_MAX] = "?";
    if (process->rss_peak != MPR_UNKNOWN)
        mpr_number_scaled(cell, mpr_magnitude(process->rss_peak), &text->view->size);
    draw_cell(text, 0, cell);
    mpr_number_duration(cell, highest ? from + highest->t_ns : 0, text->options->unicode);
    draw_cell(text, 1, highest ? cell : "");
    mpr_number_duration(cell, from, text->options->unicode);
    draw_cell(text, 2, cell);
    mpr_number_duration(cell, process->duration_ns, text->options->unicode);
    draw_cell(text, 3, cell);
    snprintf(cell, sizeof cell, "%" PRIu32, process->pid);
    draw_cell(text, 4, cell);
    draw_command(text, process, width);
    mpr_buf_putc(text->out, '\n');
}

static void draw_title(struct mpr_text *text)
{
    char peak[MPR_NUMBER_MAX];
    mpr_buf_putc(text->out, '\n');
    mpr_text_style(text, MPR_STYLE_BOLD);
    snprintf(peak, sizeof peak, "Peak %s", text->view->size.label);
    for (size_t i = 0; i < COLUMNS; i++)
        draw_cell(text, i, i ? columns[i].title : peak);
    mpr_buf_puts(text->out, "  Process");
    mpr_text_plain(text);
    mpr_buf_putc(text->out, '\n');
}

static void draw_processes(struct mpr_text *text)
{
    const struct mpr_view *view = text->view;
    size_t used = width_of_all(text, is_narrow(text));
    size_t width = text->options->width ? text->options->width - used : UNLIMITED;
    draw_title(text);
    for (size_t i = 0; i < view->process_count && i < SHOWN_MAX; i++)
        draw_process(text, view->processes[i], width);
    if (view->process_count > SHOWN_MAX)
        mpr_buf_printf(
            text->out, "  and %zu more: -o FILE.json has them\n", view->process_count - SHOWN_MAX);
}

static void draw_legend(struct mpr_text *text)
{
    static const char legend[] =
        "RSS is the sum over all processes: a page that several have counts for each of them. PSS "
        "divides it among them, and is read less often. A process's peak is the kernel's mark "
        "where "
        "that was read; `at` is its highest sample.";
    if (!text->options->legend || text->profile->tree.found < 2)
        return;
    mpr_buf_putc(text->out, '\n');
    mpr_text_style(text, MPR_STYLE_DIM);
    mpr_width_wrap(text->out, legend, 0, 0, text->prose, text->options->unicode);
    mpr_text_plain(text);
    mpr_buf_putc(text->out, '\n');
}

void mpr_text_tree(struct mpr_text *text)
{
    mpr_text_head(text);
    draw_peaks(text);
    mpr_text_plot(text);
    draw_processes(text);
    mpr_text_notes(text);
    draw_legend(text);
}
