/* SPDX-License-Identifier: MIT */
/* The text report: head, tables, the whole program, notes, legend. Its parts stand in text_*.c;
 * this file only calls them in order. */
#include "text.h"

#include <stdlib.h>

#include "render.h"

static const struct mpr_glyphs unicode_glyphs = {
    .minus = "−",
    .dot = "·",
    .fold = "⋮",
    .ellipsis = "…",
    .rule = "─",
    .ended = "◀ ended here",
    .bars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█", NULL},
};

static const struct mpr_glyphs ascii_glyphs = {
    .minus = "-",
    .dot = ".",
    .fold = ":",
    .ellipsis = "...",
    .rule = "-",
    .ended = "<- ended here",
    .bars = {".", ":", "-", "=", "+", "*", "#", "@", NULL},
};

void mpr_text_style(struct mpr_text *text, enum mpr_style style)
{
    static const char *const codes[] = {
        [MPR_STYLE_BOLD] = "\033[1m",
        [MPR_STYLE_DIM] = "\033[2m",
        [MPR_STYLE_RED] = "\033[31m",
    };
    if (text->options->color)
        mpr_buf_puts(text->out, codes[style]);
}

void mpr_text_plain(struct mpr_text *text)
{
    if (text->options->color)
        mpr_buf_puts(text->out, "\033[0m");
}

void mpr_text_done(const struct mpr_text *text, struct mpr_buf *part)
{
    text->out->failed |= part->failed;
    mpr_buf_release(part);
}

static void draw_tables(struct mpr_text *text)
{
    bool first = true;
    for (size_t i = 0; i < text->profile->function_count; i++) {
        if (text->listing[i] != MPR_LISTING_TABLE)
            continue;
        mpr_text_function_head(text, i, first);
        first = false;
        mpr_text_table(text, i);
    }
}

int mpr_render_text(const struct mpr_profile *profile, const struct mpr_report_options *options,
    struct mpr_buf *out, struct mpr_error *err)
{
    struct mpr_text text = {
        .profile = profile,
        .options = options,
        .out = out,
        .glyphs = options->unicode ? &unicode_glyphs : &ascii_glyphs,
        .rss_off = profile->process[0].rss_resolution == MPR_UNKNOWN,
        .heap_off = !profile->process[0].heap.tracked,
    };
    bool drawn = mpr_text_plan(&text);
    int status = drawn ? mpr_text_layout(&text, err) : 0;
    if (drawn && status == 0) {
        mpr_text_head(&text);
        draw_tables(&text);
        mpr_text_cut(&text);
        mpr_text_quiet(&text);
        mpr_text_never(&text);
        mpr_text_heap_peak(&text);
        mpr_text_peak(&text);
        mpr_text_reconciliation(&text);
        mpr_text_sites(&text);
        mpr_text_notes(&text);
        mpr_text_legend(&text);
    }
    mpr_text_plan_release(&text);
    if (status == 0 && (!drawn || out->failed))
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory while writing the report");
    return status;
}
