/* SPDX-License-Identifier: MIT */
/* Functions without a table, and the lines that allocate most, in Markdown. */
#include "markdown.h"

#define NAMED_MAX ((size_t)20) /* of a kind; the others are counted */

static void put_function(
    const struct mpr_markdown *markdown, const struct mpr_profile_function *function)
{
    mpr_markdown_name(markdown, function->qualname, false);
    mpr_buf_puts(markdown->out, " (");
    mpr_markdown_place(markdown, function->file, function->first_line, false);
    mpr_buf_putc(markdown->out, ')');
}

static void put_listed(
    const struct mpr_markdown *markdown, enum mpr_listing listing, const char *title)
{
    const struct mpr_view *view = markdown->figures.view;
    size_t named = 0;
    if (view->listed[listing] == 0)
        return;
    mpr_buf_printf(markdown->out, "\n%s: ", title);
    for (size_t i = 0; i < view->function_count && named < NAMED_MAX; i++) {
        if (view->functions[i].listing != listing)
            continue;
        mpr_buf_puts(markdown->out, named++ ? ", " : "");
        put_function(markdown, view->functions[i].function);
    }
    if (view->listed[listing] > named) {
        char more[MPR_NUMBER_MAX];
        mpr_number_count(more, view->listed[listing] - named);
        mpr_buf_printf(markdown->out, " and %s more", more);
    }
    mpr_buf_putc(markdown->out, '\n');
}

void mpr_markdown_functions(const struct mpr_markdown *markdown)
{
    put_listed(markdown, MPR_LISTING_CUT, "With smaller changes");
    put_listed(markdown, MPR_LISTING_QUIET, "Without a change that shows");
    put_listed(markdown, MPR_LISTING_NEVER, "Matched, never called");
}

static void put_where(const struct mpr_markdown *markdown, const struct mpr_profile_site *site)
{
    mpr_markdown_name(markdown, site->function, true);
    if (site->file) {
        mpr_buf_putc(markdown->out, ' ');
        mpr_markdown_place(markdown, site->file, site->line, true);
    } else if (site->package) {
        mpr_buf_puts(markdown->out, " (package)");
    }
    if (site->domain != MPR_DOMAIN_PYTHON)
        mpr_buf_printf(markdown->out, " %s", mpr_domain_name(site->domain));
}

static void put_site(
    const struct mpr_markdown *markdown, enum mpr_top top, const struct mpr_profile_site *site)
{
    const struct mpr_text *figures = &markdown->figures;
    char size[MPR_NUMBER_MAX];
    mpr_text_size(figures, mpr_top_value(top, site), size);
    mpr_buf_printf(markdown->out, "| %s | ", size);
    mpr_text_site_detail(figures, top, site, markdown->out);
    mpr_buf_puts(markdown->out, " | ");
    put_where(markdown, site);
    mpr_buf_puts(markdown->out, " |\n");
}

static void put_top(const struct mpr_markdown *markdown, enum mpr_top top)
{
    const struct mpr_view *view = markdown->figures.view;
    const struct mpr_view_top *list = &view->top[top];
    mpr_buf_printf(markdown->out, "\n**%s**", mpr_text_site_title(top));
    if (list->count == 0) {
        mpr_buf_printf(markdown->out, ": nothing of %s %s or more\n", mpr_number_half(&view->size),
            view->size.label);
        return;
    }
    mpr_buf_printf(markdown->out, "\n\n| %s | | |\n| --: | --: | :-- |\n", view->size.label);
    for (size_t i = 0; i < list->count; i++)
        put_site(markdown, top, list->site[i]);
}

void mpr_markdown_sites(const struct mpr_markdown *markdown)
{
    const struct mpr_view *view = markdown->figures.view;
    if (view->heap_off || view->top_wanted == 0 || view->site_count == 0)
        return;
    for (size_t top = 0; top < MPR_TOPS; top++)
        put_top(markdown, (enum mpr_top)top);
}
