/* SPDX-License-Identifier: MIT */
/* A comparison in Markdown, for a review: the whole run, a table for each function that changed,
 * the others by their names, the sites that changed most. */
#include <string.h>

#include "compare_text.h"
#include "formats.h"
#include "markdown.h"

#define NAMED_MAX ((size_t)20) /* of a kind; the others are counted */

struct page {
    struct mpr_diff diff;
    struct mpr_markdown markdown[MPR_SIDES]; /* that of a side shows its paths */
    struct mpr_buf *out;
};

static const struct mpr_markdown *later(const struct page *page)
{
    return &page->markdown[MPR_AFTER];
}

static void put_amount(struct page *page, enum mpr_cell cell, int64_t value, bool change)
{
    char text[2 * MPR_NUMBER_MAX] = "";
    if (change && value != 0 && value != MPR_UNKNOWN)
        strcpy(text, value > 0 ? "+" : "");
    if (!change || (value != 0 && value != MPR_UNKNOWN))
        mpr_diff_amount(mpr_diff_text(&page->diff), cell, value, text + strlen(text));
    mpr_buf_printf(page->out, " %s |", text);
}

static void put_totals(struct page *page)
{
    const struct mpr_comparison *comparison = page->diff.comparison;
    mpr_buf_puts(page->out, "\n| | before | after | change |\n| :-- | --: | --: | --: |\n");
    for (size_t i = 0; i < MPR_COMPARED_TOTALS; i++) {
        const struct mpr_compared_total *total = &comparison->total[i];
        int64_t before = total->value[MPR_BEFORE], after = total->value[MPR_AFTER];
        if (before == MPR_UNKNOWN && after == MPR_UNKNOWN)
            continue;
        mpr_buf_printf(page->out, "| %s |", total->words);
        put_amount(page, total->cell, before, false);
        put_amount(page, total->cell, after, false);
        put_amount(page, total->cell, mpr_change(before, after), true);
        mpr_buf_putc(page->out, '\n');
    }
}

/* "`load` → `read` (`orders.py:4` → `orders.py:12`)" */
static void put_function(struct page *page, const struct mpr_compared_function *function)
{
    const char *arrow = mpr_diff_arrow(&page->diff);
    const struct mpr_profile_function *was = function->function[MPR_BEFORE];
    const struct mpr_profile_function *is = function->function[MPR_AFTER];
    if (was && (!is || function->renamed))
        mpr_markdown_name(later(page), was->qualname, false);
    mpr_buf_printf(page->out, "%s%s", was && is && function->renamed ? " " : "",
        was && is && function->renamed ? arrow : "");
    mpr_buf_puts(page->out, was && is && function->renamed ? " " : "");
    if (is)
        mpr_markdown_name(later(page), is->qualname, false);
    mpr_buf_puts(page->out, " (");
    if (was && (!is || function->moved))
        mpr_markdown_place(&page->markdown[MPR_BEFORE], was->file, was->first_line, false);
    if (was && is && function->moved)
        mpr_buf_printf(page->out, " %s ", arrow);
    if (is)
        mpr_markdown_place(later(page), is->file, is->first_line, false);
    mpr_buf_putc(page->out, ')');
}

static void put_row(struct page *page, const struct mpr_compared_row *row)
{
    static const char *const marks[MPR_FATES] = {[MPR_FATE_NEW] = "new", [MPR_FATE_GONE] = "gone"};
    enum mpr_side side = row->row[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    for (size_t i = 0; i < MPR_SIDES; i++)
        if (row->row[i])
            mpr_buf_printf(page->out, "| %u ", (unsigned)row->row[i]->line);
        else
            mpr_buf_puts(page->out, "| ");
    mpr_buf_puts(page->out, "|");
    for (size_t i = 0; i < page->diff.plan.count; i++) {
        struct mpr_figure figure =
            mpr_compared_figure(page->diff.comparison, page->diff.plan.shown[i].column, row);
        char cell[MPR_NUMBER_MAX + 4];
        mpr_text_figure(mpr_diff_text(&page->diff), &figure, cell);
        mpr_buf_printf(page->out, " %s |", cell);
    }
    const char *mark = marks[row->fate] ? marks[row->fate] : row->edited ? "edited" : "";
    mpr_buf_printf(page->out, " %s | ", mark);
    const struct mpr_profile_row *shown = row->row[side];
    if (shown && shown->source)
        mpr_markdown_code(later(page), shown->source, true);
    mpr_buf_puts(page->out, " |\n");
}

static void put_table(struct page *page, const struct mpr_compared_function *function)
{
    mpr_buf_puts(page->out, "\n### ");
    put_function(page, function);
    if (function->fate == MPR_FATE_NEW || function->fate == MPR_FATE_GONE)
        mpr_buf_printf(page->out, ", %s", mpr_fate_name(function->fate));
    mpr_buf_puts(page->out, "\n\n| Was | Line |");
    for (size_t i = 0; i < page->diff.plan.count; i++)
        mpr_buf_printf(page->out, " %s |", page->diff.plan.shown[i].column->header);
    mpr_buf_puts(page->out, " | Source |\n| --: | --: |");
    for (size_t i = 0; i < page->diff.plan.count; i++)
        mpr_buf_puts(page->out, " --: |");
    mpr_buf_puts(page->out, " :-- | :-- |\n");
    for (size_t i = 0; i < function->row_count; i++)
        if (function->rows[i].shown)
            put_row(page, &function->rows[i]);
}

static bool is_other(const struct mpr_compared_function *function)
{
    return !function->shown &&
           (function->fate != MPR_FATE_SAME || function->renamed || function->moved);
}

static void put_others(struct page *page)
{
    const struct mpr_comparison *comparison = page->diff.comparison;
    size_t named = 0;
    for (size_t i = 0; i < comparison->function_count; i++) {
        const struct mpr_compared_function *function = &comparison->functions[i];
        if (!is_other(function) || named++ >= NAMED_MAX)
            continue;
        mpr_buf_printf(page->out, "%s%s ", named == 1 ? "\n" : ", ",
            function->renamed                 ? "renamed"
            : function->fate == MPR_FATE_SAME ? "moved"
                                              : mpr_fate_name(function->fate));
        put_function(page, function);
    }
    if (named > NAMED_MAX)
        mpr_buf_printf(page->out, " and %zu more", named - NAMED_MAX);
    mpr_buf_printf(page->out, "%s\n%zu function%s: the same in %zu.\n", named ? "\n" : "",
        comparison->function_count, comparison->function_count == 1 ? "" : "s",
        comparison->fates[MPR_FATE_SAME]);
}

static void put_site(struct page *page, const struct mpr_compared_site *compared)
{
    enum mpr_side side = compared->site[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    const struct mpr_profile_site *site = compared->site[side];
    struct mpr_figure figure = mpr_compared_size(page->diff.comparison, compared->growth);
    char cell[MPR_NUMBER_MAX + 4];
    mpr_text_figure(mpr_diff_text(&page->diff), &figure, cell);
    mpr_buf_printf(page->out, "| %s | ", cell);
    mpr_markdown_name(&page->markdown[side], site->function, true);
    if (site->file) {
        mpr_buf_putc(page->out, ' ');
        mpr_markdown_place(&page->markdown[side], site->file, site->line, true);
    }
    mpr_buf_puts(page->out, " |\n");
}

static void put_sites(struct page *page)
{
    const struct mpr_comparison *comparison = page->diff.comparison;
    size_t seen = 0;
    for (size_t i = 0; i < comparison->sites_shown; i++) {
        int64_t growth = comparison->sites[i].growth;
        if (growth == 0 || mpr_number_vanishes(mpr_magnitude(growth), &comparison->size))
            continue;
        if (seen++ == 0)
            mpr_buf_printf(page->out,
                "\n**Where memory is allocated, worst first**\n\n| %s | |\n| --: | :-- |\n",
                comparison->size.label);
        put_site(page, &comparison->sites[i]);
    }
}

static void put_head(struct page *page)
{
    const struct mpr_comparison *comparison = page->diff.comparison;
    mpr_buf_puts(page->out, "## Memory, ");
    mpr_markdown_code(later(page), comparison->name[MPR_BEFORE], false);
    mpr_buf_puts(page->out, " against ");
    mpr_markdown_code(later(page), comparison->name[MPR_AFTER], false);
    mpr_buf_putc(page->out, '\n');
    put_totals(page);
    if (page->diff.plan.has_sizes)
        mpr_buf_printf(page->out, "\nFigures below are changes, sizes: %s%s%s\n",
            comparison->size.label, page->diff.plan.has_times ? ", times: " : "",
            page->diff.plan.has_times ? comparison->time.label : "");
}

int mpr_compare_markdown(const struct mpr_comparison *comparison,
    const struct mpr_report_options *options, struct mpr_sink *sink, struct mpr_error *err)
{
    struct mpr_report_options plain = *options;
    struct page page = {.out = &sink->out};
    (void)err;
    plain.color = false;
    mpr_diff_init(&page.diff, comparison, &plain, &sink->out);
    for (size_t side = 0; side < MPR_SIDES; side++)
        page.markdown[side] = (struct mpr_markdown){page.diff.text[side], &sink->out};
    put_head(&page);
    for (size_t i = 0; i < comparison->function_count; i++)
        if (comparison->functions[i].shown)
            put_table(&page, &comparison->functions[i]);
    put_others(&page);
    put_sites(&page);
    return 0;
}
