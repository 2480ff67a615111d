/* SPDX-License-Identifier: MIT */
/* The timeline as a picture: RSS, the heap, and below them the functions that the main thread was
 * in. A column is as high as the highest sample of its time. */
#include <stdio.h>
#include <string.h>

#include "text_plot.h"
#include "width.h"

#define ROWS ((size_t)8)
#define EIGHTHS ((size_t)8) /* of a row, which a glyph can show */
#define UNLIMITED ((size_t)100)
#define COLUMNS_MIN ((size_t)8)
#define MARGIN_MAX ((size_t)24)
#define APART ((size_t)12) /* room for a figure of time */
#define COLOURS (sizeof colours / sizeof *colours)

static const enum mpr_style colours[] = {
    MPR_STYLE_CYAN, MPR_STYLE_GREEN, MPR_STYLE_YELLOW, MPR_STYLE_MAGENTA, MPR_STYLE_BLUE};

/* One of the levels that are drawn. */
struct panel {
    const char *title;
    int64_t (*level)(const struct mpr_plot_column *column);
    int64_t top, peak;
};

static int64_t rss_of(const struct mpr_plot_column *column)
{
    return column->rss;
}

static int64_t heap_of(const struct mpr_plot_column *column)
{
    return column->heap;
}

/* --- one line --- */

void mpr_drawing_begin_line(const struct mpr_drawing *drawing, const char *label, const char *axis)
{
    struct mpr_buf *out = drawing->text->out;
    size_t used = mpr_width(label, true);
    mpr_buf_repeat(out, " ", drawing->margin > used ? drawing->margin - used : 0);
    mpr_buf_printf(out, "%s %s", label, axis);
}

void mpr_drawing_end_line(struct mpr_buf *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        out->len--;
    mpr_buf_putc(out, '\n');
}

static size_t band_of(const struct mpr_plot *plot, size_t function)
{
    size_t band = 0;
    while (band < plot->bands && plot->band[band].function != function)
        band++;
    return band;
}

/* What stands in a column: a glyph, and the band whose colour it has. */
struct cell {
    const char *glyph;
    size_t band;
};

/* A cell of each column. Blanks have no colour. */
static void draw_cells(const struct mpr_drawing *drawing,
    struct cell (*cell_at)(const struct mpr_drawing *, size_t, const void *), const void *with)
{
    const struct mpr_plot *plot = &drawing->plot;
    struct mpr_text *text = drawing->text;
    size_t current = plot->bands; /* whose colour is on: none */
    for (size_t i = 0; i < plot->count; i++) {
        struct cell cell = cell_at(drawing, i, with);
        size_t band = *cell.glyph == ' ' ? plot->bands : cell.band;
        if (band != current && current < plot->bands)
            mpr_text_plain(text);
        if (band != current && band < plot->bands)
            mpr_text_style(text, colours[band % COLOURS]);
        current = band;
        mpr_buf_puts(text->out, cell.glyph);
    }
    if (current < plot->bands)
        mpr_text_plain(text);
    mpr_drawing_end_line(text->out);
}

/* --- a panel --- */

struct row {
    const struct panel *panel;
    size_t below; /* eighths below it */
};

static struct cell cell_of_row(const struct mpr_drawing *drawing, size_t at, const void *with)
{
    const struct mpr_plot_column *column = &drawing->plot.column[at];
    const struct row *row = with;
    size_t height = mpr_plot_height(row->panel->level(column), row->panel->top, ROWS * EIGHTHS);
    size_t eighths = height > row->below ? height - row->below : 0;
    const char *glyph = drawing->text->glyphs->fill[eighths < EIGHTHS ? eighths : EIGHTHS];
    return (struct cell){glyph, band_of(&drawing->plot, column->function)};
}

static void draw_title(const struct mpr_drawing *drawing, const struct panel *panel)
{
    struct mpr_text *text = drawing->text;
    char top[MPR_NUMBER_MAX], peak[MPR_NUMBER_MAX];
    struct mpr_buf line;
    mpr_buf_init(&line);
    mpr_buf_printf(&line, "%s over time   %s", panel->title, text->view->size.label);
    mpr_text_size(text, panel->top, top);
    mpr_text_size(text, panel->peak == MPR_UNKNOWN ? panel->top : panel->peak, peak);
    if (panel->peak > panel->top && strcmp(top, peak) != 0)
        mpr_buf_printf(&line, "   (%s between two samples)", peak);
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, line.data, 0, 2, text->prose, text->options->unicode);
    mpr_buf_puts(text->out, "\n\n");
    mpr_text_done(text, &line);
}

/* The axis below a panel, with a tick for each figure of time, and one for each moment. */
static void draw_axis(const struct mpr_drawing *drawing)
{
    const struct mpr_plot *plot = &drawing->plot;
    const struct mpr_glyphs *glyphs = drawing->text->glyphs;
    uint64_t figure = 0;
    size_t next = 0;
    mpr_drawing_begin_line(drawing, "0", glyphs->corner);
    for (size_t i = 0; i < plot->count; i++) {
        bool ticked = figure < plot->span_ns && mpr_plot_at(plot, figure) == i;
        bool named = next < plot->moments && plot->moment[next].at == i;
        const char *usual = ticked ? glyphs->tick : glyphs->rule;
        mpr_buf_puts(drawing->text->out, named ? glyphs->moment : usual);
        figure += ticked ? plot->step_ns : 0;
        while (next < plot->moments && plot->moment[next].at <= i)
            next++;
    }
    mpr_buf_putc(drawing->text->out, '\n');
}

static void draw_panel(const struct mpr_drawing *drawing, const struct panel *panel)
{
    struct mpr_text *text = drawing->text;
    if (panel->top == MPR_UNKNOWN)
        return;
    draw_title(drawing, panel);
    for (size_t i = ROWS; i > 0; i--) {
        char label[MPR_NUMBER_MAX] = "";
        bool marked = i == ROWS || i == ROWS / 2;
        if (marked)
            mpr_text_size(text, i == ROWS ? panel->top : panel->top / 2, label);
        mpr_drawing_begin_line(drawing, label, marked ? text->glyphs->mark : text->glyphs->edge);
        draw_cells(drawing, cell_of_row, &(struct row){panel, (i - 1) * EIGHTHS});
    }
    draw_axis(drawing);
}

/* The figures below the last axis. */
static void draw_times(const struct mpr_drawing *drawing)
{
    const struct mpr_plot *plot = &drawing->plot;
    struct mpr_buf *out = drawing->text->out;
    size_t used = 0;
    mpr_drawing_begin_line(drawing, "", " ");
    for (uint64_t time = 0; time < plot->span_ns; time += plot->step_ns) {
        char figure[MPR_NUMBER_MAX + 8];
        size_t at = mpr_plot_at(plot, time);
        mpr_number_scaled(figure, time, &plot->time);
        strcat(strcat(figure, " "), plot->time.label);
        if (at < used || at + strlen(figure) > plot->count)
            break;
        mpr_buf_repeat(out, " ", at - used);
        mpr_buf_puts(out, figure);
        used = at + strlen(figure);
        if (time > UINT64_MAX - plot->step_ns)
            break;
    }
    mpr_drawing_end_line(out);
}

/* --- bands --- */

static struct cell cell_of_band(const struct mpr_drawing *drawing, size_t at, const void *with)
{
    const struct mpr_plot_band *band = with;
    const char *glyph = band->in[at] ? drawing->text->glyphs->band : " ";
    return (struct cell){glyph, (size_t)(band - drawing->plot.band)};
}

static void append_name(const struct mpr_drawing *drawing, size_t band, struct mpr_buf *out)
{
    const struct mpr_text *text = drawing->text;
    struct mpr_buf name;
    mpr_buf_init(&name);
    mpr_text_name(
        text, text->profile->functions[drawing->plot.band[band].function].qualname, &name);
    mpr_width_append(out, name.data, drawing->margin, text->options->unicode);
    mpr_text_done(text, &name);
}

static void draw_bands_title(const struct mpr_drawing *drawing)
{
    struct mpr_text *text = drawing->text;
    const struct mpr_profile_intervals *intervals = &text->view->process->intervals;
    struct mpr_buf title;
    mpr_buf_init(&title);
    mpr_buf_puts(&title, "When each function ran");
    if (intervals->left_out) {
        char count[MPR_NUMBER_MAX], least[MPR_NUMBER_MAX];
        mpr_number_count(count, intervals->left_out);
        mpr_number_duration(least, intervals->least_ns, text->options->unicode);
        mpr_buf_printf(
            &title, "   (of %s calls of %s or less only those that a sample met)", count, least);
    }
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, title.data, 0, 2, text->prose, text->options->unicode);
    mpr_buf_puts(text->out, "\n\n");
    mpr_text_done(text, &title);
}

static void draw_bands(const struct mpr_drawing *drawing)
{
    struct mpr_text *text = drawing->text;
    const struct mpr_plot *plot = &drawing->plot;
    struct mpr_buf name;
    if (plot->bands == 0)
        return;
    mpr_buf_init(&name);
    draw_bands_title(drawing);
    for (size_t i = 0; i < plot->bands; i++) {
        mpr_buf_clear(&name);
        append_name(drawing, i, &name);
        mpr_drawing_begin_line(drawing, name.data, " ");
        draw_cells(drawing, cell_of_band, &plot->band[i]);
    }
    if (plot->bands_left)
        mpr_buf_printf(text->out, "  and %zu more function%s\n", plot->bands_left,
            plot->bands_left == 1 ? "" : "s");
    mpr_text_done(text, &name);
}

/* --- all of it --- */

static size_t wider(size_t width, size_t other, size_t limit)
{
    other = other < limit ? other : limit;
    return other > width ? other : width;
}

/* Wide enough for each figure, and for names as long as they leave most to the picture. */
static size_t margin_of(const struct mpr_drawing *drawing, size_t width)
{
    const struct mpr_text *text = drawing->text;
    const int64_t tops[] = {drawing->plot.rss_top, drawing->plot.heap_top};
    size_t limit = width / 4 < MARGIN_MAX ? width / 4 : MARGIN_MAX;
    size_t margin = 1;
    struct mpr_buf name;
    mpr_buf_init(&name);
    for (size_t i = 0; i < 2; i++) {
        char figure[MPR_NUMBER_MAX] = "";
        if (tops[i] != MPR_UNKNOWN)
            mpr_text_size(text, tops[i], figure);
        margin = wider(margin, mpr_width(figure, true), SIZE_MAX);
    }
    for (size_t i = 0; i < drawing->plot.bands; i++) {
        mpr_buf_clear(&name);
        mpr_text_name(
            text, text->profile->functions[drawing->plot.band[i].function].qualname, &name);
        margin = wider(margin, mpr_width(name.data, true), limit);
    }
    mpr_text_done(text, &name);
    return margin;
}

static size_t columns_of(size_t width, size_t margin)
{
    return width > margin + 2 + COLUMNS_MIN ? width - margin - 2 : COLUMNS_MIN;
}

static void draw(struct mpr_drawing *drawing)
{
    const struct mpr_profile_process *process = drawing->text->view->process;
    const struct mpr_plot *plot = &drawing->plot;
    draw_panel(drawing, &(struct panel){"RSS", rss_of, plot->rss_top, process->rss_peak});
    draw_panel(drawing, &(struct panel){"Heap", heap_of, plot->heap_top, process->heap.all.peak});
    draw_times(drawing);
    mpr_drawing_moments(drawing);
    draw_bands(drawing);
}

void mpr_text_plot(struct mpr_text *text)
{
    size_t width = text->options->width ? text->options->width : UNLIMITED;
    struct mpr_drawing drawing = {.text = text};
    if (text->view->process->timeline.count == 0) {
        mpr_buf_puts(text->out, "\nNothing to plot: the program ended before the first sample.\n");
        return;
    }
    /* How wide the margin is depends on what is drawn, and the other way round. */
    int status = mpr_plot_new(text->view, width, COLOURS, APART, &drawing.plot);
    if (status == 0) {
        drawing.margin = margin_of(&drawing, width);
        mpr_plot_release(&drawing.plot);
        status = mpr_plot_new(
            text->view, columns_of(width, drawing.margin), COLOURS, APART, &drawing.plot);
    }
    if (status == 0) {
        draw(&drawing);
        mpr_plot_release(&drawing.plot);
    }
    text->out->failed |= status < 0;
}
