/* SPDX-License-Identifier: MIT */
/* What the program has named: a line a mark, and a small table of sections. */
#include <string.h>

#include "text.h"
#include "width.h"

#define CELLS 6                  /* at most */
#define MARKS_SHOWN ((size_t)20) /* the first half of them and the last, where there are more */
#define NAME_LEAST ((size_t)16)

struct line {
    char cell[CELLS][MPR_NUMBER_MAX];
    const char *name;
};

struct table {
    const char *title;
    const char *const *head; /* of the cells */
    size_t cells;
    size_t count; /* lines */
    void (*fill)(const struct mpr_text *text, size_t number, struct line *line);
    size_t width[CELLS];
};

/* --- cells --- */

static void size_cell(const struct mpr_text *text, int64_t value, bool is_change, char *out)
{
    out[0] = '\0';
    if (value == MPR_UNKNOWN || (is_change && value == 0))
        return;
    mpr_text_size(text, value, out + (is_change && value > 0));
    if (!is_change || value < 0)
        return;
    if (strcmp(out + 1, text->glyphs->dot) == 0)
        strcpy(out, text->glyphs->dot);
    else
        out[0] = '+';
}

static void time_cell(const struct mpr_text *text, uint64_t ns, char *out)
{
    mpr_number_duration(out, ns, text->options->unicode);
}

static void fill_mark(const struct mpr_text *text, size_t number, struct line *line)
{
    size_t count = text->profile->mark_count;
    if (count > MARKS_SHOWN && number >= MARKS_SHOWN / 2)
        number += count - MARKS_SHOWN;
    const struct mpr_profile_mark *mark = &text->profile->marks[number];
    time_cell(text, mark->t_ns, line->cell[0]);
    size_cell(text, mark->heap, false, line->cell[1]);
    size_cell(text, mark->heap_peak, false, line->cell[2]);
    size_cell(text, mark->rss, false, line->cell[3]);
    size_cell(text, mark->rss_peak, false, line->cell[4]);
    line->name = mark->name;
}

static void fill_section(const struct mpr_text *text, size_t number, struct line *line)
{
    const struct mpr_profile_section *section = &text->profile->sections[number];
    mpr_number_count(line->cell[0], section->calls);
    time_cell(text, mpr_magnitude(section->time_ns), line->cell[1]);
    size_cell(text, section->heap_delta, true, line->cell[2]);
    size_cell(text, section->rss_delta, true, line->cell[3]);
    size_cell(text, section->spike == 0 ? MPR_UNKNOWN : section->spike, false, line->cell[4]);
    size_cell(
        text, section->live_at_end == 0 ? MPR_UNKNOWN : section->live_at_end, false, line->cell[5]);
    line->name = section->name;
}

/* --- tables --- */

static void measure(const struct mpr_text *text, struct table *table)
{
    for (size_t i = 0; i < table->cells; i++)
        table->width[i] = mpr_width(table->head[i], true);
    for (size_t number = 0; number < table->count; number++) {
        struct line line;
        table->fill(text, number, &line);
        for (size_t i = 0; i < table->cells; i++) {
            size_t width = mpr_width(line.cell[i], true);
            table->width[i] = width > table->width[i] ? width : table->width[i];
        }
    }
}

static void draw_cell(struct mpr_text *text, const char *cell, size_t width)
{
    size_t used = mpr_width(cell, true);
    mpr_buf_repeat(text->out, " ", 2 + (width > used ? width - used : 0));
    mpr_buf_puts(text->out, cell);
}

static void draw_line(struct mpr_text *text, const struct table *table, const struct line *line)
{
    size_t used = 2, width = text->options->width;
    for (size_t i = 0; i < table->cells; i++) {
        draw_cell(text, line->cell[i], table->width[i]);
        used += table->width[i] + 2;
    }
    size_t limit = width == 0 ? 0 : width > used + NAME_LEAST ? width - used : NAME_LEAST;
    mpr_buf_puts(text->out, "  ");
    mpr_width_append(text->out, line->name, limit, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
}

static void draw(struct mpr_text *text, struct table *table)
{
    if (table->count == 0)
        return;
    measure(text, table);
    mpr_buf_printf(text->out, "\n%s   %s\n", table->title, text->view->size.label);
    for (size_t i = 0; i < table->cells; i++)
        draw_cell(text, table->head[i], table->width[i]);
    mpr_buf_putc(text->out, '\n');
    for (size_t number = 0; number < table->count; number++) {
        struct line line;
        table->fill(text, number, &line);
        draw_line(text, table, &line);
    }
}

void mpr_text_marks(struct mpr_text *text)
{
    static const char *const mark_head[] = {"Time", "Heap", "Peak", "RSS", "Peak"};
    static const char *const section_head[] = {"Calls", "Time", "+Heap", "+RSS", "Spike", "At end"};
    size_t marks = text->profile->mark_count;
    struct table table = {.title = "Marks",
        .head = mark_head,
        .cells = sizeof mark_head / sizeof *mark_head,
        .count = marks < MARKS_SHOWN ? marks : MARKS_SHOWN,
        .fill = fill_mark};
    draw(text, &table);
    if (marks > MARKS_SHOWN) {
        char number[MPR_NUMBER_MAX];
        mpr_number_count(number, marks - MARKS_SHOWN);
        mpr_buf_printf(text->out, "  (%s between them are left out; JSON has all)\n", number);
    }
    table = (struct table){.title = "Sections",
        .head = section_head,
        .cells = sizeof section_head / sizeof *section_head,
        .count = text->profile->section_count,
        .fill = fill_section};
    draw(text, &table);
}
