/* SPDX-License-Identifier: MIT */
/* The lines that allocate most: three lists. */
#include <stdio.h>
#include <string.h>

#include "text.h"
#include "width.h"

#define SITE_PATH_MAX ((size_t)40)
#define NAME_LEAST ((size_t)16) /* columns of a call site; the detail before it gives way */

/* What stands above a list, and behind each size in it. */
struct list {
    const char *title;
    void (*detail)(const struct mpr_text *, const struct mpr_profile_site *, struct mpr_buf *);
};

static void share_detail(
    const struct mpr_text *text, const struct mpr_profile_site *site, struct mpr_buf *out)
{
    struct mpr_figure figure = mpr_view_share(text->view, site->live_at_peak);
    char share[MPR_NUMBER_MAX];
    mpr_text_figure(text, &figure, share);
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

static const struct list lists[MPR_TOPS] = {
    [MPR_TOP_PEAK] = {"Held at the heap's peak", share_detail},
    [MPR_TOP_END] = {"Still live at the end", leak_detail},
    [MPR_TOP_ALLOCATED] = {"Most allocated", count_detail},
};

const char *mpr_text_site_title(enum mpr_top top)
{
    return lists[top].title;
}

void mpr_text_site_detail(const struct mpr_text *text, enum mpr_top top,
    const struct mpr_profile_site *site, struct mpr_buf *out)
{
    lists[top].detail(text, site, out);
}

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

/* How wide sizes and details are in a list. */
struct widths {
    size_t size;
    size_t detail;
};

static struct widths measure(const struct mpr_text *text, enum mpr_top top, struct mpr_buf *detail)
{
    const struct mpr_view_top *list = &text->view->top[top];
    struct widths widths = {6, 0};
    for (size_t i = 0; i < list->count; i++) {
        char size[MPR_NUMBER_MAX];
        mpr_text_size(text, mpr_top_value(top, list->site[i]), size);
        mpr_buf_clear(detail);
        lists[top].detail(text, list->site[i], detail);
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
static void draw_site(struct mpr_text *text, enum mpr_top top, const struct mpr_profile_site *site,
    struct widths widths, size_t limit)
{
    char size[MPR_NUMBER_MAX];
    mpr_text_size(text, mpr_top_value(top, site), size);
    pad_to(text, size, widths.size + 2);
    if (widths.detail > 0) {
        struct mpr_buf detail;
        mpr_buf_init(&detail);
        lists[top].detail(text, site, &detail);
        pad_to(text, detail.data ? detail.data : "", widths.detail + 2);
        mpr_text_done(text, &detail);
    }
    mpr_buf_puts(text->out, "  ");
    draw_name(text, site, limit);
    mpr_buf_putc(text->out, '\n');
}

static void draw_empty(struct mpr_text *text, enum mpr_top top)
{
    struct mpr_buf line;
    mpr_buf_init(&line);
    mpr_buf_printf(&line, "%s: nothing of %s %s or more", lists[top].title,
        mpr_number_half(&text->view->size), text->view->size.label);
    mpr_buf_putc(text->out, '\n');
    mpr_width_wrap(text->out, line.data, 0, 2, text->prose, text->options->unicode);
    mpr_buf_putc(text->out, '\n');
    mpr_text_done(text, &line);
}

static void draw_list(struct mpr_text *text, enum mpr_top top)
{
    const struct mpr_view_top *list = &text->view->top[top];
    struct mpr_buf part;
    mpr_buf_init(&part);
    struct widths widths = measure(text, top, &part);
    size_t width = text->options->width, used = widths.size + widths.detail + 6;
    if (width && width < used + NAME_LEAST) {
        widths.detail = 0;
        used = widths.size + 4;
    }
    size_t limit = width == 0 ? 0 : width > used + NAME_LEAST ? width - used : NAME_LEAST;
    mpr_buf_printf(text->out, "\n%s   %s\n", lists[top].title, text->view->size.label);
    for (size_t i = 0; i < list->count; i++)
        draw_site(text, top, list->site[i], widths, limit);
    mpr_text_done(text, &part);
}

void mpr_text_sites(struct mpr_text *text)
{
    const struct mpr_view *view = text->view;
    if (view->heap_off || view->top_wanted == 0 || view->site_count == 0)
        return;
    for (size_t top = 0; top < MPR_TOPS; top++) {
        if (view->top[top].count)
            draw_list(text, (enum mpr_top)top);
        else
            draw_empty(text, (enum mpr_top)top);
    }
}
