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
    static const char *const halves[] = {"under 0.5", "under 0.05", "under 0.005"};
    bool dots = text->has_times || (text->has_sizes && text->size.divisor > 1);
    unsigned decimals = text->has_sizes ? text->size.decimals : text->time.decimals;
    bool mixed = text->has_sizes && text->has_times && text->time.decimals != decimals;
    if (dots)
        mpr_buf_printf(
            out, "%s  %s, ", text->glyphs->dot, mixed ? "too small to show" : halves[decimals]);
    if (!text->rss_off && text->profile->rss_resolution > 4096) {
        char size[MPR_NUMBER_MAX];
        mpr_number_size(size, mpr_magnitude(text->profile->rss_resolution));
        mpr_buf_printf(out, "~  under %s, ", size);
    }
    mpr_buf_puts(out, "blank  nothing.");
}

void mpr_text_legend(struct mpr_text *text)
{
    struct mpr_buf legend;
    if (!text->options->legend || text->tables == 0)
        return;
    mpr_buf_init(&legend);
    for (size_t i = 0; i < text->shown_count; i++) {
        if (text->shown[i].column->legend)
            mpr_buf_printf(&legend, "%s ", text->shown[i].column->legend);
    }
    symbols(text, &legend);
    mpr_buf_putc(text->out, '\n');
    mpr_text_style(text, MPR_STYLE_DIM);
    mpr_width_wrap(text->out, legend.data, 0, 0, text->prose, text->options->unicode);
    mpr_text_plain(text);
    mpr_buf_putc(text->out, '\n');
    mpr_buf_release(&legend);
}
