/* SPDX-License-Identifier: MIT */
/* Notes and legend. */
#include <string.h>

#include "text.h"
#include "width.h"

void mpr_text_notes(struct mpr_text *text)
{
    const struct mpr_profile *profile = text->profile;
    if (profile->note_count)
        mpr_buf_putc(text->out, '\n');
    for (size_t i = 0; i < profile->note_count; i++) {
        mpr_buf_puts(text->out, "Note: ");
        mpr_width_wrap(text->out, profile->notes[i], 6, 2, text->prose, text->options->unicode);
        mpr_buf_putc(text->out, '\n');
    }
}

static void symbols(const struct mpr_text *text, struct mpr_buf *out)
{
    bool dots = text->plan.has_times || (text->plan.has_sizes && text->view->size.divisor > 1);
    const struct mpr_scale *scale = text->plan.has_sizes ? &text->view->size : &text->view->time;
    bool mixed = text->plan.has_sizes && text->plan.has_times &&
                 text->view->time.decimals != text->view->size.decimals;
    if (dots)
        mpr_buf_printf(out, "%s  %s%s, ", text->glyphs->dot, mixed ? "too small to show" : "under ",
            mixed ? "" : mpr_number_half(scale));
    if (!text->view->rss_off && text->view->process->rss_resolution > 4096) {
        char size[MPR_NUMBER_MAX];
        mpr_number_size(size, mpr_magnitude(text->view->process->rss_resolution));
        mpr_buf_printf(out, "~  under %s, ", size);
    }
    mpr_buf_puts(out, "blank  nothing.");
}

/* What a column means. The change is explained by the level before it, if that is there. */
static const char *meaning(const struct mpr_text *text, const struct mpr_column *column)
{
    if (!column->legend_alone)
        return column->legend;
    for (size_t i = 0; i < text->plan.count && text->plan.shown[i].column != column; i++) {
        if (text->plan.shown[i].column->cell == MPR_CELL_LEVEL)
            return column->legend;
    }
    return column->legend_alone;
}

void mpr_text_legend(struct mpr_text *text)
{
    struct mpr_buf legend;
    if (!text->options->legend || text->view->listed[MPR_LISTING_TABLE] == 0)
        return;
    mpr_buf_init(&legend);
    for (size_t i = 0; i < text->plan.count; i++) {
        const char *words = meaning(text, text->plan.shown[i].column);
        if (words)
            mpr_buf_printf(&legend, "%s ", words);
    }
    symbols(text, &legend);
    mpr_buf_puts(&legend, " More: mprun help columns");
    mpr_buf_putc(text->out, '\n');
    mpr_text_style(text, MPR_STYLE_DIM);
    mpr_width_wrap(text->out, legend.data, 0, 0, text->prose, text->options->unicode);
    mpr_text_plain(text);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &legend);
}
