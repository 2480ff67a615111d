/* SPDX-License-Identifier: MIT */
/* What stands below the tables of a comparison: functions without one, and allocation sites. */
#include <string.h>

#include "compare_text.h"

#define NAMES_MAX ((size_t)20)
#define PATH_WIDTH ((size_t)60)

static bool is_new(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_NEW && !function->shown;
}

static bool is_gone(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_GONE && !function->shown;
}

static bool is_renamed(const struct mpr_compared_function *function)
{
    return function->renamed && !function->shown;
}

static bool is_moved(const struct mpr_compared_function *function)
{
    return function->moved && !function->renamed && !function->shown;
}

static bool is_called_otherwise(const struct mpr_compared_function *function)
{
    return function->fate == MPR_FATE_CHANGED && !function->shown &&
           function->function[MPR_BEFORE]->calls != function->function[MPR_AFTER]->calls;
}

static void name(
    struct mpr_diff *diff, const struct mpr_compared_function *function, struct mpr_buf *out)
{
    const char *arrow = mpr_diff_arrow(diff);
    const struct mpr_profile_function *was = function->function[MPR_BEFORE];
    const struct mpr_profile_function *is = function->function[MPR_AFTER];
    if (was && (!is || function->renamed))
        mpr_text_name(mpr_diff_text(diff), was->qualname, out);
    if (was && is && function->renamed)
        mpr_buf_printf(out, " %s ", arrow);
    if (is)
        mpr_text_name(mpr_diff_text(diff), is->qualname, out);
    mpr_buf_putc(out, ' ');
    mpr_diff_place(diff, function, is ? MPR_AFTER : MPR_BEFORE, out);
}

/* "Moved: load orders.py:6, …" */
static void list(struct mpr_diff *diff, const char *label,
    bool (*belongs)(const struct mpr_compared_function *function))
{
    struct mpr_buf line;
    size_t count = 0;
    mpr_buf_init(&line);
    mpr_buf_printf(&line, "%s: ", label);
    for (size_t i = 0; i < diff->comparison->function_count; i++) {
        const struct mpr_compared_function *function = &diff->comparison->functions[i];
        if (!belongs(function) || count++ >= NAMES_MAX)
            continue;
        mpr_buf_puts(&line, count > 1 ? ", " : "");
        name(diff, function, &line);
    }
    if (count > NAMES_MAX)
        mpr_buf_printf(&line, " and %zu more", count - NAMES_MAX);
    if (count)
        mpr_diff_wrapped(diff, &line);
    else
        mpr_text_done(mpr_diff_text(diff), &line);
}

void mpr_diff_others(struct mpr_diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    mpr_buf_putc(mpr_diff_out(diff), '\n');
    list(diff, "New", is_new);
    list(diff, "Gone", is_gone);
    list(diff, "Renamed", is_renamed);
    list(diff, "Called otherwise", is_called_otherwise);
    list(diff, "Moved", is_moved);
    if (comparison->small) {
        struct mpr_buf line;
        mpr_buf_init(&line);
        mpr_buf_printf(&line, "%zu function%s changed by less than %s %s: --unit B shows %s",
            comparison->small, comparison->small == 1 ? "" : "s",
            mpr_number_half(&comparison->size), comparison->size.label,
            comparison->small == 1 ? "it" : "them");
        mpr_diff_wrapped(diff, &line);
    }
    struct mpr_buf line;
    size_t same = comparison->fates[MPR_FATE_SAME];
    mpr_buf_init(&line);
    if (same == comparison->function_count && comparison->site_count == 0 &&
        comparison->renamed + comparison->moved == 0)
        mpr_buf_printf(&line, "No difference in %zu function%s%s.", same, same == 1 ? "" : "s",
            comparison->heap_off ? "" : ", nor where memory is allocated");
    else
        mpr_buf_printf(&line, "%zu function%s: the same in %zu.", comparison->function_count,
            comparison->function_count == 1 ? "" : "s", same);
    mpr_diff_wrapped(diff, &line);
}

/* --- sites --- */

static void draw_site(struct mpr_diff *diff, const struct mpr_compared_site *compared)
{
    static const char *const labels[] = {"at the peak", "at the end"};
    enum mpr_side side = compared->site[MPR_AFTER] ? MPR_AFTER : MPR_BEFORE;
    const struct mpr_profile_site *site = compared->site[side];
    const struct mpr_profile_site *was = compared->site[MPR_BEFORE];
    const struct mpr_profile_site *is = compared->site[MPR_AFTER];
    const int64_t changes[] = {mpr_change(was ? was->live_at_peak : 0, is ? is->live_at_peak : 0),
        mpr_change(was ? was->live_at_end : 0, is ? is->live_at_end : 0)};
    struct mpr_text *text = &diff->text[side];
    if (!site)
        return;
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct mpr_figure figure = mpr_compared_size(diff->comparison, changes[i]);
        char cell[MPR_NUMBER_MAX + 4];
        mpr_text_figure(text, &figure, cell);
        mpr_diff_right(diff, cell, 12);
    }
    mpr_buf_puts(mpr_diff_out(diff), "  ");
    mpr_text_name(text, site->function, mpr_diff_out(diff));
    if (site->file) {
        mpr_buf_puts(mpr_diff_out(diff), "  ");
        mpr_text_path(text, site->file, PATH_WIDTH, mpr_diff_out(diff));
        mpr_buf_printf(mpr_diff_out(diff), ":%u", (unsigned)site->line);
    }
    if (site->domain != MPR_DOMAIN_PYTHON)
        mpr_buf_printf(mpr_diff_out(diff), "  %s", mpr_domain_name(site->domain));
    if (!was || !is)
        mpr_buf_printf(mpr_diff_out(diff), "  %s", was ? "gone" : "new");
    mpr_buf_putc(mpr_diff_out(diff), '\n');
}

void mpr_diff_sites(struct mpr_diff *diff)
{
    const struct mpr_comparison *comparison = diff->comparison;
    size_t seen = 0;
    for (size_t i = 0; i < comparison->sites_shown; i++) {
        const struct mpr_compared_site *site = &comparison->sites[i];
        if (site->growth == 0 ||
            mpr_number_vanishes(mpr_magnitude(site->growth), &comparison->size))
            continue;
        if (seen++ == 0)
            mpr_buf_printf(mpr_diff_out(diff),
                "\nWhere memory is allocated, worst first   %s\n%12s%12s\n", comparison->size.label,
                "At peak", "At end");
        draw_site(diff, site);
    }
}
