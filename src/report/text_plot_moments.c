/* SPDX-License-Identifier: MIT */
/* The moments that the program has named, below the axis of a drawn timeline: each name at its
 * tick, on the first of a few lines that has room for it. */
#include <stdlib.h>
#include <string.h>

#include "text_plot.h"
#include "width.h"

#define LINES 4
#define NAME_WIDTH ((size_t)24) /* at most */
#define GAP ((size_t)2)

/* A name with its tick; where the right edge is near, it stands left of that. */
struct label {
    struct mpr_buf text;
    size_t from, width;
};

static void make_label(
    const struct mpr_drawing *drawing, const struct mpr_plot_moment *moment, struct label *ret)
{
    const struct mpr_text *text = drawing->text;
    struct mpr_buf name;
    mpr_buf_init(&name);
    mpr_buf_init(&ret->text);
    size_t columns = drawing->plot.count;
    size_t half = columns / 2 > 3 ? columns / 2 - 2 : 1;
    size_t limit = half < NAME_WIDTH ? half : NAME_WIDTH;
    size_t width = mpr_width_append(&name, moment->mark->name, limit, text->options->unicode) + 2;
    bool behind = moment->at + width <= columns || moment->at + 1 < width;
    const char *tick = text->glyphs->moment, *shown = name.data ? name.data : "";
    mpr_buf_printf(&ret->text, "%s %s", behind ? tick : shown, behind ? shown : tick);
    ret->from = behind ? moment->at : moment->at + 1 - width;
    ret->width = width;
    mpr_text_done(text, &name);
}

/* Those of the waiting moments that there is room for; they wait no more. */
static void draw_line(const struct mpr_drawing *drawing, bool *drawn)
{
    const struct mpr_plot *plot = &drawing->plot;
    struct mpr_buf *out = drawing->text->out;
    size_t used = 0, gap = 0;
    mpr_drawing_begin_line(drawing, "", " ");
    for (size_t i = 0; i < plot->moments && used < plot->count; i++) {
        struct label label;
        if (drawn[i] || plot->moment[i].at < used + gap)
            continue;
        make_label(drawing, &plot->moment[i], &label);
        if (label.from >= used + gap && label.text.data) {
            mpr_buf_repeat(out, " ", label.from - used);
            mpr_buf_puts(out, label.text.data);
            used = label.from + label.width;
            gap = GAP;
            drawn[i] = true;
        }
        mpr_text_done(drawing->text, &label.text);
    }
    mpr_drawing_end_line(out);
}

static size_t count_waiting(const struct mpr_plot *plot, const bool *drawn)
{
    size_t count = 0;
    for (size_t i = 0; i < plot->moments; i++)
        count += !drawn[i];
    return count;
}

void mpr_drawing_moments(const struct mpr_drawing *drawing)
{
    const struct mpr_plot *plot = &drawing->plot;
    struct mpr_buf *out = drawing->text->out;
    bool *drawn = calloc(plot->moments + 1, sizeof *drawn);
    size_t waiting = drawn ? plot->moments : 0, before = waiting + 1;
    for (size_t i = 0; i < LINES && waiting && waiting < before; i++) {
        draw_line(drawing, drawn);
        before = waiting;
        waiting = count_waiting(plot, drawn);
    }
    if (waiting)
        mpr_buf_printf(out, "  and %zu more mark%s\n", waiting, waiting == 1 ? "" : "s");
    out->failed |= !drawn;
    free(drawn);
}
