/* SPDX-License-Identifier: MIT */
/* The text report: head, tables, the whole program, notes, legend. Its parts stand in text_*.c;
 * this file only calls them in order. */
#include <string.h>

#include "formats.h"
#include "text.h"

#define WIDE ((size_t)100)
#define PROSE_MAX ((size_t)100)
#define RULE_MAX ((size_t)120)

static const struct mpr_glyphs unicode_glyphs = {
    .minus = "−",
    .dot = "·",
    .fold = "⋮",
    .ellipsis = "…",
    .rule = "─",
    .ended = "◀ ended here",
    .running = "◀ running",
    .bars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█", NULL},
    .fill = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
    .edge = "│",
    .mark = "┤",
    .corner = "┼",
    .tick = "┴",
    .band = "━",
    .moment = "▲",
};

static const struct mpr_glyphs ascii_glyphs = {
    .minus = "-",
    .dot = ".",
    .fold = ":",
    .ellipsis = "...",
    .rule = "-",
    .ended = "<- ended here",
    .running = "<- running",
    .bars = {".", ":", "-", "=", "+", "*", "#", "@", NULL},
    .fill = {" ", ".", ".", ".", ":", ":", ":", "#", "#"},
    .edge = "|",
    .mark = "+",
    .corner = "+",
    .tick = "+",
    .band = "=",
    .moment = "^",
};

const struct mpr_glyphs *mpr_text_glyphs(bool unicode)
{
    return unicode ? &unicode_glyphs : &ascii_glyphs;
}

void mpr_text_style(struct mpr_text *text, enum mpr_style style)
{
    static const char *const codes[] = {
        [MPR_STYLE_BOLD] = "\033[1m",
        [MPR_STYLE_DIM] = "\033[2m",
        [MPR_STYLE_RED] = "\033[31m",
        [MPR_STYLE_CYAN] = "\033[36m",
        [MPR_STYLE_GREEN] = "\033[32m",
        [MPR_STYLE_YELLOW] = "\033[33m",
        [MPR_STYLE_MAGENTA] = "\033[35m",
        [MPR_STYLE_BLUE] = "\033[34m",
    };
    if (text->options->color)
        mpr_buf_puts(text->out, codes[style]);
}

void mpr_text_plain(struct mpr_text *text)
{
    if (text->options->color)
        mpr_buf_puts(text->out, "\033[0m");
}

const char *mpr_text_open(const struct mpr_text *text)
{
    bool ended = text->view->process->end != MPR_END_NOT;
    return ended ? text->glyphs->ended : text->glyphs->running;
}

void mpr_text_done(const struct mpr_text *text, struct mpr_buf *part)
{
    text->out->failed |= part->failed;
    mpr_buf_release(part);
}

static void draw_tables(struct mpr_text *text)
{
    bool first = true;
    for (size_t i = 0; i < text->view->function_count; i++) {
        if (text->view->functions[i].listing != MPR_LISTING_TABLE)
            continue;
        mpr_text_function_head(text, text->view->functions[i].function, first);
        first = false;
        mpr_text_table(text, i);
    }
}

void mpr_text_init(struct mpr_text *text, const struct mpr_view *view,
    const struct mpr_report_options *options, struct mpr_buf *out)
{
    size_t width = options->width;
    *text = (struct mpr_text){
        .view = view,
        .profile = view->profile,
        .options = options,
        .out = out,
        .glyphs = mpr_text_glyphs(options->unicode),
    };
    mpr_view_plan(text->view, width, &text->plan);
    text->rule = width == 0 ? WIDE : width < RULE_MAX ? width : RULE_MAX;
    if (!text->plan.has_source && text->plan.columns < text->rule)
        text->rule = text->plan.columns;
    text->prose = width == 0 || width < PROSE_MAX ? width : PROSE_MAX;
}

static int render(const struct mpr_view *view, const struct mpr_report_options *options,
    struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_text text;
    (void)err;
    mpr_text_init(&text, view, options, &sink->out);
    if (text.profile->kind == MPR_PROFILE_TREE) {
        mpr_text_tree(&text);
        return 0;
    }
    mpr_text_head(&text);
    draw_tables(&text);
    mpr_text_cut(&text);
    mpr_text_quiet(&text);
    mpr_text_never(&text);
    mpr_text_heap_peak(&text);
    mpr_text_peak(&text);
    mpr_text_reconciliation(&text);
    if (options->plot)
        mpr_text_plot(&text);
    mpr_text_marks(&text);
    mpr_text_sites(&text);
    mpr_text_notes(&text);
    mpr_text_legend(&text);
    return 0;
}

/* Its head: "NAME: exit 0 in 2 s   CPython 3.11", or "NAME: killed by …"; where there is little
 * room on two lines. */
static bool begins(const char *head)
{
    const char *ended = strstr(head, ": exit ");
    if (!ended)
        ended = strstr(head, ": killed ");
    if (!ended)
        ended = strstr(head, ": still running ");
    const char *python = ended ? strstr(ended, "CPython 3.") : NULL;
    if (!python || strcspn(head, "\n#\"'()") < (size_t)(ended - head))
        return false;
    bool next_line = python[-1] == '\n';
    bool same_line = mpr_has_prefix(python - 3, "   ");
    return (next_line || same_line) && strcspn(ended, "\n") + next_line >= (size_t)(python - ended);
}

static const char *const endings[] = {".txt", NULL};

const struct mpr_format mpr_format_text = {
    .name = "text",
    .endings = endings,
    .summary = "the source with its numbers, for reading",
    .trees = true,
    .begins = begins,
    .render = render,
    .compare = mpr_compare_text,
};
