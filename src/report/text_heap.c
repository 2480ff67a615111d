/* SPDX-License-Identifier: MIT */
/* The heap of the whole program: where it was highest and who held it, and how resident memory
 * comes about. */
#include "text.h"
#include "width.h"

/* "line 8", or "line 8 of load" where there are several functions. */
static void row_name(
    const struct mpr_text *text, const struct mpr_profile_holder *holder, struct mpr_buf *out)
{
    const struct mpr_profile *profile = text->profile;
    if (holder->function >= profile->function_count) {
        mpr_buf_puts(out, holder->name ? holder->name : "");
        return;
    }
    mpr_buf_printf(out, "line %u", (unsigned)holder->line);
    if (profile->function_count > 1) {
        mpr_buf_puts(out, " of ");
        mpr_text_name(text, profile->functions[holder->function].qualname, out);
    }
}

void mpr_text_heap_peak(struct mpr_text *text)
{
    const struct mpr_profile_heap *heap = &text->view->process->heap;
    char size[MPR_NUMBER_MAX];
    struct mpr_buf line;
    if (!heap->tracked)
        return;
    mpr_buf_init(&line);
    mpr_text_size(text, heap->all.peak, size);
    mpr_buf_printf(&line, "Heap peak %s%s%s", size, text->plan.has_sizes ? "" : " ",
        text->plan.has_sizes ? "" : text->view->size.label);
    if (heap->at.function < text->profile->function_count) {
        mpr_buf_puts(&line, " in ");
        row_name(text, &heap->at, &line);
    }
    size_t holders = mpr_view_holders(text->view);
    for (size_t i = 0; i < holders; i++) {
        struct mpr_figure part = mpr_view_share(text->view, heap->holders[i].live_at_peak);
        char share[MPR_NUMBER_MAX];
        mpr_text_figure(text, &part, share);
        mpr_buf_puts(&line, i ? ", " : ": ");
        row_name(text, &heap->holders[i], &line);
        mpr_buf_printf(&line, " %s", share);
    }
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, line.data, 0, 5, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
}

static void term(const struct mpr_text *text, const char *sign, const char *name, int64_t value,
    struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    if (mpr_number_vanishes(mpr_magnitude(value), &text->view->size) || value == 0)
        return;
    mpr_text_size(text, value < 0 ? -value : value, size);
    if (value < 0)
        sign = *sign == '+' ? text->glyphs->minus : "+";
    mpr_buf_printf(out, " %s %s %s", sign, name, size);
}

static void heap_term(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_reconciliation *r = &text->view->process->heap.rss;
    char all[MPR_NUMBER_MAX], python[MPR_NUMBER_MAX], native[MPR_NUMBER_MAX];
    mpr_text_size(text, r->python + r->native, all);
    mpr_text_size(text, r->python, python);
    mpr_text_size(text, r->native, native);
    mpr_buf_printf(out, " = heap %s (python %s, native %s)", all, python, native);
}

void mpr_text_reconciliation(struct mpr_text *text)
{
    const struct mpr_profile_heap *heap = &text->view->process->heap;
    const struct mpr_profile_reconciliation *r = &heap->rss;
    char size[MPR_NUMBER_MAX];
    struct mpr_buf line;
    if (!heap->tracked || !r->valid || text->view->top_wanted == 0)
        return;
    mpr_buf_init(&line);
    mpr_text_size(text, r->rss, size);
    mpr_buf_printf(&line, "RSS  %s", size);
    heap_term(text, &line);
    term(text, text->glyphs->minus, "untouched", r->untouched, &line);
    term(text, "+", "interpreter", r->interpreter, &line);
    term(text, "+", "mapped files", r->files, &line);
    term(text, "+", "shared", r->shared, &line);
    term(text, "+", "allocator slack", r->slack_python + r->slack_malloc, &line);
    term(text, "+", "unexplained", heap->unexplained, &line);
    mpr_width_wrap(text->out, line.data, 0, 5, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
}
