/* SPDX-License-Identifier: MIT */
/* The heap of the whole program: where it was highest and who held it, which lines allocate most,
 * and how resident memory comes about. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "width.h"

#define HOLDERS_MAX ((size_t)3)
#define SITE_PATH_MAX ((size_t)40)
/* Of a list's sum: a site below is not worth a line of a short list. */
#define FEW ((size_t)5)
#define LEAST_SHARE 0.005
#define NAME_LEAST ((size_t)16) /* columns of a call site; the detail before it gives way */

static void size_text(const struct mpr_text *text, int64_t value, char *out)
{
    uint64_t size = mpr_magnitude(value);
    if (mpr_number_vanishes(size, &text->size)) {
        strcpy(out, text->glyphs->dot);
        return;
    }
    strcpy(out, value < 0 ? text->glyphs->minus : "");
    mpr_number_scaled(out + strlen(out), size, &text->size);
}

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
    const struct mpr_profile_heap *heap = &text->profile->process[0].heap;
    char size[MPR_NUMBER_MAX];
    struct mpr_buf line;
    if (!heap->tracked)
        return;
    mpr_buf_init(&line);
    size_text(text, heap->all.peak, size);
    mpr_buf_printf(&line, "Heap peak %s%s%s", size, text->has_sizes ? "" : " ",
        text->has_sizes ? "" : text->size.label);
    if (heap->at.function < text->profile->function_count) {
        mpr_buf_puts(&line, " in ");
        row_name(text, &heap->at, &line);
    }
    for (size_t i = 0; i < heap->holder_count && i < HOLDERS_MAX; i++) {
        char share[MPR_NUMBER_MAX];
        mpr_text_share(text, heap->holders[i].live_at_peak, share);
        if (strcmp(share, text->glyphs->dot) == 0)
            break;
        mpr_buf_puts(&line, i ? ", " : ": ");
        row_name(text, &heap->holders[i], &line);
        mpr_buf_printf(&line, " %s", share);
    }
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, line.data, 0, 5, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
}

/* --- RSS explained --- */

static void term(const struct mpr_text *text, const char *sign, const char *name, int64_t value,
    struct mpr_buf *out)
{
    char size[MPR_NUMBER_MAX];
    if (mpr_number_vanishes(mpr_magnitude(value), &text->size) || value == 0)
        return;
    size_text(text, value < 0 ? -value : value, size);
    if (value < 0)
        sign = *sign == '+' ? text->glyphs->minus : "+";
    mpr_buf_printf(out, " %s %s %s", sign, name, size);
}

static void heap_term(const struct mpr_text *text, struct mpr_buf *out)
{
    const struct mpr_profile_reconciliation *r = &text->profile->process[0].heap.rss;
    char all[MPR_NUMBER_MAX], python[MPR_NUMBER_MAX], native[MPR_NUMBER_MAX];
    size_text(text, r->python + r->native, all);
    size_text(text, r->python, python);
    size_text(text, r->native, native);
    mpr_buf_printf(out, " = heap %s (python %s, native %s)", all, python, native);
}

void mpr_text_reconciliation(struct mpr_text *text)
{
    const struct mpr_profile_heap *heap = &text->profile->process[0].heap;
    const struct mpr_profile_reconciliation *r = &heap->rss;
    char size[MPR_NUMBER_MAX];
    struct mpr_buf line;
    if (!heap->tracked || !r->valid || text->options->top == 0)
        return;
    mpr_buf_init(&line);
    size_text(text, r->rss, size);
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

/* --- sites --- */

/* One of the three lists: what it sorts by, and what stands behind the size. */
struct list {
    const char *title;
    int64_t (*value)(const struct mpr_profile_site *site);
    bool with_startup;
    void (*detail)(const struct mpr_text *, const struct mpr_profile_site *, struct mpr_buf *);
};

static int64_t at_peak(const struct mpr_profile_site *site)
{
    return site->live_at_peak;
}

static int64_t at_end(const struct mpr_profile_site *site)
{
    return site->live_at_end;
}

static int64_t allocated(const struct mpr_profile_site *site)
{
    return site->allocated;
}

static void share_detail(
    const struct mpr_text *text, const struct mpr_profile_site *site, struct mpr_buf *out)
{
    char share[MPR_NUMBER_MAX];
    mpr_text_share(text, site->live_at_peak, share);
    mpr_buf_puts(out, share);
}

static void blocks(int64_t count, struct mpr_buf *out)
{
    char number[MPR_NUMBER_MAX];
    mpr_number_count(number, mpr_magnitude(count));
    mpr_buf_printf(out, "%s block%s", number, count == 1 ? "" : "s");
}

static void leak_detail(
    const struct mpr_text *text, const struct mpr_profile_site *site, struct mpr_buf *out)
{
    char time[MPR_NUMBER_MAX];
    blocks(site->blocks_at_end, out);
    if (site->birth_ns == MPR_UNKNOWN)
        return;
    mpr_number_duration(time, mpr_magnitude(site->birth_ns), text->options->unicode);
    mpr_buf_printf(out, " since %s", time);
}

static void count_detail(
    const struct mpr_text *text, const struct mpr_profile_site *site, struct mpr_buf *out)
{
    (void)text;
    blocks(site->allocations, out);
}

static const struct list lists[] = {
    {"Held at the heap's peak", at_peak, true, share_detail},
    {"Still live at the end", at_end, false, leak_detail},
    {"Most allocated", allocated, false, count_detail},
};

/* "load  shop/orders.py:21  native" in `limit` columns (0: none). What is too long loses the path's
 * folders first, and never the line. */
static void draw_name(struct mpr_text *text, const struct mpr_profile_site *site, size_t limit)
{
    struct mpr_buf name;
    char line[16] = "", tail[32];
    bool python = site->domain == MPR_DOMAIN_PYTHON;
    if (site->file)
        snprintf(line, sizeof line, ":%u", (unsigned)site->line);
    snprintf(tail, sizeof tail, "%s%s%s", line, python ? "" : "  ",
        python ? "" : mpr_domain_name(site->domain));
    limit = limit > strlen(tail) ? limit - strlen(tail) : limit;
    mpr_buf_init(&name);
    mpr_text_name(text, site->function, &name);
    mpr_buf_puts(&name, site->file ? "  " : site->package ? "  (package)" : "");
    if (site->file) {
        size_t used = mpr_width(name.data ? name.data : "", true);
        size_t room = limit == 0 ? SITE_PATH_MAX : limit > used ? limit - used : 0;
        mpr_text_path(text, site->file, room < SITE_PATH_MAX ? room : SITE_PATH_MAX, &name);
    }
    mpr_width_append(text->out, name.data ? name.data : "", limit, text->options->unicode);
    mpr_buf_puts(text->out, tail);
    mpr_text_done(text, &name);
}

/* Is the site one for the list: of that kind, `least` bytes or more, and not too small to show? */
static bool counts(const struct mpr_text *text, const struct list *list,
    const struct mpr_profile_site *site, int64_t least)
{
    int64_t value = list->value(site);
    return (list->with_startup || !site->before) && value > 0 && value >= least &&
           !mpr_number_vanishes((uint64_t)value, &text->size);
}

/* Indices of the sites with the largest values, largest first; at most `top`. */
static size_t choose(const struct mpr_text *text, const struct list *list, size_t *ret_order)
{
    const struct mpr_profile *profile = text->profile;
    size_t count = 0, top = text->options->top;
    double sum = 0;
    for (size_t i = 0; i < profile->site_count; i++)
        if (counts(text, list, &profile->sites[i], 0))
            sum += (double)list->value(&profile->sites[i]);
    int64_t least = top > FEW ? 0 : (int64_t)(sum * LEAST_SHARE);
    for (size_t i = 0; i < profile->site_count; i++) {
        int64_t value = list->value(&profile->sites[i]);
        if (!counts(text, list, &profile->sites[i], least))
            continue;
        size_t at = count < top ? count++ : top;
        while (at > 0 && list->value(&profile->sites[ret_order[at - 1]]) < value) {
            if (at < top)
                ret_order[at] = ret_order[at - 1];
            at--;
        }
        if (at < top)
            ret_order[at] = i;
    }
    return count;
}

/* How wide sizes and details are in a list. */
struct widths {
    size_t size;
    size_t detail;
};

static struct widths measure(const struct mpr_text *text, const struct list *list,
    const size_t *order, size_t count, struct mpr_buf *detail)
{
    struct widths widths = {6, 0};
    for (size_t i = 0; i < count; i++) {
        const struct mpr_profile_site *site = &text->profile->sites[order[i]];
        char size[MPR_NUMBER_MAX];
        size_text(text, list->value(site), size);
        mpr_buf_clear(detail);
        list->detail(text, site, detail);
        size_t width = mpr_width(size, true);
        widths.size = width > widths.size ? width : widths.size;
        width = mpr_width(detail->data ? detail->data : "", true);
        widths.detail = width > widths.detail ? width : widths.detail;
    }
    return widths;
}

static void pad_to(struct mpr_text *text, const char *cell, size_t width)
{
    size_t used = mpr_width(cell, true);
    mpr_buf_repeat(text->out, " ", width > used ? width - used : 0);
    mpr_buf_puts(text->out, cell);
}

/* widths.detail 0: without the detail. */
static void draw_site(struct mpr_text *text, const struct list *list,
    const struct mpr_profile_site *site, struct widths widths, size_t limit)
{
    char size[MPR_NUMBER_MAX];
    size_text(text, list->value(site), size);
    pad_to(text, size, widths.size + 2);
    if (widths.detail > 0) {
        struct mpr_buf detail;
        mpr_buf_init(&detail);
        list->detail(text, site, &detail);
        pad_to(text, detail.data ? detail.data : "", widths.detail + 2);
        mpr_text_done(text, &detail);
    }
    mpr_buf_puts(text->out, "  ");
    draw_name(text, site, limit);
    mpr_buf_putc(text->out, '\n');
}

static void draw_list(struct mpr_text *text, const struct list *list, size_t *order)
{
    size_t count = choose(text, list, order);
    struct mpr_buf part;
    mpr_buf_init(&part);
    if (count == 0) {
        mpr_buf_printf(&part, "%s: nothing of %s %s or more", list->title,
            mpr_text_half(&text->size), text->size.label);
        mpr_buf_putc(text->out, '\n');
        mpr_width_wrap(text->out, part.data, 0, 2, text->prose, text->options->unicode);
        mpr_buf_putc(text->out, '\n');
        mpr_text_done(text, &part);
        return;
    }
    struct widths widths = measure(text, list, order, count, &part);
    size_t width = text->options->width, used = widths.size + widths.detail + 6;
    bool detailed = width == 0 || width >= used + NAME_LEAST;
    if (!detailed)
        used = widths.size + 4;
    size_t limit = width == 0 ? 0 : width > used + NAME_LEAST ? width - used : NAME_LEAST;
    mpr_buf_printf(text->out, "\n%s   %s\n", list->title, text->size.label);
    for (size_t i = 0; i < count; i++)
        draw_site(text, list, &text->profile->sites[order[i]],
            (struct widths){widths.size, detailed ? widths.detail : 0}, limit);
    mpr_text_done(text, &part);
}

void mpr_text_sites(struct mpr_text *text)
{
    const struct mpr_profile *profile = text->profile;
    size_t count = profile->site_count, top = text->options->top;
    if (!profile->process[0].heap.tracked || top == 0 || count == 0)
        return;
    size_t *order = calloc(top < count ? top + 1 : count + 1, sizeof *order);
    if (!order) {
        text->out->failed = true;
        return;
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        draw_list(text, &lists[i], order);
    free(order);
}
